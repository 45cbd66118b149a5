using Beffroi.Intake.Failures;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Packs;

/// <summary>Keeps the set of records closed under references: nothing is stored that mentions what is not.</summary>
internal sealed class PackClosure(IRecordIndex index)
{
    // One look-up for as many ids as one question of an agent has; a pack of 8 MiB mentions at most 260,000.
    private const int BatchIds = ProtocolConstants.HaveIdsMax;

    /// <exception cref="Refusal">409 with the first ids that are missing.</exception>
    internal async Task DemandAsync(KnownDevice device, VerifiedPack pack, CancellationToken cancellationToken)
    {
        if (pack.Footer.Kind != PackKind.Catalogue) return;

        List<string> missing = [];
        foreach (var batch in OutsideOf(pack).Chunk(BatchIds))
        {
            var stored = await index.HaveAsync(device, batch, cancellationToken);
            for (var i = 0; i < batch.Length && missing.Count < ProtocolConstants.ListedIdsMax; i++)
            {
                if (!stored[i]) missing.Add(batch[i].ToString());
            }
        }
        if (missing.Count == 0) return;

        throw new Refusal(
            StatusCodes.Status409Conflict, ErrorCode.ReferencesMissing, retryable: false,
            $"Catalogue pack {pack.Id} mentions {missing.Count} records or more that the vault does not hold soundly "
                + $"under this device's secrets, such as {missing[0]}. The agent sends them and then this pack again.")
        {
            Missing = missing,
        };
    }

    /// <summary>The references that do not stand earlier in the pack itself.</summary>
    private static HashSet<RecordId> OutsideOf(VerifiedPack pack)
    {
        HashSet<RecordId> earlier = [];
        HashSet<RecordId> outside = [];
        for (var i = 0; i < pack.Headers.Count; i++)
        {
            outside.UnionWith(pack.Headers[i].References.Where(reference => !earlier.Contains(reference)));
            earlier.Add(pack.Footer.Entries[i].Id);
        }
        return outside;
    }
}

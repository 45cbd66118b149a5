using System.Buffers;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Stores;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Packs;

/// <summary>Receives packs: cheap refusals first, then the bytes, then every check, then the store, and the index
/// last.</summary>
internal sealed class PackIntake(
    IRecordIndex index, IBlobStore blobs, PackReception reception, PackClosure closure, IntakeMetrics metrics)
{
    private const int CompareBytes = 1 << 20;

    /// <summary>Stores the pack that is the request's body.</summary>
    /// <returns><see langword="false"/> if it was stored and indexed before.</returns>
    internal async Task<bool> StoreAsync(
        KnownDevice device, PackId id, HttpContext context, CancellationToken cancellationToken)
    {
        var length = RequestBodies.DemandLength(
            context.Request, PackLimits.HeaderBytes, PackLimits.BytesMax(PackKind.Data));
        var listed = await index.FindPackAsync(device.Vault, id, cancellationToken);
        // With damaged records about, even a listed pack is taken whole: the index may point at the damaged copy of a
        // record that this pack holds sound.
        var mayHeal = (await index.ListDamagedAsync(device, 1, cancellationToken)).Count > 0;
        if (listed is { IsQuarantined: false } && listed.Bytes == length && !mayHeal)
        {
            await RequestBodies.DrainAsync(context);
            return false;
        }

        if (listed is null) DemandQuota(device.Terms, length);
        using var received = await reception.ReceiveAsync(device.Id, context, length, cancellationToken);
        await StoreAsync(device, id, received.Bytes, listed, cancellationToken);
        metrics.StoredPack(length);
        return true;
    }

    private async Task StoreAsync(
        KnownDevice device, PackId id, ReadOnlyMemory<byte> bytes, ListedPack? listed,
        CancellationToken cancellationToken)
    {
        var pack = PackVerifier.Verify(bytes, id, device.Vault);
        DemandOwnSecrets(device, pack);
        await closure.DemandAsync(device, pack, cancellationToken);
        var name = BlobNames.Pack(device.Vault, id);
        if (listed is { IsQuarantined: true }) await blobs.ReplaceAsync(name, bytes, cancellationToken);
        else await PutAsync(name, bytes, cancellationToken);

        // Not cancelled: a stored pack that is not listed counts against no quota, and nobody ever sweeps it.
        await index.InsertPackAsync(device, pack, bytes.Length, CancellationToken.None);
    }

    /// <summary>Puts a pack that the index does not list. What lies there already, from an upload that was cut before
    /// it was indexed, has never been checked since: it stays only if it is the same.</summary>
    private async Task PutAsync(BlobName name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            if (await blobs.PutAsync(name, bytes, cancellationToken)) return;
            if (await IsStoredAsync(name, bytes, cancellationToken)) return;
        }
        catch (VaultException exception) when (exception.Code is ErrorCode.BlobConflict or ErrorCode.BlobUnreadable)
        {
            // Another length under this name can only be damage, as is what cannot be read: replaced below.
        }
        await blobs.ReplaceAsync(name, bytes, cancellationToken);
    }

    private async Task<bool> IsStoredAsync(
        BlobName name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CompareBytes);
        try
        {
            for (var offset = 0; offset < bytes.Length; offset += CompareBytes)
            {
                var expected = bytes.Slice(offset, Math.Min(CompareBytes, bytes.Length - offset));
                var stored = buffer.AsMemory(0, expected.Length);
                var count = await blobs.ReadAsync(name, offset, stored, cancellationToken);
                if (!stored.Span[..count].SequenceEqual(expected.Span)) return false;
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void DemandQuota(VaultTerms terms, int bytes)
    {
        if (terms.UsedBytes + bytes <= terms.QuotaBytes) return;

        throw new VaultException(
            ErrorCode.QuotaExceeded, retryable: false,
            $"The pack has {bytes} bytes, and the vault holds {terms.UsedBytes} of the {terms.QuotaBytes} it may "
                + "hold. What is stored stays; ask your operator for more room.");
    }

    private static void DemandOwnSecrets(KnownDevice device, VerifiedPack pack)
    {
        foreach (var secret in pack.Footer.Entries.Select(entry => entry.Secret).Distinct())
        {
            if (!device.Secrets.ContainsKey(secret))
                throw new VaultException(
                    ErrorCode.Forbidden, retryable: false,
                    $"Pack {pack.Id} has records under the secret {secret}, which is not device {device.Id}'s. "
                        + "Nothing was stored; enrol the computer again to get its secrets.");
        }
    }
}

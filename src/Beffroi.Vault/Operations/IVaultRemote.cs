using Beffroi.Vault.Packs;

namespace Beffroi.Vault.Operations;

/// <summary>The vault as a machine that backs up sees it: it can ask, and add. There is no verb to take away.</summary>
/// <remarks>Implemented over HTTP by the protocol's client and in memory by the tests. Called from one task at a time,
/// but a pack may be sent while another question is asked. Retrying what is worth it is the implementation's
/// work.</remarks>
public interface IVaultRemote
{
    /// <summary>Which of the records are stored, sound, and this machine's to refer to.</summary>
    /// <param name="ids">Any number.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <returns>One answer for each id, in order.</returns>
    ValueTask<bool[]> HaveAsync(IReadOnlyList<RecordId> ids, CancellationToken cancellationToken);

    /// <summary>Stores a pack. When it returns, the pack is durable and its records count as stored.</summary>
    /// <exception cref="VaultException">For instance <see cref="ErrorCode.QuotaExceeded"/> or
    /// <see cref="ErrorCode.StoreFull"/>.</exception>
    ValueTask PutPackAsync(BuiltPack pack, CancellationToken cancellationToken);
}

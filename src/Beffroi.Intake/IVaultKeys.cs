using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;

namespace Beffroi.Intake;

/// <summary>The operator's half of a vault's keys.</summary>
public interface IVaultKeys
{
    /// <summary>Opens the root key of a snapshot of the device's vault and seals it anew to the device. Written to the
    /// member's log before it happens.</summary>
    /// <param name="device">Who is to read it, and may: that is the caller's to know.</param>
    /// <param name="commit">The snapshot, of this device or another one of its vault.</param>
    /// <param name="purpose">For the log.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.SealUnopenable"/> or
    /// <see cref="ErrorCode.KeyFileMissing"/>.</exception>
    Task<HpkeSealed> ResealRootKeyAsync(
        KnownDevice device, Receipt commit, string purpose, CancellationToken cancellationToken);

    /// <summary>Writes into the operator's journal that a device was refused since it opens more of its history than
    /// <paramref name="perHourMax"/> snapshots.</summary>
    Task NoteManyOpenedAsync(KnownDevice device, int perHourMax, CancellationToken cancellationToken);
}

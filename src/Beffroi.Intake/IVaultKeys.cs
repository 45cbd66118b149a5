using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;

namespace Beffroi.Intake;

/// <summary>The operator's half of a vault's keys.</summary>
public interface IVaultKeys
{
    /// <summary>Opens the root key of one of the device's snapshots and seals it anew to the device. Written to the
    /// member's log before it happens.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.SealUnopenable"/> or
    /// <see cref="ErrorCode.KeyFileMissing"/>.</exception>
    Task<HpkeSealed> ResealRootKeyAsync(
        KnownDevice device, Receipt commit, string purpose, CancellationToken cancellationToken);

    /// <summary>Writes into the operator's journal that a device was refused since it opens more of its history than
    /// <paramref name="perHourMax"/> snapshots.</summary>
    Task NoteManyOpenedAsync(KnownDevice device, int perHourMax, CancellationToken cancellationToken);
}

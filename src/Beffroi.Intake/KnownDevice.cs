using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Intake;

/// <summary>An enrolled device with what its vault allows, as it stands at this moment.</summary>
/// <param name="Id">The device.</param>
/// <param name="Vault">The one vault it belongs to: no request names another.</param>
/// <param name="SignKey">Verifies its sessions and commits.</param>
/// <param name="SealKey">Root keys are sealed anew to it.</param>
/// <param name="IsRevoked">Whether every request is refused.</param>
/// <param name="LastSequence">Sequence of its last snapshot, 0 before the first.</param>
/// <param name="Terms">What the vault allows and demands.</param>
/// <param name="Secrets">The secrets whose records it may see and store, by their ordinal in the index.</param>
public sealed record KnownDevice(
    DeviceId Id, VaultId Vault, VerifyingKey SignKey, HpkePublicKey SealKey, bool IsRevoked,
    long LastSequence, SnapshotId? LastSnapshot, VaultTerms Terms, IReadOnlyDictionary<SecretId, short> Secrets);

/// <summary>What a vault allows and demands.</summary>
/// <param name="RecoveryKey">Every snapshot is sealed to it.</param>
/// <param name="ServiceKey">Every snapshot is sealed to it too; none where only the member has keys.</param>
public sealed record VaultTerms(KeyId RecoveryKey, KeyId? ServiceKey, long QuotaBytes, long UsedBytes);

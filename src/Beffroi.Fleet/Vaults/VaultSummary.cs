using Beffroi.Identity;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Fleet.Vaults;

/// <summary>A vault as an administrator sees it.</summary>
public sealed record VaultSummary(VaultId Id, MemberId Member, long QuotaBytes, long UsedBytes);

/// <summary>What is said of a new vault.</summary>
/// <param name="RecoveryKey">Public half of the key in the member's kit.</param>
public sealed record NewVault(VaultId Id, MemberId Member, HpkePublicKey RecoveryKey, long QuotaBytes);

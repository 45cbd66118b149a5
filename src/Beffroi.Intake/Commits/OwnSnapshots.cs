using Beffroi.Vault;
using Beffroi.Vault.Commits;

namespace Beffroi.Intake.Commits;

/// <summary>Finds a snapshot by the id in an address.</summary>
internal static class OwnSnapshots
{
    /// <exception cref="VaultException"><see cref="ErrorCode.NotFound"/>: no such snapshot of this device. Another
    /// device's and one that never was have the same answer.</exception>
    internal static async Task<Receipt> DemandAsync(
        this ICommitLedger ledger, KnownDevice device, string id, CancellationToken cancellationToken)
    {
        var receipt = Digest256.TryParse(id, out var snapshot)
            ? await ledger.FindAsync(device, new SnapshotId(snapshot), cancellationToken)
            : null;
        return receipt ?? throw new VaultException(
            ErrorCode.NotFound,
            retryable: false,
            $"This device has no snapshot '{id}'. 'beffroi snapshots' lists those it has.");
    }
}

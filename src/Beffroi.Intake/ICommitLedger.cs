using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Commits;

namespace Beffroi.Intake;

/// <summary>The snapshots of the devices.</summary>
public interface ICommitLedger
{
    /// <summary>Takes a device's turn to commit; who comes second waits. Commits that are durable but that the database
    /// does not know (the server died in between) are first taken over.</summary>
    Task<ICommitTurn> TakeTurnAsync(DeviceId device, CancellationToken cancellationToken);

    /// <summary>The snapshots of a device, newest first.</summary>
    Task<IReadOnlyList<SnapshotMessage>> ListAsync(DeviceId device, CancellationToken cancellationToken);

    /// <summary>The whole commit of one of the device's snapshots, or <see langword="null"/> if it has no
    /// such.</summary>
    Task<Receipt?> FindAsync(KnownDevice device, SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>Takes over what <see cref="TakeTurnAsync"/> would, for all devices.</summary>
    /// <returns>How many commits the database did not know.</returns>
    Task<int> ReconcileAsync(CancellationToken cancellationToken);
}

/// <summary>A device's turn; nobody else commits for it until it is disposed of.</summary>
public interface ICommitTurn : IAsyncDisposable
{
    /// <summary>The last commit, if there is one.</summary>
    Receipt? Last { get; }

    /// <summary>Makes the commit durable, then known. It follows on <see cref="Last"/>: the caller has checked
    /// that.</summary>
    /// <returns>The receipt that is stored from now on.</returns>
    Task<Receipt> AppendAsync(Receipt commit, CancellationToken cancellationToken);
}

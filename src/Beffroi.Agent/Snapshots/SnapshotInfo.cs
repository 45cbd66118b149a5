using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Snapshots;

/// <summary>A snapshot as a list shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sequence">Its number among the device's.</param>
/// <param name="Device">Which computer took it.</param>
/// <param name="Taken">When it ended, by the computer's clock.</param>
/// <param name="Received">When the server had it, by the server's clock.</param>
/// <param name="Files">Regular files.</param>
/// <param name="Directories">Directories.</param>
/// <param name="LogicalBytes">Length of the files.</param>
/// <param name="NewBytes">What it added to the vault.</param>
/// <param name="Unreadable">Files that could not be read.</param>
internal sealed record SnapshotInfo(
    SnapshotId Id, long Sequence, string Device, DateTimeOffset Taken, DateTimeOffset Received,
    long Files, long Directories, long LogicalBytes, long NewBytes, long Unreadable);

/// <summary>A snapshot whose catalogue can be read.</summary>
/// <param name="Info">What it is.</param>
/// <param name="Root">Its root, with the key.</param>
/// <param name="Records">Where its records come from.</param>
internal sealed record OpenSnapshot(SnapshotInfo Info, RecordRef Root, IRecordSource Records);

/// <summary>The snapshots that can be read from here: this device's through the server, or all of a vault with its
/// recovery key.</summary>
internal interface ISnapshots : IAsyncDisposable
{
    /// <summary>All of them, newest first.</summary>
    Task<IReadOnlyList<SnapshotInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Opens one of the list.</summary>
    Task<OpenSnapshot> OpenAsync(SnapshotInfo snapshot, CancellationToken cancellationToken);
}

/// <summary>Finds the snapshot that a person means.</summary>
internal static class SnapshotName
{
    /// <summary>The newest one.</summary>
    internal const string Latest = "latest";

    /// <summary>The snapshot with that id, the only one whose id starts so, or the newest for <c>latest</c>.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.SnapshotUnknown"/> or
    /// <see cref="ErrorCode.SnapshotAmbiguous"/>.</exception>
    internal static SnapshotInfo Find(IReadOnlyList<SnapshotInfo> newestFirst, string name)
    {
        if (newestFirst.Count == 0) throw Unknown("There is no snapshot yet. Take one with 'beffroi backup PATH'.");
        if (string.Equals(name, Latest, StringComparison.OrdinalIgnoreCase)) return newestFirst[0];
        var found = newestFirst.Where(
            snapshot => snapshot.Id.ToString().StartsWith(name, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw Unknown($"No snapshot's id starts with '{name}'. 'beffroi snapshots' lists them."),
            _ => throw new VaultException(ErrorCode.SnapshotAmbiguous, retryable: false,
                $"'{name}' is the start of {found.Count} snapshots. Give more of the id."),
        };
    }

    private static VaultException Unknown(string message) => new(ErrorCode.SnapshotUnknown, retryable: false, message);
}

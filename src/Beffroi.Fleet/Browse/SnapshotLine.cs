using Beffroi.Vault;

namespace Beffroi.Fleet.Browse;

/// <summary>A snapshot as a list shows it.</summary>
/// <param name="Sequence">Its number among the device's.</param>
/// <param name="ReceivedAt">By the server's clock, the only one to rely on.</param>
/// <param name="EndedAt">By the computer's clock.</param>
/// <param name="LogicalBytes">Length of its files.</param>
/// <param name="StoredBytes">What it added to the vault.</param>
/// <param name="Unreadable">Files that could not be read when it was taken.</param>
public sealed record SnapshotLine(
    SnapshotId Id, DeviceId Device, long Sequence, DateTimeOffset ReceivedAt, DateTimeOffset EndedAt, long Files,
    long Directories, long LogicalBytes, long StoredBytes, long Unreadable)
{
    internal static SnapshotLine Of(Vaults.Snapshot row) => new(
        row.Id, row.DeviceId, row.Sequence, row.ReceivedAt, row.EndedAt, row.Files, row.Directories, row.LogicalBytes,
        row.StoredBytes, row.Warnings);
}

/// <summary>Which of a device's snapshots are wanted, newest first.</summary>
/// <param name="From">First moment, by the server's clock.</param>
/// <param name="Until">First moment that is too late.</param>
/// <param name="BeforeSequence">Sequence of the last one that was shown, to go on after it.</param>
/// <param name="CountMax">How many, at most <see cref="CountLimit"/>.</param>
public sealed record SnapshotQuery(
    DeviceId Device, DateTimeOffset? From = null, DateTimeOffset? Until = null, long? BeforeSequence = null,
    int CountMax = 50)
{
    /// <summary>Longest page: three years of nights.</summary>
    public const int CountLimit = 1100;
}

/// <summary>A page of a device's snapshots.</summary>
/// <param name="NextBeforeSequence">Asks for the page after; none at the end.</param>
public sealed record SnapshotPage(IReadOnlyList<SnapshotLine> Snapshots, long? NextBeforeSequence);

using Beffroi.Identity;
using Beffroi.Vault;

namespace Beffroi.Fleet.Orders;

/// <summary>What a device is asked to do.</summary>
public enum OrderKind
{
    /// <summary>Back up now, whatever the plan's hours are.</summary>
    Backup,

    /// <summary>Bring files of one of its snapshots back.</summary>
    Restore,
}

/// <summary>How far an order is. It only goes down this list.</summary>
public enum OrderState
{
    /// <summary>The device has not heard of it yet.</summary>
    Asked,

    /// <summary>The device has it, and begins when what runs there has ended.</summary>
    Taken,

    Running,
    Done,
    Failed,

    /// <summary>The device did not come in time.</summary>
    Expired,

    /// <summary>Somebody took it back.</summary>
    CalledBack,
}

/// <summary>Where files are restored to.</summary>
public enum RestoreTarget
{
    /// <summary>Where they were; on the device that had them only.</summary>
    Original,

    /// <summary>Below a folder, by their full path.</summary>
    Folder,
}

/// <summary>What happens to files that exist and differ.</summary>
public enum RestoreConflict
{
    /// <summary>The restored one gets another name.</summary>
    KeepBoth,

    /// <summary>The restored one takes its place.</summary>
    Replace,

    /// <summary>It stays, and nothing is restored there.</summary>
    Skip,
}

/// <summary>A restore to a device, of its own snapshot or of another one's of the same member.</summary>
/// <param name="Paths">As the snapshot has them, with slashes; none: everything.</param>
/// <param name="Folder">Full path on the device, for <see cref="RestoreTarget.Folder"/>.</param>
public sealed record RestoreRequest(
    SnapshotId Snapshot, IReadOnlyList<string> Paths, RestoreTarget Target, string? Folder, RestoreConflict Conflict)
{
    /// <summary>The device that took the snapshot, where it is another one. The desk finds that out.</summary>
    public DeviceId? From { get; init; }
}

/// <summary>An order as a list and its page show it.</summary>
/// <param name="AskedBy">For people to read.</param>
/// <param name="Code">Why it failed, as in docs/errors.md.</param>
/// <param name="Message">What the agent said, in English, for the support.</param>
/// <param name="Run">The backup that it made.</param>
public sealed record OrderSummary(
    Guid Id, DeviceId Device, MemberId Member, OrderKind Kind, OrderState State, string AskedBy,
    DateTimeOffset AskedAt, DateTimeOffset ExpiresAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
    RestoreRequest? Restore, OrderNumbers Numbers, Guid? Run, string? Code, string? Message,
    IReadOnlyList<string> Details);

/// <summary>How far an order is, in numbers.</summary>
/// <param name="At">When the device last said so.</param>
public sealed record OrderNumbers(
    long Files, long FilesTotal, long Bytes, long BytesTotal, long Problems, DateTimeOffset? At);

/// <summary>What came of asking.</summary>
public abstract record OrderOutcome
{
    /// <summary>The device takes it up at its next check-in.</summary>
    public sealed record Asked(OrderSummary Order) : OrderOutcome;

    /// <summary>The same is asked for already.</summary>
    public sealed record AskedBefore(OrderSummary Order) : OrderOutcome;

    /// <summary>It makes no sense.</summary>
    public sealed record Invalid(OrderFault Fault) : OrderOutcome;
}

/// <summary>What can be wrong with an order.</summary>
public enum OrderFault
{
    /// <summary>The device is shut out.</summary>
    DeviceRevoked,

    /// <summary>The snapshot is of no device of the member's.</summary>
    SnapshotUnknown,

    /// <summary>Another device's files are to go where they were there.</summary>
    PlaceForeign,

    /// <summary>A path that no snapshot can have, or too many of them.</summary>
    PathInvalid,

    /// <summary>The folder is no full path.</summary>
    FolderInvalid,

    /// <summary>Somebody from outside asks, without a consent of the member's référent that holds.</summary>
    ConsentMissing,

    /// <summary>As many orders wait for the device as may.</summary>
    TooMany,
}

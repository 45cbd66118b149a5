using Beffroi.Vault;

namespace Beffroi.Fleet.Retention;

/// <summary>A snapshot as the rules see it.</summary>
/// <param name="ReceivedAt">By the server's clock: a machine's clock keeps nothing and drops nothing.</param>
public sealed record RetainedSnapshot(
    SnapshotId Id, long Sequence, DateTimeOffset ReceivedAt, SnapshotWorth Worth = SnapshotWorth.Good);

/// <summary>One reason to keep a snapshot.</summary>
/// <param name="Rank">Its place among those that the rule keeps, 1 for the newest.</param>
/// <param name="Period">First day of the year, month or day that it stands for.</param>
public sealed record KeepReason(KeepRule Rule, int Rank, DateOnly? Period = null);

/// <summary>What becomes of a snapshot.</summary>
/// <param name="Day">Day on which it was received, where the members live.</param>
/// <param name="Reasons">Why it is kept; none for one that no rule needs.</param>
public sealed record SnapshotVerdict(RetainedSnapshot Snapshot, DateOnly Day, IReadOnlyList<KeepReason> Reasons)
{
    /// <summary>Whether a rule keeps it.</summary>
    public bool IsKept => Reasons.Count > 0;
}

/// <summary>A day of the calendar that has snapshots.</summary>
/// <param name="Snapshots">Newest first.</param>
public sealed record RetentionDay(DateOnly Day, IReadOnlyList<SnapshotVerdict> Snapshots);

/// <summary>How far a class is filled.</summary>
/// <param name="Wanted">How many the policy asks for.</param>
/// <param name="Kept">How many there are.</param>
public sealed record ClassFill(KeepRule Rule, int Wanted, int Kept);

/// <summary>Which snapshots of a device the rules keep, and why. A verdict: nothing is deleted by it.</summary>
/// <param name="Days">Days with snapshots, newest first.</param>
/// <param name="Classes">How far each class of the policy is filled.</param>
public sealed record RetentionVerdict(IReadOnlyList<RetentionDay> Days, IReadOnlyList<ClassFill> Classes);

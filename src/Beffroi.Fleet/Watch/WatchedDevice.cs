using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Runs;
using Beffroi.Identity;
using Beffroi.Vault;

namespace Beffroi.Fleet.Watch;

/// <summary>A device on the board.</summary>
/// <param name="LastGoodAt">When the newest snapshot was received; none: never.</param>
/// <param name="LastSeenAt">When the device last spoke to the server, whatever for.</param>
/// <param name="NextRunAt">When it means to run next, if its daemon said so.</param>
/// <param name="Findings">What is not well, worst first.</param>
/// <param name="Acknowledged">Notes on findings that may wait.</param>
public sealed record WatchedDevice(
    DeviceId Id, MemberId Member, string Name, DeviceKind Kind, WatchState State, DateTimeOffset EnrolledAt,
    DateTimeOffset? LastGoodAt, DateTimeOffset? LastSeenAt, DateTimeOffset? NextRunAt, RunOutcome? LastOutcome,
    IReadOnlyList<WatchFinding> Findings, IReadOnlyList<AcknowledgedFinding> Acknowledged)
{
    /// <summary>The state without the findings that somebody acknowledged: what the morning's work is.</summary>
    public WatchState OpenState =>
        WatchRules.StateOf(Findings.Where(finding => !Acknowledged.Any(note => note.Reason == finding.Reason)));
}

/// <summary>A finding that may wait.</summary>
public sealed record AcknowledgedFinding(
    WatchReason Reason, string Note, string By, DateTimeOffset At, DateTimeOffset Until);

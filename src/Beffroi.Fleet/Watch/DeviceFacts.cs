using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Runs;

namespace Beffroi.Fleet.Watch;

/// <summary>All that the verdict on a device is made of.</summary>
/// <param name="LastGoodAt">When the server received the newest snapshot.</param>
/// <param name="UsualNewBytes">Mean of what the good runs before the newest added; none with fewer than five.</param>
/// <param name="Uncovered">How many folders and databases outside of the plan nobody has decided about.</param>
/// <param name="UncoveredSince">When the first of them was found.</param>
internal sealed record DeviceFacts(
    DeviceKind Kind, DateTimeOffset EnrolledAt, DateTimeOffset? LastGoodAt, LastRun? LastRun, double? UsualNewBytes,
    long QuotaBytes, long UsedBytes, string AgentVersion, TimeSpan? ClockAhead, DateTimeOffset? DuplicateSince,
    int UnsentRuns, int Uncovered, DateTimeOffset? UncoveredSince);

/// <summary>The newest run of a device.</summary>
internal sealed record LastRun(
    RunOutcome Outcome, DateTimeOffset Started, string? Code, long Unreadable, long LogicalBytes, long NewBytes,
    IReadOnlyList<string> Refused, RunTraces? Traces);

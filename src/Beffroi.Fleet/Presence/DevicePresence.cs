using Beffroi.Identity;
using Beffroi.Vault;

namespace Beffroi.Fleet.Presence;

/// <summary>What a computer runs on.</summary>
public enum PowerSource
{
    Unknown,
    Mains,
    Battery,
}

/// <summary>What its connection costs.</summary>
public enum LinkCost
{
    Unknown,
    Free,
    Metered,
}

/// <summary>What a device's daemon last said of itself.</summary>
/// <param name="At">When, by the server's clock.</param>
/// <param name="ClockAhead">By how much the device's clock is ahead of the server's.</param>
/// <param name="KnownPlan">Revision of the plan that the device has; 0 for none.</param>
/// <param name="NextRun">When it means to run next, by the server's clock.</param>
/// <param name="WaitsFor">Why not now, see docs/format/protocol.md §7.1.</param>
/// <param name="UnsentRuns">Reports that it still has to send.</param>
/// <param name="Duplicate">Two computers live under its identity; null when all is well.</param>
public sealed record DevicePresence(
    DeviceId Device, MemberId Member, DateTimeOffset At, string AgentVersion, string Platform, string System,
    string HostName, TimeSpan ClockAhead, PowerSource Power, int? BatteryPercent, LinkCost Link, long KnownPlan,
    DateTimeOffset? NextRun, string? WaitsFor, int UnsentRuns, RunningWork? Running, DuplicateDevice? Duplicate);

/// <summary>What a device works at.</summary>
/// <param name="IsRestore">A restore; else a backup.</param>
public sealed record RunningWork(
    Guid Run, bool IsRestore, Guid? Order, DateTimeOffset Started, long Files, long? FilesTotal, long Bytes,
    long? BytesTotal);

/// <summary>Two computers that show the same identity: a cloned disk, or a restored virtual machine.</summary>
/// <param name="Since">When it was noticed.</param>
/// <param name="HostNames">The names under which they were seen; one, when the copy kept it.</param>
public sealed record DuplicateDevice(DateTimeOffset Since, IReadOnlyList<string> HostNames);

/// <summary>One life of a device's daemon: from one start to the next. Of one computer they follow each other; of two
/// they overlap.</summary>
/// <param name="HostName">The computer's own name then.</param>
/// <param name="Booted">When the computer was switched on, by its own clock.</param>
public sealed record DeviceLife(
    string HostName, DateTimeOffset? Booted, DateTimeOffset FirstSeen, DateTimeOffset LastSeen);

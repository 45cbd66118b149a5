using Beffroi.Protocol;

namespace Beffroi.Agent.Daemon;

/// <summary>What this device backs up, when, and how gently, as far as it could be read
/// (docs/format/protocol.md §7.2).</summary>
internal sealed record Plan(
    long Revision, TimeZoneInfo Zone, PlanScope Scope, PlanHours Hours, PlanPace Pace, DriftMessage Drift);

/// <summary>What is backed up.</summary>
internal sealed record PlanScope(
    IReadOnlyList<string> Include, IReadOnlyList<string> Exclude, bool DefaultExclusions,
    IReadOnlyList<DumpMessage> Dumps);

/// <summary>When: within a window of each day, or all day at an interval.</summary>
internal abstract record PlanHours;

/// <summary>Once a day.</summary>
/// <param name="End">Before <paramref name="Start"/>: on the next day.</param>
/// <param name="CatchUp">How long after the window a missed run may start; null for never.</param>
internal sealed record DailyWindow(TimeOnly Start, TimeOnly End, TimeSpan? CatchUp) : PlanHours;

/// <summary>All day, from one run's start to the next.</summary>
internal sealed record Continuous(TimeSpan Every) : PlanHours;

/// <summary>How gently.</summary>
internal sealed record PlanPace(
    TimeSpan Jitter, TimeSpan RetryFirst, TimeSpan RetryMax, bool OnBattery, int BatteryMinPercent, bool OnMetered,
    IReadOnlyList<Throttle> Throttles);

/// <summary>A limit of the upload at some hours.</summary>
internal sealed record Throttle(TimeOnly From, TimeOnly To, IReadOnlySet<DayOfWeek> Days, long BytesPerSecond)
{
    /// <summary>Whether it holds at a local time. One that passes midnight belongs to the day on which it
    /// began.</summary>
    internal bool HoldsAt(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        if (From < To) return time >= From && time < To && Days.Contains(local.DayOfWeek);
        return time >= From ? Days.Contains(local.DayOfWeek)
            : time < To && Days.Contains(local.AddDays(-1).DayOfWeek);
    }
}

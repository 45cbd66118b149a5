namespace Beffroi.Fleet.Plans;

/// <summary>What a device backs up, when, and how gently.</summary>
/// <param name="TimeZone">IANA name; every time of day of the plan is meant there.</param>
public sealed record PlanContent(
    string TimeZone, PlanScope Scope, PlanSchedule Schedule, PlanPace Pace, DriftThreshold Drift);

/// <summary>What is backed up: what the référent signs off.</summary>
/// <param name="Include">Full paths, with the device's own separators.</param>
/// <param name="Exclude">Patterns of what is left out: a name (<c>*.iso</c>) or a path.</param>
/// <param name="DefaultExclusions">Whether caches, temporary files and the like are left out.</param>
/// <param name="Dumps">Databases that are written into files first.</param>
public sealed record PlanScope(
    IReadOnlyList<string> Include, IReadOnlyList<string> Exclude, bool DefaultExclusions,
    IReadOnlyList<DatabaseDump> Dumps);

/// <summary>The kinds of databases that an agent knows how to write into a file.</summary>
public enum DumpKind
{
    PostgreSql,
    MySql,
    SqlServer,
    Firebird,

    /// <summary>A command that the device's own <c>agent.json</c> has under the dump's name.</summary>
    Custom,
}

/// <summary>A database to write into a file before the backup. Passwords never stand here: the device has
/// them.</summary>
/// <param name="FailsRun">Whether the run fails when the dump does; else it ends with a warning.</param>
public sealed record DatabaseDump(
    string Name, DumpKind Kind, string? Database, string? Host, int? Port, string? User, TimeSpan Timeout,
    bool FailsRun);

/// <summary>How a device finds its time to run.</summary>
public enum ScheduleMode
{
    /// <summary>Once a day, within a window.</summary>
    Window,

    /// <summary>All day at an interval, from the moment on that there is a connection.</summary>
    Continuous,
}

/// <summary>When a device runs. Its first good run of a year, a month and a day is the year's, the month's and the
/// day's.</summary>
/// <param name="WindowStart">With a window: from when, in local time.</param>
/// <param name="WindowEnd">With a window: to when; before the start, it is on the next day.</param>
/// <param name="CatchUpHours">With a window: for how many hours after it a missed run may start; null: not.</param>
/// <param name="EveryMinutes">Without a window: from one run's start to the next.</param>
public sealed record PlanSchedule(
    ScheduleMode Mode, TimeOnly? WindowStart, TimeOnly? WindowEnd, int? CatchUpHours, int? EveryMinutes)
{
    /// <summary>Once a day between two times.</summary>
    public static PlanSchedule Within(TimeOnly start, TimeOnly end, int? catchUpHours) =>
        new(ScheduleMode.Window, start, end, catchUpHours, EveryMinutes: null);

    /// <summary>All day at an interval.</summary>
    public static PlanSchedule Every(int minutes) =>
        new(ScheduleMode.Continuous, WindowStart: null, WindowEnd: null, CatchUpHours: null, minutes);
}

/// <summary>How gently a device runs.</summary>
/// <param name="JitterMinutes">Over how long the devices of one plan spread their starts.</param>
/// <param name="RetryFirstMinutes">Pause after a first failure; it doubles with each further one.</param>
/// <param name="RetryMaxMinutes">Longest such pause.</param>
/// <param name="OnBattery">Whether to run without mains, above <paramref name="BatteryMinPercent"/>.</param>
/// <param name="OnMetered">Whether to run over a link that is paid by volume.</param>
public sealed record PlanPace(
    int JitterMinutes, int RetryFirstMinutes, int RetryMaxMinutes, bool OnBattery, int BatteryMinPercent,
    bool OnMetered, IReadOnlyList<ThrottleWindow> Throttles);

/// <summary>A limit of the upload at some hours.</summary>
public sealed record ThrottleWindow(
    TimeOnly From, TimeOnly To, IReadOnlyList<DayOfWeek> Days, double MegabitsPerSecond);

/// <summary>From what size on a folder that no plan covers is worth a word.</summary>
public sealed record DriftThreshold(long FolderBytesMin, long FolderFilesMin);

using Beffroi.Fleet.Devices;

namespace Beffroi.Fleet.Plans;

/// <summary>The plans that the levels of service begin with; a person adapts them to the device.</summary>
/// <remarks>Every level has the classes yearly, monthly and daily incremental, three versions of each (mission BK06,
/// BK07): classes follow from the days of the runs, so they are the same everywhere. Computers of a town hall are
/// switched off at night: theirs is the lunch break, with catch-up; a server has 23 h to 5 h; a laptop runs when it
/// finds a connection (BK14).</remarks>
public static class PlanPresets
{
    /// <summary>How many versions of each class are kept.</summary>
    public const int VersionsOfEachClass = 3;

    /// <summary>The time of day of the members.</summary>
    public const string TimeZone = "Europe/Paris";

    /// <summary>The plan to propose for a device.</summary>
    /// <param name="level">Level of service, 1 to 3.</param>
    /// <param name="platform">The device's, as it said at its enrolment.</param>
    public static PlanContent For(int level, DeviceKind kind, string platform) => new(
        TimeZone, ScopeOf(kind, IsWindows(platform)), ScheduleOf(kind), PaceOf(level, kind),
        // A year of a small town's documents; less is nobody's new database.
        new DriftThreshold(FolderBytesMin: 1_000_000_000, FolderFilesMin: 5_000));

    private static bool IsWindows(string platform) => platform.StartsWith("win", StringComparison.OrdinalIgnoreCase);

    private static PlanScope ScopeOf(DeviceKind kind, bool isWindows) => new(
        (kind, isWindows) switch
        {
            (DeviceKind.Server, true) => [@"C:\Users", @"D:\"],
            (_, true) => [@"C:\Users"],
            (DeviceKind.Server, false) => ["/home", "/srv"],
            (_, false) => ["/home"],
        },
        Exclude: [], DefaultExclusions: true, Dumps: []);

    private static PlanSchedule ScheduleOf(DeviceKind kind) => kind switch
    {
        DeviceKind.Laptop => PlanSchedule.Every(minutes: 240),
        DeviceKind.Server => PlanSchedule.Within(new TimeOnly(23, 0), new TimeOnly(5, 0), catchUpHours: null),
        _ => PlanSchedule.Within(new TimeOnly(12, 0), new TimeOnly(14, 0), catchUpHours: 22),
    };

    private static PlanPace PaceOf(int level, DeviceKind kind) => new(
        JitterMinutes: kind == DeviceKind.Server ? 120 : 45,
        RetryFirstMinutes: 5,
        RetryMaxMinutes: 240,
        OnBattery: kind != DeviceKind.Server,
        BatteryMinPercent: 40,
        OnMetered: false,
        Throttles: level >= 2 && kind != DeviceKind.Server ? [OfficeHours] : []);

    // Several computers share the line that the counter works over: half of a small ADSL upload.
    private static ThrottleWindow OfficeHours { get; } = new(
        new TimeOnly(8, 0), new TimeOnly(18, 0),
        [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday],
        MegabitsPerSecond: 5);
}

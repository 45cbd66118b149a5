using System.Text.RegularExpressions;

namespace Beffroi.Fleet.Plans;

/// <summary>Finds everything that is wrong with a plan, before a device gets it.</summary>
public static partial class PlanCheck
{
    private const int ItemsMax = 200;
    private const int CharactersMax = 500; // 200 paths of that length are a message of 100 KB at most, one way.
    private const int DumpsMax = 20;
    private const int ThrottlesMax = 20;

    /// <summary>What is wrong; nothing when the plan may be pushed.</summary>
    public static IReadOnlyList<PlanFault> FaultsOf(PlanContent plan) =>
        [.. ScopeFaults(plan.Scope), .. ScheduleFaults(plan), .. PaceFaults(plan.Pace), .. DriftFaults(plan.Drift)];

    private static IEnumerable<PlanFault> ScopeFaults(PlanScope scope)
    {
        if (scope.Include.Count + scope.Dumps.Count == 0) yield return new(PlanFaultKind.ScopeEmpty, "include");
        if (scope.Include.Count > ItemsMax) yield return new(PlanFaultKind.TooMany, "include");
        if (scope.Exclude.Count > ItemsMax) yield return new(PlanFaultKind.TooMany, "exclude");
        if (scope.Dumps.Count > DumpsMax) yield return new(PlanFaultKind.TooMany, "dumps");
        foreach (var path in scope.Include.Where(path => !IsFullPath(path)))
            yield return new(PlanFaultKind.PathInvalid, path);
        foreach (var pattern in scope.Exclude.Where(pattern => !IsText(pattern)))
            yield return new(PlanFaultKind.PatternInvalid, pattern);
        foreach (var dump in scope.Dumps.Where(dump => !IsSound(dump)))
            yield return new(PlanFaultKind.DumpInvalid, dump.Name);
        foreach (var name in scope.Dumps.GroupBy(dump => dump.Name, StringComparer.OrdinalIgnoreCase)
            .Where(same => same.Count() > 1))
            yield return new(PlanFaultKind.DumpTwice, name.Key);
    }

    private static IEnumerable<PlanFault> ScheduleFaults(PlanContent plan)
    {
        var schedule = plan.Schedule;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(plan.TimeZone, out _))
            yield return new(PlanFaultKind.TimeZoneUnknown, plan.TimeZone);
        if (schedule.Mode == ScheduleMode.Continuous)
        {
            if (schedule.EveryMinutes is not (>= 1 and <= 7 * 1440)) yield return Number("everyMinutes");
            yield break;
        }
        if (schedule.WindowStart is null || schedule.WindowEnd is null || schedule.WindowStart == schedule.WindowEnd)
            yield return new(PlanFaultKind.WindowInvalid, "window");
        if (schedule.CatchUpHours is < 0 or > 7 * 24) yield return Number("catchUpHours");
    }

    private static IEnumerable<PlanFault> PaceFaults(PlanPace pace)
    {
        if (pace.JitterMinutes is < 0 or > 720) yield return Number("jitterMinutes");
        if (pace.RetryFirstMinutes is < 1 or > 1440) yield return Number("retryFirstMinutes");
        if (pace.RetryMaxMinutes < pace.RetryFirstMinutes || pace.RetryMaxMinutes > 1440)
            yield return Number("retryMaxMinutes");
        if (pace.BatteryMinPercent is < 0 or > 100) yield return Number("batteryMinPercent");
        if (pace.Throttles.Count > ThrottlesMax) yield return new(PlanFaultKind.TooMany, "throttles");
        foreach (var throttle in pace.Throttles)
        {
            if (throttle.Days.Count == 0 || throttle.From == throttle.To)
                yield return new(PlanFaultKind.ThrottleInvalid, "throttles");
            if (throttle.MegabitsPerSecond is not (>= 0.01 and <= 100_000)) yield return Number("megabitsPerSecond");
        }
    }

    private static IEnumerable<PlanFault> DriftFaults(DriftThreshold drift)
    {
        if (drift.FolderBytesMin < 1) yield return Number("folderBytesMin");
        if (drift.FolderFilesMin < 1) yield return Number("folderFilesMin");
    }

    private static PlanFault Number(string name) => new(PlanFaultKind.NumberInvalid, name);

    private static bool IsText(string text) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= CharactersMax && !text.Any(char.IsControl);

    // Of either system: which one a device has shows when it takes the plan.
    private static bool IsFullPath(string path) => IsText(path)
        && (path[0] == '/' || DrivePath().IsMatch(path) || path.StartsWith(@"\\", StringComparison.Ordinal))
        && !path.Split('/', '\\').Contains("..");

    private static bool IsSound(DatabaseDump dump) =>
        Argument().IsMatch(dump.Name) && dump.Name.Length <= 60
        && IsArgument(dump.Host) && IsArgument(dump.User) && dump.Port is null or (> 0 and < 65536)
        && dump.Timeout >= TimeSpan.FromSeconds(1) && dump.Timeout <= TimeSpan.FromDays(1)
        && (dump.Kind == DumpKind.Custom || !string.IsNullOrEmpty(dump.Database))
        && (dump.Kind == DumpKind.Firebird
            ? dump.Database is { } file && FilePath().IsMatch(file) : IsArgument(dump.Database));

    private static bool IsArgument(string? text) => text is null || (Argument().IsMatch(text) && text.Length <= 200);

    // It becomes an argument of a program: it must not start like an option.
    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Argument();

    [GeneratedRegex(@"^(/|[A-Za-z]:[\\/])[A-Za-z0-9._/\\ -]{1,400}\z", RegexOptions.CultureInvariant)]
    private static partial Regex FilePath();

    [GeneratedRegex(@"^[A-Za-z]:[\\/]", RegexOptions.CultureInvariant)]
    private static partial Regex DrivePath();
}

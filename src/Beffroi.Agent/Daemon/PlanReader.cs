using System.Globalization;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Daemon;

/// <summary>Reads a plan from the wire. All or nothing: half a plan would be a backup that nobody planned.</summary>
internal static class PlanReader
{
    private const int MinutesMax = 7 * 1440;

    /// <exception cref="VaultException"><see cref="ErrorCode.PlanUnusable"/>, naming what cannot be read.</exception>
    internal static Plan Read(PlanMessage message) => new(
        message.Revision, PlanZone.Find(message.TimeZone), ScopeOf(message.Scope), HoursOf(message.Schedule),
        PaceOf(message.Pace), message.Drift);

    private static PlanScope ScopeOf(ScopeMessage scope)
    {
        foreach (var path in scope.Include)
            if (!Path.IsPathFullyQualified(path)) throw Unusable($"'{path}' is no full path on this system");
        foreach (var dump in scope.Dumps)
        {
            if (dump.Kind is not ("postgresql" or "mysql" or "sqlserver" or "firebird" or "custom"))
                throw Unusable($"it does not know dumps of kind '{dump.Kind}'");
            if (dump.Name.Length == 0 || dump.Name.AsSpan().ContainsAnyExcept(s_nameCharacters))
                throw Unusable($"'{dump.Name}' is no name of a dump");
        }
        return new PlanScope(scope.Include, scope.Exclude, scope.DefaultExclusions, scope.Dumps);
    }

    private static readonly System.Buffers.SearchValues<char> s_nameCharacters = System.Buffers.SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    private static PlanHours HoursOf(ScheduleMessage schedule) => schedule switch
    {
        { Mode: "continuous", EveryMinutes: >= 1 and <= MinutesMax } => new Continuous(
            TimeSpan.FromMinutes(schedule.EveryMinutes.Value)),
        { Mode: "window", WindowStart: { } start, WindowEnd: { } end } when start != end => new DailyWindow(
            Time(start), Time(end),
            schedule.CatchUpHours is { } hours ? TimeSpan.FromHours(Math.Clamp(hours, 0, 7 * 24)) : null),
        _ => throw Unusable($"it does not know schedules of mode '{schedule.Mode}' with these hours"),
    };

    private static PlanPace PaceOf(PaceMessage pace) => new(
        Minutes(pace.JitterMinutes), Minutes(Math.Max(1, pace.RetryFirstMinutes)),
        Minutes(Math.Max(pace.RetryFirstMinutes, pace.RetryMaxMinutes)), pace.OnBattery, pace.BatteryMinPercent,
        pace.OnMetered, [.. pace.Throttles.Select(ThrottleOf)]);

    private static Throttle ThrottleOf(ThrottleMessage throttle) => new(
        Time(throttle.From), Time(throttle.To), throttle.Days.Select(DayOf).ToHashSet(),
        Math.Max(1, (long)(throttle.MegabitsPerSecond * 1_000_000 / 8)));

    private static DayOfWeek DayOf(string name) =>
        Enum.TryParse<DayOfWeek>(name, ignoreCase: true, out var day) && !char.IsAsciiDigit(name[0])
            ? day : throw Unusable($"'{name}' is no day");

    private static TimeOnly Time(string text) =>
        TimeOnly.TryParseExact(text, "HH':'mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time : throw Unusable($"'{text}' is no time of day");

    private static TimeSpan Minutes(int minutes) => TimeSpan.FromMinutes(Math.Clamp(minutes, 0, MinutesMax));

    private static VaultException Unusable(string why) => new(
        ErrorCode.PlanUnusable, retryable: false,
        $"This computer cannot carry out the plan from the server: {why}. The plan before it stays in force. Update "
        + "the agent, or have the plan corrected in the portal.");
}

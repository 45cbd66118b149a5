namespace Beffroi.Agent.Daemon;

/// <summary>One day's window in time. A window that passes midnight is that of the day on which it opened.</summary>
internal readonly record struct PlanWindow(DateOnly Day, DateTimeOffset Open, DateTimeOffset Close)
{
    /// <summary>The window of a day.</summary>
    internal static PlanWindow Of(DailyWindow hours, TimeZoneInfo zone, DateOnly day)
    {
        var open = zone.FirstInstant(day, hours.Start);
        var close = zone.LastInstant(hours.End > hours.Start ? day : day.AddDays(1), hours.End);
        // 02:15 to 02:45 on the day on which clocks jump from 2 to 3: nothing is left of it but its length.
        return new PlanWindow(day, open, close > open ? close : open + (hours.End - hours.Start));
    }

    /// <summary>The one that opened last.</summary>
    internal static PlanWindow LastOpened(DailyWindow hours, TimeZoneInfo zone, DateTimeOffset now)
    {
        var day = zone.DayOf(now);
        var window = Of(hours, zone, day);
        for (; window.Open > now; window = Of(hours, zone, day)) day = day.AddDays(-1);
        return window;
    }
}

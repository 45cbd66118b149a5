namespace Beffroi.Agent.Daemon;

/// <summary>Time zones by their IANA names, and times of day in them.</summary>
internal static class PlanZone
{
    // Windows knows other names, and without ICU .NET does not translate. France's own, overseas included.
    private static readonly Dictionary<string, string> s_windowsNames = new(StringComparer.Ordinal)
    {
        ["Europe/Paris"] = "Romance Standard Time",
        ["America/Guadeloupe"] = "SA Western Standard Time",
        ["America/Martinique"] = "SA Western Standard Time",
        ["America/Cayenne"] = "SA Eastern Standard Time",
        ["America/Miquelon"] = "Saint Pierre Standard Time",
        ["Indian/Reunion"] = "Mauritius Standard Time",
        ["Indian/Mayotte"] = "E. Africa Standard Time",
        ["Pacific/Noumea"] = "Central Pacific Standard Time",
        ["Pacific/Tahiti"] = "Hawaiian Standard Time",
    };

    /// <summary>The zone of that name; this computer's own, where the system does not know it: a plan at the wrong hour
    /// is better than none.</summary>
    internal static TimeZoneInfo Find(string name)
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)) return zone;
        return s_windowsNames.TryGetValue(name, out var windows)
            && TimeZoneInfo.TryFindSystemTimeZoneById(windows, out zone) ? zone : TimeZoneInfo.Local;
    }

    /// <summary>The first instant at which clocks show this time or, where they jump over it in spring, a later
    /// one.</summary>
    internal static DateTimeOffset FirstInstant(this TimeZoneInfo zone, DateOnly day, TimeOnly time)
    {
        var local = day.ToDateTime(time);
        var offset = zone.IsInvalidTime(local) ? zone.GetUtcOffset(local.AddHours(-3)) // Before the jump.
            : zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    /// <summary>The last instant at which clocks show this time: in autumn they do so twice.</summary>
    internal static DateTimeOffset LastInstant(this TimeZoneInfo zone, DateOnly day, TimeOnly time)
    {
        var local = day.ToDateTime(time);
        return zone.IsAmbiguousTime(local)
            ? new DateTimeOffset(local, zone.GetAmbiguousTimeOffsets(local).Min()).ToUniversalTime()
            : zone.FirstInstant(day, time);
    }

    /// <summary>The day that clocks show.</summary>
    internal static DateOnly DayOf(this TimeZoneInfo zone, DateTimeOffset instant) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);
}

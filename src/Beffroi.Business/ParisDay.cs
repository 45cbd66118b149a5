namespace Beffroi.Business;

/// <summary>The civil day in metropolitan France, in which deadlines and signatures are counted.</summary>
/// <remarks>By the rule of directive 2000/84/EC itself, so that a machine without a time zone database counts the same
/// days: summer time from the last Sunday of March to that of October, both at 1:00 UTC.</remarks>
internal static class ParisDay
{
    internal static DateOnly Today(this TimeProvider time) => Of(time.GetUtcNow());

    internal static DateOnly Of(DateTimeOffset instant)
    {
        var utc = instant.UtcDateTime;
        var isSummer = utc >= LastSunday(utc.Year, 3) && utc < LastSunday(utc.Year, 10);
        return DateOnly.FromDateTime(utc.AddHours(isSummer ? 2 : 1));
    }

    private static DateTime LastSunday(int year, int month)
    {
        var last = new DateTime(year, month, DateTime.DaysInMonth(year, month), 1, 0, 0, DateTimeKind.Utc);
        return last.AddDays(-(int)last.DayOfWeek);
    }
}

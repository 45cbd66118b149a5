using System.Globalization;

namespace Beffroi.Portal.Texts;

/// <summary>Moments, sizes and durations as people say them, in the language of the request. The runtime's own formats
/// are not used: the server runs without the tables of cultures.</summary>
public sealed class Words(Text text, TimeProvider clock)
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    private static readonly string[] DaysFr =
        ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"];

    private static readonly string[] DaysEn =
        ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    private static readonly string[] MonthsFr =
    [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ];

    private static readonly string[] MonthsEn =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ];

    private bool IsFrench => text.Language == Language.French;

    /// <summary>The civil day of a moment in France.</summary>
    public static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(LocalOf(at));

    /// <summary>Such as "hier à 23 h 14"; with the year only if it is another one.</summary>
    public string Moment(DateTimeOffset at)
    {
        var day = DayOf(at);
        var today = DayOf(clock.GetUtcNow());
        var hour = Hour(TimeOnly.FromDateTime(LocalOf(at)));
        return (today.DayNumber - day.DayNumber) switch
        {
            0 => text["aujourd'hui à {0}", hour],
            1 => text["hier à {0}", hour],
            > 1 and < 7 => text["{0} à {1}", $"{WeekDay(day)} {Day(day)}", hour],
            _ => text["le {0} à {1}", Day(day), hour],
        };
    }

    /// <summary>Such as "le 3 mars à 14 h 05", also when that is today: for what is read later.</summary>
    public string OnDay(DateTimeOffset at) =>
        text["le {0} à {1}", Day(DayOf(at)), Hour(TimeOnly.FromDateTime(LocalOf(at)))];

    /// <summary>The first moment of a day in France.</summary>
    public static DateTimeOffset StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue); // Clocks change at two or three: midnight is always there once.
        return new DateTimeOffset(local, Paris.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <summary>The exact time, for titles: "21/11/2026 01:12:09".</summary>
    public static string Exact(DateTimeOffset at) =>
        LocalOf(at).ToString("dd'/'MM'/'yyyy HH':'mm':'ss", CultureInfo.InvariantCulture);

    /// <summary>Such as "3 mars", or "3 mars 2025" in another year.</summary>
    public string Day(DateOnly day)
    {
        var number = day.Day == 1 && IsFrench ? "1er" : day.Day.ToString(CultureInfo.InvariantCulture);
        var month = (IsFrench ? MonthsFr : MonthsEn)[day.Month - 1];
        return day.Year == DayOf(clock.GetUtcNow()).Year
            ? $"{number} {month}"
            : string.Create(CultureInfo.InvariantCulture, $"{number} {month} {day.Year}");
    }

    /// <summary>Such as "novembre 2026".</summary>
    public string Month(DateOnly day) => string.Create(
        CultureInfo.InvariantCulture, $"{(IsFrench ? MonthsFr : MonthsEn)[day.Month - 1]} {day.Year}");

    /// <summary>Such as "mardi".</summary>
    public string WeekDay(DateOnly day) => (IsFrench ? DaysFr : DaysEn)[(int)day.DayOfWeek];

    /// <summary>Decimal units, one digit: "1,2 Go".</summary>
    public string Size(long bytes)
    {
        string[] units = IsFrench
            ? [bytes < 2 ? "octet" : "octets", "ko", "Mo", "Go", "To"]
            : [bytes == 1 ? "byte" : "bytes", "kB", "MB", "GB", "TB"];
        if (bytes < 1000) return string.Create(CultureInfo.InvariantCulture, $"{bytes}\u00a0{units[0]}");

        var (value, unit) = ((double)bytes, 0);
        while (value >= 999.95 && unit < units.Length - 1) (value, unit) = (value / 1000, unit + 1);
        return $"{Decimal(value, 1)}\u00a0{units[unit]}";
    }

    /// <summary>In words: "45 s", "15 min", "2 h 30", "3 jours".</summary>
    public string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => text["moins d'une seconde"],
        { TotalSeconds: < 90 } => text["{0} s", Math.Round(span.TotalSeconds)],
        { TotalMinutes: < 60 } => text["{0} min", Math.Round(span.TotalMinutes)],
        { TotalHours: < 48 } when span.Minutes == 0 => text["{0} h", (int)span.TotalHours],
        { TotalHours: < 48 } => string.Create(
            CultureInfo.InvariantCulture, $"{(int)span.TotalHours}\u00a0h\u00a0{span.Minutes:00}"),
        _ => text.Count((long)span.TotalDays, "{0} jour", "{0} jours"),
    };

    /// <summary>A number with spaces between thousands: "12 480".</summary>
    public string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture)
        .Replace(",", IsFrench ? "\u202f" : ",", StringComparison.Ordinal);

    /// <summary>A number with at most two digits behind the comma: "90,5".</summary>
    public string? Fraction(decimal? number) => number?.ToString("0.##", CultureInfo.InvariantCulture)
        .Replace('.', IsFrench ? ',' : '.');

    /// <summary>An address on one line, as far as it is known: "1 place de la Mairie, 80000 Amiens".</summary>
    public static string Place(string? street, string? postalCode, string? city)
    {
        var town = string.Join(' ', new[] { postalCode, city }.OfType<string>());
        var parts = new[] { street, town }.Where(part => !string.IsNullOrEmpty(part)).ToList();
        return parts.Count == 0 ? "–" : string.Join(", ", parts);
    }

    private string Decimal(double value, int digits) =>
        value.ToString("0." + new string('#', digits), CultureInfo.InvariantCulture)
            .Replace('.', IsFrench ? ',' : '.');

    /// <summary>A time of day: "23 h 14".</summary>
    public string Hour(TimeOnly time) => IsFrench
        ? string.Create(CultureInfo.InvariantCulture, $"{time.Hour}\u00a0h\u00a0{time.Minute:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Hour}:{time.Minute:00}");

    private static DateTime LocalOf(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Paris).DateTime;
}

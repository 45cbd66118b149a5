using System.Globalization;
using Beffroi.Business.Members;

namespace Beffroi.Portal.Members;

/// <summary>Texts of forms as values. What cannot be read is a mistake of its field, never silently nothing.</summary>
internal sealed class FieldText
{
    private const NumberStyles Digits = NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    private readonly List<FieldMistake> _mistakes = [];

    internal IReadOnlyList<FieldMistake> Mistakes => _mistakes;

    internal int? Whole(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (int.TryParse(Close(text), Digits, CultureInfo.InvariantCulture, out var number)) return number;

        return Mistaken<int>(field);
    }

    /// <summary>With a comma, as people write it, or with a point, as browsers send it.</summary>
    internal decimal? Decimal(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (decimal.TryParse(
                Close(text).Replace(',', '.'), Digits | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var number))
            return number;

        return Mistaken<decimal>(field);
    }

    internal DateOnly? Day(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (DateOnly.TryParseExact(
                text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day;

        return Mistaken<DateOnly>(field);
    }

    internal T? One<T>(string field, string? text)
        where T : struct, Enum
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (Enum.TryParse<T>(text, out var value) && Enum.IsDefined(value) && !char.IsDigit(text[0])) return value;

        return Mistaken<T>(field);
    }

    internal Guid? Id(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (Guid.TryParse(text, out var id)) return id;

        return Mistaken<Guid>(field);
    }

    internal void Add(string field, FieldError error) => _mistakes.Add(new FieldMistake(field, error));

    /// <summary>A day as browsers write it into a date field.</summary>
    internal static string? Of(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static string? Of(decimal? number) => number?.ToString("0.##", CultureInfo.InvariantCulture);

    internal static string? Of(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    // "12 480", with whichever space.
    private static string Close(string text) => string.Concat(text.Where(each => !char.IsWhiteSpace(each)));

    private T? Mistaken<T>(string field)
        where T : struct
    {
        Add(field, FieldError.Invalid);
        return null;
    }
}

namespace Beffroi.Business.Members;

/// <summary>Collects what is wrong with a form, field by field.</summary>
internal sealed class FormCheck
{
    internal const int TextCharactersMax = 200;

    private readonly List<FieldMistake> _mistakes = [];

    internal IReadOnlyList<FieldMistake> Mistakes => _mistakes;
    internal bool IsRight => _mistakes.Count == 0;

    internal FormCheck Needs(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) _mistakes.Add(new FieldMistake(field, FieldError.Missing));
        return May(field, text, _ => true);
    }

    /// <summary>A text that may be missing.</summary>
    internal FormCheck May(string field, string? text, Func<string, bool>? isRight = null)
    {
        if (text is null) return this;
        if (text.Length > TextCharactersMax) _mistakes.Add(new FieldMistake(field, FieldError.TooLong));
        else if (text.Any(char.IsControl) || (isRight is not null && !isRight(text)))
            _mistakes.Add(new FieldMistake(field, FieldError.Invalid));
        return this;
    }

    internal FormCheck Within<T>(string field, T? value, T smallest, T largest)
        where T : struct, IComparable<T>
    {
        if (value is { } given && (given.CompareTo(smallest) < 0 || given.CompareTo(largest) > 0))
            _mistakes.Add(new FieldMistake(field, FieldError.OutOfRange));
        return this;
    }

    internal FormCheck Holds(string field, bool condition, FieldError error = FieldError.Invalid)
    {
        if (!condition) _mistakes.Add(new FieldMistake(field, error));
        return this;
    }

    /// <summary>What a form field means: trimmed, and nothing if it is empty.</summary>
    internal static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

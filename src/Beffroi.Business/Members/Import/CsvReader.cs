using System.Text;

namespace Beffroi.Business.Members.Import;

/// <summary>A field with the line on which it begins.</summary>
/// <param name="Flaw">What is wrong with its quotes, if anything is.</param>
internal readonly record struct CsvField(string Text, int Line, ImportReason? Flaw);

/// <summary>Reads comma-separated values (RFC 4180) with any separator and line ending; quoted fields may hold
/// both.</summary>
internal sealed class CsvReader(string text, char separator)
{
    private static readonly char[] Separators = [';', ',', '\t'];

    private int _index;
    private int _line = 1;

    /// <summary>The separator that cuts the first line into most fields.</summary>
    internal static char FindSeparator(string text) =>
        Separators.MaxBy(separator => new CsvReader(text, separator).Read()?.Count ?? 0);

    /// <summary>The next line that is not empty, or <see langword="null"/> at the end.</summary>
    internal List<CsvField>? Read()
    {
        while (_index < text.Length)
        {
            var start = _index;
            List<CsvField> fields = [ReadField()];
            while (_index < text.Length && text[_index] == separator)
            {
                _index++;
                fields.Add(ReadField());
            }
            var isEmpty = fields.Count == 1 && _index == start;
            SkipLineEnd();
            if (!isEmpty) return fields;
        }
        return null;
    }

    private CsvField ReadField() =>
        _index < text.Length && text[_index] == '"' ? ReadQuoted() : new CsvField(ReadPlain(), _line, Flaw: null);

    private string ReadPlain()
    {
        var start = _index;
        while (_index < text.Length && text[_index] != separator && text[_index] is not ('\r' or '\n')) _index++;
        return text[start.._index];
    }

    private CsvField ReadQuoted()
    {
        var firstLine = _line;
        var value = new StringBuilder();
        for (_index++; _index < text.Length; _index++)
        {
            if (text[_index] != '"') TakeQuoted(value);
            else if (_index + 1 < text.Length && text[_index + 1] == '"') value.Append(text[_index++]);
            else return EndQuoted(value.ToString(), firstLine);
        }
        return new CsvField(value.ToString(), firstLine, ImportReason.QuoteUnclosed);
    }

    private void TakeQuoted(StringBuilder value)
    {
        if (IsLineEnd()) _line++;
        value.Append(text[_index]);
    }

    private CsvField EndQuoted(string value, int firstLine)
    {
        _index++;
        var rest = ReadPlain();
        return new CsvField(
            value, firstLine, string.IsNullOrWhiteSpace(rest) ? null : ImportReason.QuoteMisplaced);
    }

    private void SkipLineEnd()
    {
        if (_index >= text.Length) return;
        if (text[_index] == '\r' && _index + 1 < text.Length && text[_index + 1] == '\n') _index++;
        _index++;
        _line++;
    }

    /// <summary>Whether a line ends here: at LF, or at a CR that no LF follows.</summary>
    private bool IsLineEnd() =>
        text[_index] == '\n' || (text[_index] == '\r' && (_index + 1 == text.Length || text[_index + 1] != '\n'));
}

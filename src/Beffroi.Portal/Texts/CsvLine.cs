namespace Beffroi.Portal.Texts;

/// <summary>Lines of tables that people take out.</summary>
internal static class CsvLine
{
    /// <summary>Put first in a file: without it, some spreadsheets take UTF-8 for something else.</summary>
    internal const string Mark = "\ufeff";

    /// <summary>Semicolons, as French spreadsheets expect. A cell that a spreadsheet would take for a formula begins
    /// with an apostrophe: somebody's name must not run on an accountant's computer.</summary>
    internal static string Of(params string[] cells) => string.Join(';', cells.Select(cell =>
    {
        var safe = cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + cell : cell;
        return safe.AsSpan().IndexOfAny(";\"\r\n") < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    })) + "\r\n";
}

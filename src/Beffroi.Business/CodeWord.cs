using System.Text.RegularExpressions;

namespace Beffroi.Business;

/// <summary>The words by which enumerations stand in the database and in rules: <c>NonMember</c> is
/// <c>non_member</c>. Renaming a value of an enumeration therefore takes a migration.</summary>
internal static partial class CodeWord
{
    internal static string Of<T>(T value)
        where T : struct, Enum => Table<T>.Words[value];

    internal static bool TryParse<T>(string text, out T value)
        where T : struct, Enum => Table<T>.Values.TryGetValue(text, out value);

    internal static T Parse<T>(string text)
        where T : struct, Enum => TryParse<T>(text, out var value)
            ? value
            : throw new FormatException($"'{text}' is no {typeof(T).Name}: a newer release wrote it.");

    /// <summary>All words of the enumeration, in order.</summary>
    internal static IEnumerable<string> All<T>()
        where T : struct, Enum => Table<T>.Words.Values;

    /// <summary>The words as the list of an SQL check.</summary>
    internal static string Sql<T>()
        where T : struct, Enum => string.Join(", ", All<T>().Select(word => $"'{word}'"));

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordStart();

    private static class Table<T>
        where T : struct, Enum
    {
        internal static readonly SortedDictionary<T, string> Words = new(
            Enum.GetValues<T>().ToDictionary(value => value, value => ToWord(value.ToString())));

        internal static readonly Dictionary<string, T> Values =
            Words.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

        private static string ToWord(string name) => WordStart().Replace(name, "_").ToLowerInvariant();
    }
}

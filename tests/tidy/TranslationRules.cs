using System.Text.RegularExpressions;

namespace Beffroi.Tidy;

/// <summary>The portal's English: every sentence that a page says has its translation, and none is left over.</summary>
public sealed partial class TranslationRules
{
    private const string Catalogue = "src/Beffroi.Portal/Texts/en.po";

    [Fact]
    public void Every_sentence_of_the_portal_has_its_translation() =>
        Rule.Holds(Missing(PortalFiles(), RepositoryTree.File(Catalogue).Text));

    [Fact]
    public void No_translation_is_left_over_and_none_comes_twice() =>
        Rule.Holds(LeftOver(PortalFiles(), RepositoryTree.File(Catalogue).Text));

    [Fact]
    public void A_missing_a_left_over_and_a_double_translation_are_found()
    {
        const string Markup = "<p>@T[\"Bonjour {0}\", x] @T.Count(n, \"un\", \"deux\")</p>";
        RepositoryFile[] page = [new("src/Beffroi.Portal/A.razor", Markup)];
        const string Known = "msgid \"un\"\nmsgstr \"one\"\n\nmsgid \"trois\"\nmsgstr \"three\"\n\nmsgid \"un\"\n";

        Assert.Equal(2, Missing(page, Known).Count()); // "Bonjour {0}" and "deux".
        Assert.Equal(2, LeftOver(page, Known).Count()); // "trois", and the second "un".
    }

    private static IEnumerable<RepositoryFile> PortalFiles() => RepositoryTree.Files.Where(file =>
        file.Path.StartsWith("src/Beffroi.Portal/", StringComparison.Ordinal) && file.HasEnding(".razor", ".cs"));

    private static IEnumerable<Finding> Missing(IEnumerable<RepositoryFile> files, string catalogue)
    {
        var known = Keys(catalogue).ToHashSet(StringComparer.Ordinal);
        return
            from file in files
            from match in Asked().Matches(file.Text)
            from capture in match.Groups["key"].Captures
            where !known.Contains(capture.Value)
            select new Finding(file.Path, 1, $"\"{capture.Value}\" has no translation: add it to {Catalogue}.");
    }

    /// <summary>A sentence may be chosen in one place and shown in another, so any literal counts as its use.</summary>
    private static IEnumerable<Finding> LeftOver(IEnumerable<RepositoryFile> files, string catalogue)
    {
        var all = string.Join('\n', files.Select(file => file.Text));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in Keys(catalogue))
        {
            if (!seen.Add(key)) yield return new Finding(Catalogue, 1, $"\"{key}\" is translated twice.");
            else if (!all.Contains($"\"{key}\"", StringComparison.Ordinal))
                yield return new Finding(Catalogue, 1, $"No page says \"{key}\" any more: take it out.");
        }
    }

    private static IEnumerable<string> Keys(string catalogue) =>
        Entries().Matches(catalogue).Select(match => match.Groups["key"].Value).Where(key => key.Length > 0);

    [GeneratedRegex(
        "\\b[Tt](ext)?(\\[\"(?<key>(?:[^\"\\\\]|\\\\.)*)\""
            + "|\\.Count\\(\\s*[^\"]*?,\\s*\"(?<key>[^\"]*)\",\\s*\"(?<key>[^\"]*)\")",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Asked();

    [GeneratedRegex("^msgid \"(?<key>.*)\"$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Entries();
}

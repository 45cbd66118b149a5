using System.Text.RegularExpressions;

namespace Beffroi.Tidy;

/// <summary>Documents: one title each, and every link leads somewhere.</summary>
public sealed partial class DocumentRules
{
    [Fact]
    public void Every_document_has_exactly_one_title() => Rule.Holds(Documents().SelectMany(WrongTitles));

    [Fact]
    public void A_missing_and_a_second_title_are_found()
    {
        Assert.Single(WrongTitles(new RepositoryFile("docs/a.md", "## Not a title\n")));
        Assert.Single(WrongTitles(new RepositoryFile("docs/a.md", "# One\n# Two\n")));
        Assert.Empty(WrongTitles(new RepositoryFile("docs/a.md", "# One\n```sh\n# a comment\n```\n")));
    }

    [Fact]
    public void No_relative_link_is_dead() =>
        Rule.Holds(Documents().SelectMany(document => DeadLinks(document, Exists)));

    [Fact]
    public void A_dead_link_is_found()
    {
        var document = new RepositoryFile(
            "docs/a.md",
            "[x](b.md) [y](../README.md) [z](https://example.org) [w](#here)\n## Here\n");
        Assert.Single(DeadLinks(document, (path, _) => path == "README.md"));
    }

    [Fact]
    public void A_link_to_a_heading_that_is_gone_is_found()
    {
        var document = new RepositoryFile("docs/a.md", "[x](#what-is-here) [y](#elsewhere)\n## What is here?\n");
        Assert.Single(DeadLinks(document, (_, _) => true));
    }

    private static IEnumerable<RepositoryFile> Documents() => RepositoryTree.Files.Where(file => file.HasEnding(".md"));

    private static IEnumerable<Finding> WrongTitles(RepositoryFile document)
    {
        var titles = Prose(document).Where(line => line.Text.StartsWith("# ", StringComparison.Ordinal)).ToList();
        if (titles.Count == 0)
            yield return new Finding(document.Path, 1, "Start with one '# Title'.");
        foreach (var title in titles.Skip(1))
            yield return new Finding(document.Path, title.Line, "A second title: make it a '##'.");
    }

    private static IEnumerable<Finding> DeadLinks(RepositoryFile document, Func<string, string, bool> exists)
    {
        foreach (var (line, text) in Prose(document))
            foreach (Match link in Link().Matches(text))
            {
                var target = link.Groups["target"].Value;
                if (target.Contains("://", StringComparison.Ordinal)
                    || target.StartsWith("mailto:", StringComparison.Ordinal))
                    continue;
                var (path, heading) = Split(document, target);
                var alive = path == document.Path ? HasHeading(document, heading) : exists(path, heading);
                if (!alive)
                    yield return new Finding(document.Path, line, $"The link to '{target}' leads nowhere.");
            }
    }

    private static (string Path, string Heading) Split(RepositoryFile document, string target)
    {
        var parts = target.Split('#', 2);
        var path =
            parts[0].Length == 0
                ? document.Path
                : Path.GetRelativePath(
                    RepositoryTree.Root,
                    Path.GetFullPath(Path.Combine(RepositoryTree.Root, document.Folder, parts[0])));
        return (path.Replace('\\', '/'), parts.Length > 1 ? parts[1] : "");
    }

    private static bool Exists(string path, string heading)
    {
        var document = Documents().FirstOrDefault(file => file.Path == path);
        if (document is not null)
            return HasHeading(document, heading);
        var full = Path.Combine(RepositoryTree.Root, path);
        return File.Exists(full) || Directory.Exists(full);
    }

    private static bool HasHeading(RepositoryFile document, string heading) =>
        heading.Length == 0
        || Prose(document)
            .Where(line => line.Text.StartsWith('#'))
            .Any(line => Anchor(line.Text.TrimStart('#').Trim()) == heading);

    /// <summary>The name a heading gets in a rendered page: lower case, no punctuation, spaces as hyphens.</summary>
    private static string Anchor(string heading) =>
        string.Concat(
            heading
                .ToLowerInvariant()
                .Where(character => char.IsLetterOrDigit(character) || character is ' ' or '-' or '_')
                .Select(character => character == ' ' ? '-' : character));

    /// <summary>The lines outside fenced blocks: a '#' or a bracket in a sample is neither title nor link.</summary>
    private static IEnumerable<(int Line, string Text)> Prose(RepositoryFile document)
    {
        var isFenced = false;
        foreach (var (index, text) in document.Lines.Index())
        {
            if (text.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isFenced = !isFenced;
            else if (!isFenced)
                yield return (index + 1, text);
        }
    }

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}

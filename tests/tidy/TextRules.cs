using System.Text.RegularExpressions;

namespace Beffroi.Tidy;

/// <summary>What no text of the repository may hold.</summary>
public sealed partial class TextRules
{
    private const int ColumnsMax = 120;
    private const string Licence = "LICENSE";

    private static readonly Dictionary<string, string> MachinePathsAllowed = new(StringComparer.Ordinal)
    {
        ["tests/unit/Beffroi.Agent.Tests/Exclusions/ExclusionTests.cs"] =
            "The default exclusions of Windows are about the folder of every user.",
    };

    [Fact]
    public void No_postponed_work_without_an_issue_number() => Rule.Holds(Everywhere().SelectMany(Postponed));

    [Fact]
    public void Postponed_work_is_found_unless_it_has_a_number()
    {
        Assert.Single(Postponed(new RepositoryFile("src/A.cs", "// TODO: later")));
        Assert.Single(Postponed(new RepositoryFile("src/A.cs", "// FIXME later")));
        Assert.Empty(
            Postponed(new RepositoryFile("src/A.cs", "// TODO(#12): when the issue is done.\n// mktemp XXXXXX")));
    }

    [Fact]
    public void No_path_of_one_particular_machine() =>
        Rule.Holds(
            Everywhere().Where(file => !MachinePathsAllowed.ContainsKey(file.Path)).SelectMany(MachinePaths));

    [Fact]
    public void A_path_of_a_machine_is_found()
    {
        Assert.Single(MachinePaths(new RepositoryFile("build", $"cd {RepositoryTree.Root}/src")));
        Assert.Single(MachinePaths(new RepositoryFile("build", "cat /root/notes")));
        Assert.Single(MachinePaths(new RepositoryFile("build", @"type C:\Users\anne\notes")));
        Assert.Empty(MachinePaths(new RepositoryFile("build", "cat /srv/mairie/root/notes /usr/bin")));
    }

    [Fact]
    public void No_source_line_is_longer_than_120_columns() =>
        Rule.Holds(
            Everywhere()
                .Where(file =>
                    !file.IsGenerated
                    && (
                        file.HasEnding(".cs", ".sh", ".py", ".sql") // Not .razor: a sentence there is its own key.
                        || !file.Name.Contains('.', StringComparison.Ordinal)))
                .SelectMany(file =>
                    file.LinesWhere(line => line.Length > ColumnsMax)
                        .Select(line => new Finding(
                            file.Path,
                            line.Line,
                            $"{line.Text.Length} columns of at most {ColumnsMax}: break the line."))));

    [Fact]
    public void Every_text_ends_its_lines_with_LF_and_its_last_line_too() =>
        Rule.Holds(
            Everywhere()
                .Where(file =>
                    file.Text.Contains('\r', StringComparison.Ordinal)
                    || (file.Text.Length > 0 && !file.Text.EndsWith('\n')))
                .Select(file => new Finding(file.Path, 1, "Use LF, and end the last line.")));

    /// <summary>All but the licence, which is nobody's to edit, and this file, which holds what it looks for.</summary>
    private static IEnumerable<RepositoryFile> Everywhere() =>
        RepositoryTree.Files.Where(file => file.Path != Licence && file.Path != "tests/tidy/TextRules.cs");

    private static IEnumerable<Finding> Postponed(RepositoryFile file) =>
        file.LinesWhere(PostponedWork().IsMatch)
            .Select(line => new Finding(
                file.Path,
                line.Line,
                "Do it now, or open an issue and write its number: (#12)."));

    private static IEnumerable<Finding> MachinePaths(RepositoryFile file) =>
        file.LinesWhere(line =>
                MachinePath().IsMatch(line) || line.Contains(RepositoryTree.Root + "/", StringComparison.Ordinal))
            .Select(line => new Finding(
                file.Path,
                line.Line,
                "This path exists on one machine only: take it from the environment or from an argument."));

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b(?!\(#\d+\))", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PostponedWork();

    [GeneratedRegex(
        @"(?<![\w.~/$}*-])/(root|work|Users)/|[A-Z]:\\Users\\",
        RegexOptions.None,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex MachinePath();
}

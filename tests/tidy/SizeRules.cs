using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Beffroi.Tidy;

/// <summary>Sizes: of methods, files, folders and projects. Discipline shows in the 95th percentile, not in the
/// median.</summary>
public sealed class SizeRules
{
    private const int MethodLinesMax = 70;
    private const int MethodLinesMedianMax = 10;
    private const int MethodLinesP95Max = 35;
    private const int FileLinesMax = 800;
    private const int FileLinesP95Max = 300;
    private const int FolderFilesMax = 25;
    private const double ProjectShareMax = 0.35;

    /// <summary>Below this, half of the planned modules cannot exist yet, and shares say nothing.</summary>
    private const int ShippedLinesBeforeSharesCount = 20_000;

    /// <summary>A ratchet: shares above the limit that are accepted today, each with its reason. They only go
    /// down.</summary>
    private static readonly Dictionary<string, (double Share, string Reason)> SharesRecorded = new(
        StringComparer.Ordinal)
    {
        ["Beffroi.Agent"] = (0.40, "As for the engine: the server's modules that are not written yet weigh nothing."),
        ["Beffroi.Vault"] = (0.50, "The engine comes first; Drive, Business and Portal are not written yet."),
    };

    /// <summary>Methods that stay whole although they are long: 'path#name', and why.</summary>
    private static readonly Dictionary<string, string> LongMethodsAllowed = new(StringComparer.Ordinal);

    [Fact]
    public void No_method_has_more_than_70_lines() => Rule.Holds(TooLong(RepositoryTree.Code));

    [Fact]
    public void A_method_of_71_lines_is_found()
    {
        var body = string.Concat(Enumerable.Repeat("\n;", MethodLinesMax - 1));
        Assert.Single(TooLong([CodeFile.FromText("src/X.cs", $"class X {{ [A]\nvoid M() {{{body}\n}} }}")]));
        Assert.Empty(TooLong([CodeFile.FromText("src/X.cs", $"class X {{ [A]\nvoid M() {{{body}}} }}")]));
    }

    [Fact]
    public void Every_long_method_that_is_allowed_is_still_long()
    {
        var members = RepositoryTree.Code.SelectMany(Members).ToLookup(member => member.Key);
        Rule.Holds(
            LongMethodsAllowed
                .Keys.Where(key => !members[key].Any(member => member.Lines > MethodLinesMax))
                .Select(key => new Finding(
                    "tests/tidy/SizeRules.cs",
                    1,
                    $"'{key}' is short now or gone; take it off the list.")));
    }

    [Fact]
    public void Half_of_the_methods_have_at_most_10_lines_and_95_percent_at_most_35()
    {
        var lines = RepositoryTree.ShippedCode.SelectMany(Members).Select(member => member.Lines).Order().ToList();
        Assert.InRange(Percentile(lines, 50), 1, MethodLinesMedianMax);
        Assert.InRange(Percentile(lines, 95), 1, MethodLinesP95Max);
    }

    [Fact]
    public void No_file_has_more_than_800_lines() =>
        Rule.Holds(
            RepositoryTree
                .Code.Where(file => file.File.Lines.Count - 1 > FileLinesMax)
                .Select(file => new Finding(
                    file.Path,
                    FileLinesMax,
                    $"{file.File.Lines.Count - 1} lines. Split it by concept, not by number.")));

    [Fact]
    public void Of_the_shipped_files_95_percent_have_at_most_300_lines()
    {
        var lines = RepositoryTree.ShippedCode.Select(file => file.File.Lines.Count - 1).Order().ToList();
        Assert.InRange(Percentile(lines, 95), 1, FileLinesP95Max);
    }

    [Fact]
    public void No_folder_of_src_holds_more_than_25_files() =>
        Rule.Holds(
            RepositoryTree
                .ShippedCode.GroupBy(file => file.File.Folder)
                .Where(folder => folder.Count() > FolderFilesMax)
                .Select(folder => new Finding(
                    folder.Key,
                    1,
                    $"{folder.Count()} files. A concept in it wants a folder of its own.")));

    [Fact]
    public void No_project_holds_more_than_35_percent_of_src()
    {
        var lines = RepositoryTree
            .ShippedCode.GroupBy(file => file.Path.Split('/')[1])
            .ToDictionary(project => project.Key, project => project.Sum(file => file.File.Lines.Count));
        Rule.Holds(TooBigShares(lines));
    }

    [Fact]
    public void A_project_that_eats_the_product_is_found()
    {
        Assert.Single(
            TooBigShares(
                new()
                {
                    ["Beffroi.A"] = 9_000,
                    ["Beffroi.B"] = 7_000,
                    ["Beffroi.C"] = 7_000,
                }));
        Assert.Single(
            TooBigShares(
                new()
                {
                    ["Beffroi.Vault"] = 20_000,
                    ["Beffroi.B"] = 3_000,
                    ["Beffroi.C"] = 3_000,
                }));
        Assert.Empty(
            TooBigShares(
                new()
                {
                    ["Beffroi.A"] = 7_000,
                    ["Beffroi.B"] = 7_000,
                    ["Beffroi.C"] = 7_000,
                }));
    }

    private static int Percentile(List<int> ordered, int percent) => ordered[(ordered.Count - 1) * percent / 100];

    private static IEnumerable<Finding> TooLong(IEnumerable<CodeFile> files) =>
        files
            .SelectMany(Members)
            .Where(member => member.Lines > MethodLinesMax && !LongMethodsAllowed.ContainsKey(member.Key))
            .Select(member => new Finding(
                member.Path,
                member.Line,
                $"{member.Name} has {member.Lines} lines of at most {MethodLinesMax}. Give its parts names; "
                    + "a parser or state machine may be listed in SizeRules with its reason."));

    private static IEnumerable<Finding> TooBigShares(Dictionary<string, int> linesByProject)
    {
        var all = linesByProject.Values.Sum();
        if (all < ShippedLinesBeforeSharesCount)
            yield break;
        foreach (var (project, lines) in linesByProject)
        {
            var limit = SharesRecorded.TryGetValue(project, out var recorded) ? recorded.Share : ProjectShareMax;
            if ((double)lines / all > limit)
                yield return new Finding(
                    $"src/{project}",
                    1,
                    $"{100.0 * lines / all:F0} % of src, limit {100 * limit:F0} %. Split it along a domain.");
        }
    }

    private static IEnumerable<Member> Members(CodeFile file)
    {
        foreach (var node in file.Root.DescendantNodes())
        {
            var name = node switch
            {
                MethodDeclarationSyntax { Body: null, ExpressionBody: null } => null,
                MethodDeclarationSyntax method => method.Identifier.Text,
                ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
                OperatorDeclarationSyntax declared => "operator " + declared.OperatorToken.Text,
                LocalFunctionStatementSyntax local => local.Identifier.Text,
                AccessorDeclarationSyntax { Body: null, ExpressionBody: null } => null,
                AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
                _ => null,
            };
            if (name is not null)
                yield return new Member(file.Path, CodeFile.LineOf(node), name, CodeFile.LinesOf(node));
        }
        var statements = file.Root.Members.OfType<GlobalStatementSyntax>().ToList();
        if (statements.Count > 0)
            yield return new Member(
                file.Path,
                CodeFile.LineOf(statements[0]),
                "the program",
                SpanLines(statements[0], statements[^1]));
    }

    private static int SpanLines(SyntaxNode first, SyntaxNode last) =>
        CodeFile.LineOf(last) + CodeFile.LinesOf(last) - CodeFile.LineOf(first);

    private sealed record Member(string Path, int Line, string Name, int Lines)
    {
        internal string Key => $"{Path}#{Name}";
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Beffroi.Tidy;

/// <summary>Error codes and log events: each has one number, for ever, and each error has a page.</summary>
public sealed partial class DiagnosticRules
{
    private const string CodesFile = "src/Beffroi.Vault/ErrorCode.cs";
    private const string PagesFile = "docs/errors.md";
    private static readonly string[] PageParts = ["Meaning", "Cause", "What to do"];

    [Fact]
    public void Every_error_code_has_an_entry_and_every_entry_a_code() =>
        Rule.Holds(
            Unmatched(RepositoryTree.Code.Single(file => file.Path == CodesFile), RepositoryTree.File(PagesFile)));

    [Fact]
    public void A_code_without_entry_and_an_entry_without_code_are_found()
    {
        var codes = CodeFile.FromText(CodesFile, "enum ErrorCode { None = 0, PackDamaged = 2103, PackForeign = 2104 }");
        var pages = new RepositoryFile(PagesFile, "### BEF-2103 PackBroken\n### BEF-9999 Unheard\n");

        Assert.Equal(4, Unmatched(codes, pages).Count());
    }

    [Fact]
    public void Every_entry_says_what_it_means_where_it_comes_from_and_what_to_do() =>
        Rule.Holds(IncompleteEntries(RepositoryTree.File(PagesFile)));

    [Fact]
    public void An_entry_without_advice_is_found() =>
        Assert.Single(
            IncompleteEntries(
                new RepositoryFile(
                    PagesFile,
                    "### BEF-2103 PackDamaged\n- **Meaning**: a\n- **Cause**: b\n\n## 3xxx\n")));

    [Fact]
    public void Every_log_event_has_a_number_of_its_own() => Rule.Holds(LogEventClashes(RepositoryTree.ShippedCode));

    [Fact]
    public void Two_log_events_of_one_number_are_found()
    {
        const string Code =
            "class A { [LoggerMessage(7, LogLevel.Error, \"a\")] void A(); [LoggerMessage(EventId = 7)] void B(); }";
        Assert.Single(LogEventClashes([CodeFile.FromText("src/A.cs", Code)]));
        Assert.Single(
            LogEventClashes([CodeFile.FromText("src/A.cs", "class A { [LoggerMessage(Level = 1)] void A(); }")]));
    }

    private static IEnumerable<Finding> Unmatched(CodeFile codesFile, RepositoryFile pagesFile)
    {
        var codes = codesFile
            .Root.DescendantNodes()
            .OfType<EnumMemberDeclarationSyntax>()
            .Where(member => member.Identifier.Text != "None")
            .ToDictionary(
                member => $"BEF-{NumberOf(member):D4} {member.Identifier.Text}",
                CodeFile.LineOf);
        var pages = pagesFile
            .LinesWhere(EntryHeading().IsMatch)
            .ToDictionary(line => line.Text[4..].TrimEnd(), line => line.Line);

        return codes
            .Where(code => !pages.ContainsKey(code.Key))
            .Select(code => new Finding(
                CodesFile,
                code.Value,
                $"Write '### {code.Key}' in {PagesFile}, in the same commit."))
            .Concat(
                pages
                    .Where(page => !codes.ContainsKey(page.Key))
                    .Select(page => new Finding(
                        PagesFile,
                        page.Value,
                        $"'{page.Key}' is no member of ErrorCode: correct its number or name.")));
    }

    private static int NumberOf(EnumMemberDeclarationSyntax member) =>
        int.Parse(member.EqualsValue!.Value.ToString(), CultureInfo.InvariantCulture);

    private static IEnumerable<Finding> IncompleteEntries(RepositoryFile pages)
    {
        var headings = pages
            .LinesWhere(line => line.StartsWith('#'))
            .Append((Line: pages.Lines.Count + 1, Text: ""))
            .ToList();
        foreach (var (heading, next) in headings.Zip(headings.Skip(1)).Where(pair => IsEntry(pair.First.Text)))
        {
            var entry = string.Join('\n', pages.Lines.Take(next.Line - 1).Skip(heading.Line));
            foreach (var part in PageParts.Where(part => !entry.Contains($"- **{part}**: ", StringComparison.Ordinal)))
                yield return new Finding(pages.Path, heading.Line, $"The entry has no '- **{part}**: …'.");
        }
    }

    private static IEnumerable<Finding> LogEventClashes(IEnumerable<CodeFile> files)
    {
        var taken = new Dictionary<int, string>();
        foreach (var file in files)
            foreach (var attribute in file.Root.DescendantNodes().OfType<AttributeSyntax>().Where(IsLoggerMessage))
            {
                var where = $"{file.Path}:{CodeFile.LineOf(attribute)}";
                if (EventNumber(attribute) is not { } number)
                    yield return new Finding(
                        file.Path,
                        CodeFile.LineOf(attribute),
                        "Give the log event a number, written out as a literal.");
                else if (!taken.TryAdd(number, where))
                    yield return new Finding(
                        file.Path,
                        CodeFile.LineOf(attribute),
                        $"Log event {number} is taken by {taken[number]}: choose a free number.");
            }
    }

    private static bool IsLoggerMessage(AttributeSyntax attribute) =>
        attribute.Name.ToString() is "LoggerMessage" or "LoggerMessageAttribute";

    private static int? EventNumber(AttributeSyntax attribute)
    {
        var arguments = attribute.ArgumentList?.Arguments ?? default;
        var argument =
            arguments.FirstOrDefault(argument => argument.NameEquals?.Name.ToString() == "EventId")
            ?? arguments.FirstOrDefault(argument =>
                argument.NameEquals is null && argument.NameColon?.Name.ToString() is null or "eventId");
        return int.TryParse(
            argument?.Expression.ToString(),
            NumberStyles.AllowThousands,
            CultureInfo.InvariantCulture,
            out var number)
            ? number
            : null;
    }

    private static bool IsEntry(string heading) => EntryHeading().IsMatch(heading);

    [GeneratedRegex(@"^### BEF-\d{4} ", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EntryHeading();
}

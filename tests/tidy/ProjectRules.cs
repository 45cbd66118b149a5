using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Beffroi.Tidy;

/// <summary>Who may reference whom, and what a project file may say.</summary>
public sealed partial class ProjectRules
{
    private const string TableFile = "docs/architecture.md";
    private const string MigrationsTool = "eng/migrations/Beffroi.Migrations.csproj";

    private static readonly string[] PropertiesAllowed =
    [
        "BeffroiKind",
        "OutputType",
        "AssemblyName",
        "RootNamespace",
        "AllowUnsafeBlocks",
        "RequiresAspNetWebAssets", // Static pages need no script package of the framework.
        "RuntimeIdentifiers",
        "PublishSelfContained",
        "PublishSingleFile",
        "PublishTrimmed", // A program says how it ships.
        "PublishReadyToRun",
        "ConcurrentGarbageCollection",
    ];

    private static readonly string[] ItemsAllowed =
    [
        "ProjectReference",
        "PackageReference",
        "FrameworkReference",
        "InternalsVisibleTo",
        "EmbeddedResource",
        "Using",
    ];

    [Fact]
    public void Every_project_references_exactly_what_the_table_allows() =>
        Rule.Holds(WrongReferences(Table(RepositoryTree.File(TableFile).Text), ShippedProjects()));

    [Fact]
    public void A_reference_outside_the_table_and_a_missing_one_are_found()
    {
        var table = Table("```text\nVault: –\nAgent: Vault\n```\n");
        var agent = Project(
            "src/Beffroi.Agent/Beffroi.Agent.csproj",
            "<ProjectReference Include=\"../Beffroi.Fleet/Beffroi.Fleet.csproj\" />");

        var found = WrongReferences(table, [agent]).Select(finding => finding.Advice).ToList();

        Assert.Equal(3, found.Count);
        Assert.Contains(
            found,
            advice => advice.StartsWith("Beffroi.Agent must not reference Beffroi.Fleet", StringComparison.Ordinal));
        Assert.Contains(
            found,
            advice => advice.StartsWith("Beffroi.Agent does not reference Beffroi.Vault", StringComparison.Ordinal));
        Assert.Contains(found, advice => advice.StartsWith("The table names Vault", StringComparison.Ordinal));
    }

    [Fact]
    public void A_project_file_says_only_its_kind_and_its_references() =>
        Rule.Holds(AllProjects().SelectMany(ForeignElements));

    [Fact]
    public void A_property_and_a_target_in_a_project_file_are_found()
    {
        var project = Project("src/X/X.csproj", "<Compile Remove=\"a.cs\" />", "<NoWarn>CA1</NoWarn>");
        Assert.Equal(2, ForeignElements(project).Count());
    }

    [Fact]
    public void Every_project_is_in_the_solution() =>
        Rule.Holds(
            AllProjects()
                .Where(project =>
                    !RepositoryTree.File("Beffroi.slnx").Text.Contains($"\"{project.Path}\"", StringComparison.Ordinal))
                .Select(project => new Finding(project.Path, 1, "Add it: dotnet sln add " + project.Path)));

    /// <summary>All but the tool that writes migrations: never shipped, it names what dotnet-ef needs by
    /// hand.</summary>
    private static IEnumerable<RepositoryFile> AllProjects() =>
        RepositoryTree.Files.Where(file => file.HasEnding(".csproj") && file.Path != MigrationsTool);

    private static IEnumerable<RepositoryFile> ShippedProjects() =>
        AllProjects().Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    private static RepositoryFile Project(string path, string item, string property = "") =>
        new(path, $"<Project><PropertyGroup>{property}</PropertyGroup>\n<ItemGroup>{item}</ItemGroup></Project>");

    /// <summary>Reads the lines <c>Project: Referenced, Referenced</c> of the document's first text block.</summary>
    private static Dictionary<string, string[]> Table(string document) =>
        TableBlock()
            .Match(document)
            .Groups["lines"]
            .Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':', StringSplitOptions.TrimEntries))
            .ToDictionary(
                parts => parts[0],
                parts => parts[1].Split(',', StringSplitOptions.TrimEntries).Where(name => name != "–").ToArray());

    private static IEnumerable<Finding> WrongReferences(
        Dictionary<string, string[]> table,
        IEnumerable<RepositoryFile> projects)
    {
        var seen = new HashSet<string>();
        foreach (var project in projects)
        {
            var name = ShortName(project.Path);
            seen.Add(name);
            if (!table.TryGetValue(name, out var allowed))
            {
                yield return new Finding(
                    project.Path,
                    1,
                    $"{name} is not in the reference table of {TableFile}; decide what it may reference.");
                continue;
            }
            var actual = References(project).ToList();
            foreach (var extra in actual.Except(allowed))
                yield return new Finding(
                    project.Path,
                    1,
                    $"Beffroi.{name} must not reference Beffroi.{extra}: {TableFile}. "
                        + "Move the code, or change the table and write a decision in docs/decisions.");
            foreach (var missing in allowed.Except(actual))
                yield return new Finding(
                    project.Path,
                    1,
                    $"Beffroi.{name} does not reference Beffroi.{missing}; take it out of {TableFile}.");
        }
        foreach (var name in table.Keys.Where(name => !seen.Contains(name)))
            yield return new Finding(TableFile, 1, $"The table names {name}, but there is no src/Beffroi.{name}.");
    }

    private static IEnumerable<string> References(RepositoryFile project) =>
        XDocument
            .Parse(project.Text)
            .Descendants("ProjectReference")
            .Select(reference => ShortName(reference.Attribute("Include")!.Value));

    private static string ShortName(string projectPath) =>
        Path.GetFileNameWithoutExtension(projectPath.Replace('\\', '/'))
            .Replace("Beffroi.", "", StringComparison.Ordinal);

    private static IEnumerable<Finding> ForeignElements(RepositoryFile project)
    {
        var root = XDocument.Parse(project.Text, LoadOptions.SetLineInfo).Root!;
        foreach (var element in root.Elements())
        {
            var allowed = element.Name.LocalName switch
            {
                "PropertyGroup" => PropertiesAllowed,
                "ItemGroup" => ItemsAllowed,
                _ => null,
            };
            var foreign = allowed is null
                ? [element]
                : element.Elements().Where(inner => !allowed.Contains(inner.Name.LocalName));
            foreach (var inner in foreign)
                yield return new Finding(
                    project.Path,
                    ((System.Xml.IXmlLineInfo)inner).LineNumber,
                    $"<{inner.Name.LocalName}> belongs in Directory.Build.props or .targets, under its kind.");
        }
    }

    [GeneratedRegex(@"```text\n(?<lines>[A-Z][\s\S]*?)```", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TableBlock();
}

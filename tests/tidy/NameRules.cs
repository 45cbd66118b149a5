using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Beffroi.Tidy;

/// <summary>A name says what a thing is; these words say only that nobody looked for one.</summary>
public sealed partial class NameRules
{
    private static readonly string[] WordsForbidden =
    [
        "Core",
        "Common",
        "Shared",
        "Util",
        "Utils",
        "Utility",
        "Utilities",
        "Infrastructure",
        "Helper",
        "Helpers",
        "Manager",
        "Managers",
        "Service",
        "Services",
        "Dto",
        "Impl",
        "Base",
    ];

    /// <summary>Names whose last word is forbidden, and why they keep it.</summary>
    private static readonly Dictionary<string, string> NamesAllowed = new(StringComparer.Ordinal)
    {
        ["KeyService"] = "The key service is a word of the glossary: it holds private keys and re-seals.",
        ["IKeyService"] = "Its interface.",
    };

    [Fact]
    public void Nothing_is_called_Core_Common_Utils_Helper_or_Manager() =>
        Rule.Holds(
            RepositoryTree.Code.SelectMany(ForbiddenNames).Concat(RepositoryTree.Files.SelectMany(ForbiddenFolders)));

    [Theory]
    [InlineData("namespace Beffroi.Core;")]
    [InlineData("class PackHelper;")]
    [InlineData("interface IPackManager;")]
    [InlineData("record PackUtils;")]
    [InlineData("enum RepositoryBase { }")]
    public void A_forbidden_name_is_found(string code) =>
        Assert.Single(ForbiddenNames(CodeFile.FromText("src/X.cs", code)));

    [Theory]
    [InlineData("class ScoreKeeper;")]
    [InlineData("class ManagerialReport;")]
    [InlineData("class KeyService;")]
    public void An_ordinary_name_is_left_alone(string code) =>
        Assert.Empty(ForbiddenNames(CodeFile.FromText("src/X.cs", code)));

    private static IEnumerable<Finding> ForbiddenNames(CodeFile file)
    {
        var types = file.AllTypes()
            .Select(type => (Node: (Microsoft.CodeAnalysis.SyntaxNode)type, Name: CodeFile.NameOf(type)));
        var namespaces = file
            .Root.DescendantNodes()
            .OfType<BaseNamespaceDeclarationSyntax>()
            .SelectMany(declared =>
                declared
                    .Name.ToString()
                    .Split('.')
                    .Select(part => (Node: (Microsoft.CodeAnalysis.SyntaxNode)declared, Name: part)));
        return types
            .Concat(namespaces)
            .Where(named => IsForbidden(named.Name))
            .Select(named => new Finding(
                file.Path,
                CodeFile.LineOf(named.Node),
                $"'{named.Name}' says nothing. Name it after what it does, or move it to its only user."));
    }

    private static IEnumerable<Finding> ForbiddenFolders(RepositoryFile file) =>
        file
            .Folder.Split('/')
            .SelectMany(part => part.Split('.'))
            .Where(IsForbidden)
            .Select(part => new Finding(
                file.Path,
                1,
                $"Folder '{part}' says nothing. Name it after the concept it holds."));

    private static bool IsForbidden(string name) =>
        !NamesAllowed.ContainsKey(name) && WordsForbidden.Contains(LastWord().Match(name).Value);

    [GeneratedRegex("[A-Z][a-z0-9]*$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LastWord();
}

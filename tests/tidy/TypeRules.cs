using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Beffroi.Tidy;

/// <summary>One type, one file, one name; and nothing open to inheritance that was not made for it.</summary>
public sealed class TypeRules
{
    private const int CompanionLinesMax = 25;

    private static readonly Dictionary<string, string> OpenTypesAllowed = new(StringComparer.Ordinal)
    {
        ["VaultException"] = "A module may narrow it down; whoever catches it still gets the stable code.",
    };

    private static readonly Dictionary<string, string> FileNamesAllowed = new(StringComparer.Ordinal)
    {
        ["src/Beffroi.Agent/Platform/Linux/LinuxConstants.cs"] = "Values of kernel headers, checked side by side.",
        ["src/Beffroi.Protocol/Messages.cs"] = "One message a record, read side by side with docs/format/protocol.md.",
        ["src/Beffroi.Vault/Ids.cs"] = "One-line types that are read together: a vocabulary.",
    };

    [Fact]
    public void A_file_has_one_public_type_and_at_most_small_companions() =>
        Rule.Holds(RepositoryTree.ShippedCode.SelectMany(SecondTypes));

    [Fact]
    public void A_second_big_public_type_is_found()
    {
        var big = new string('\n', CompanionLinesMax);
        Assert.Single(
            SecondTypes(CodeFile.FromText("src/A.cs", $"public class A {{ {big} }} public class B {{ {big} }}")));
        Assert.Empty(
            SecondTypes(
                CodeFile.FromText("src/A.cs", $"public class A {{ {big} }} public enum B {{ }} class C {{ {big} }}")));
    }

    [Fact]
    public void A_file_has_the_name_of_a_type_in_it() => Rule.Holds(RepositoryTree.ShippedCode.SelectMany(Misnamed));

    [Fact]
    public void A_misnamed_file_is_found()
    {
        Assert.Single(Misnamed(CodeFile.FromText("src/Pack.cs", "class Footer;")));
        Assert.Empty(Misnamed(CodeFile.FromText("src/Pack.Footer.cs", "partial class Pack<T>;")));
    }

    [Fact]
    public void Public_classes_of_the_vault_and_the_protocol_are_sealed_static_or_abstract() =>
        Rule.Holds(
            RepositoryTree
                .ShippedCode.Where(file =>
                    file.Path.StartsWith("src/Beffroi.Vault/", StringComparison.Ordinal)
                    || file.Path.StartsWith("src/Beffroi.Protocol/", StringComparison.Ordinal))
                .SelectMany(OpenClasses));

    [Fact]
    public void An_open_public_class_is_found()
    {
        Assert.Single(OpenClasses(CodeFile.FromText("src/A.cs", "public class A;")));
        Assert.Single(OpenClasses(CodeFile.FromText("src/A.cs", "public record A;")));
        Assert.Empty(
            OpenClasses(
                CodeFile.FromText("src/A.cs", "public sealed class A; public readonly record struct B; class C;")));
    }

    [Fact]
    public void There_is_no_region() =>
        Rule.Holds(
            RepositoryTree.Code.SelectMany(file =>
                file.File.LinesWhere(line => line.TrimStart().StartsWith("#region", StringComparison.Ordinal))
                    .Select(line => new Finding(
                        file.Path,
                        line.Line,
                        "A region hides that the file holds two things. Split the file."))));

    private static IEnumerable<Finding> SecondTypes(CodeFile file) =>
        file.TopLevelTypes()
            .Where(type => CodeFile.IsPublic(type) && CodeFile.LinesOf(type) > CompanionLinesMax)
            .Skip(1)
            .Select(type => new Finding(
                file.Path,
                CodeFile.LineOf(type),
                $"{CodeFile.NameOf(type)} is public and longer than {CompanionLinesMax} lines: give it its own file."));

    private static IEnumerable<Finding> Misnamed(CodeFile file)
    {
        var types = file.TopLevelTypes().ToList();
        var expected = file.File.Name.Split('.')[0];
        if (types.Count == 0
            || FileNamesAllowed.ContainsKey(file.Path)
            || types.Exists(type => CodeFile.NameOf(type) == expected))
            return [];
        if (expected == "Program")
            return []; // Top-level statements, whose class has no declaration.
        return
        [
            new Finding(file.Path, 1, $"Holds {CodeFile.NameOf(types[0])}, so call it {CodeFile.NameOf(types[0])}.cs."),
        ];
    }

    private static IEnumerable<Finding> OpenClasses(CodeFile file) =>
        file.TopLevelTypes()
            .Where(type =>
                type.IsKind(SyntaxKind.ClassDeclaration) || type.IsKind(SyntaxKind.RecordDeclaration))
            .Where(type => CodeFile.IsPublic(type) && !OpenTypesAllowed.ContainsKey(CodeFile.NameOf(type)))
            .Where(type =>
                !type.Modifiers.Any(modifier =>
                    modifier.Kind()
                        is SyntaxKind.SealedKeyword
                            or SyntaxKind.StaticKeyword
                            or SyntaxKind.AbstractKeyword))
            .Select(type => new Finding(
                file.Path,
                CodeFile.LineOf(type),
                $"Seal {CodeFile.NameOf(type)}: nothing says how to derive from it."));
}

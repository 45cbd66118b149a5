using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Beffroi.Tidy;

/// <summary>One suite per interface, and every implementation passes it.</summary>
public sealed class ConformanceRules
{
    private const string Interface = "IBlobStore";
    private const string Suites = "tests/conformance/";

    [Fact]
    public void Every_blob_store_has_a_conformance_test() =>
        Rule.Holds(
            Untested(
                RepositoryTree.ShippedCode,
                RepositoryTree.Code.Where(file => file.Path.StartsWith(Suites, StringComparison.Ordinal))));

    [Fact]
    public void A_blob_store_without_conformance_test_is_found()
    {
        var stores = new[]
        {
            CodeFile.FromText("src/A.cs", "class TapeStore : IBlobStore; class DiskStore : IBlobStore, IDisposable;"),
        };
        var tests = new[]
        {
            CodeFile.FromText(
                "tests/conformance/B.cs",
                "class DiskTests : Suite { IBlobStore New() => new DiskStore(); }"),
        };

        Assert.Equal("TapeStore", Assert.Single(Untested(stores, tests)).Advice.Split(' ')[0]);
    }

    private static IEnumerable<Finding> Untested(IEnumerable<CodeFile> shipped, IEnumerable<CodeFile> tests)
    {
        // A test class counts when it derives from a suite and names the store.
        var named = tests
            .SelectMany(file => file.AllTypes().OfType<ClassDeclarationSyntax>())
            .Where(type => type.BaseList is not null)
            .SelectMany(type => type.DescendantNodes().OfType<IdentifierNameSyntax>())
            .Select(identifier => identifier.Identifier.Text)
            .ToHashSet();
        return shipped.SelectMany(file =>
            file.AllTypes()
                .OfType<TypeDeclarationSyntax>()
                .Where(type => type.BaseList?.Types.Any(parent => parent.Type.ToString() == Interface) == true)
                .Where(type => type is not InterfaceDeclarationSyntax && !named.Contains(type.Identifier.Text))
                .Select(type => new Finding(
                    file.Path,
                    CodeFile.LineOf(type),
                    $"{type.Identifier.Text} has no conformance test: derive a class from the "
                        + "blob store suite in tests/conformance, some 25 lines.")));
    }
}

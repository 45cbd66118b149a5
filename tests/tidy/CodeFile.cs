using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Beffroi.Tidy;

/// <summary>A C# file with its syntax tree.</summary>
internal sealed class CodeFile(RepositoryFile file)
{
    private CompilationUnitSyntax? _root;

    internal RepositoryFile File => file;

    internal string Path => file.Path;

    internal CompilationUnitSyntax Root =>
        _root ??= CSharpSyntaxTree
            .ParseText(file.Text, new CSharpParseOptions(LanguageVersion.Preview))
            .GetCompilationUnitRoot();

    internal static CodeFile FromText(string path, string text) => new(new RepositoryFile(path, text));

    /// <summary>First line of the node without its comments and attributes, counted from 1.</summary>
    internal static int LineOf(SyntaxNode node)
    {
        var attributes = node.ChildNodes().OfType<AttributeListSyntax>().LastOrDefault();
        var token = attributes is null ? node.GetFirstToken() : attributes.GetLastToken().GetNextToken();
        return token.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
    }

    /// <summary>Lines from the first one of the declaration to its closing brace, both counted.</summary>
    internal static int LinesOf(SyntaxNode node) =>
        node.GetLastToken().GetLocation().GetLineSpan().EndLinePosition.Line + 2 - LineOf(node);

    /// <summary>The types that stand directly in a namespace or in no namespace.</summary>
    internal IEnumerable<MemberDeclarationSyntax> TopLevelTypes() =>
        Root.DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    internal IEnumerable<MemberDeclarationSyntax> AllTypes() =>
        Root.DescendantNodes()
            .OfType<MemberDeclarationSyntax>()
            .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    internal static string NameOf(MemberDeclarationSyntax type) =>
        type switch
        {
            BaseTypeDeclarationSyntax declared => declared.Identifier.Text,
            DelegateDeclarationSyntax declared => declared.Identifier.Text,
            _ => throw new ArgumentException($"{type.Kind()} is no type.", nameof(type)),
        };

    internal static bool IsPublic(MemberDeclarationSyntax type) => type.Modifiers.Any(SyntaxKind.PublicKeyword);
}

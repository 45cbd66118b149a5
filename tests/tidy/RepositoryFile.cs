namespace Beffroi.Tidy;

/// <summary>A text file of the repository.</summary>
/// <param name="Path">From the root, with slashes.</param>
/// <param name="Text">The whole text.</param>
internal sealed record RepositoryFile(string Path, string Text)
{
    private string[]? _lines;

    internal IReadOnlyList<string> Lines => _lines ??= Text.Split('\n');

    internal string Name => System.IO.Path.GetFileName(Path);

    internal string Folder => System.IO.Path.GetDirectoryName(Path)?.Replace('\\', '/') ?? "";

    /// <summary>Written by a tool (EF Core migrations, and the SQL made of them that a release is compared with), so
    /// the rules for handwriting do not apply.</summary>
    internal bool IsGenerated =>
        Path.Contains("/Migrations/", StringComparison.Ordinal)
        || (Path.Contains("/Golden/", StringComparison.Ordinal) && HasEnding(".sql"));

    internal bool HasEnding(params string[] endings) => endings.Contains(System.IO.Path.GetExtension(Path));

    /// <summary>The lines that match, numbered from 1.</summary>
    internal IEnumerable<(int Line, string Text)> LinesWhere(Func<string, bool> matches) =>
        Lines.Index().Where(line => matches(line.Item)).Select(line => (line.Index + 1, line.Item));
}

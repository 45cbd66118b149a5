namespace Beffroi.Tidy;

/// <summary>The files of this repository, without what a build, an editor or a demonstration leaves behind.</summary>
internal static class RepositoryTree
{
    internal static string Root { get; } = FindRoot();

    private static readonly string[] FoldersLeftOut =
    [
        ".git",
        "artifacts",
        "dist",
        "node_modules",
        "TestResults",
        "__pycache__",
        ".beffroi-demo",
        ".idea",
        ".vs",
    ];

    private static readonly string[] TextEndings =
    [
        ".cs",
        ".razor", ".po",
        ".csproj",
        ".props",
        ".targets",
        ".slnx",
        ".md",
        ".sh",
        ".py",
        ".sql",
        ".js",
        ".css",
        ".json",
        ".yml",
        ".txt",
        ".editorconfig",
        ".gitattributes",
        ".gitignore",
    ];

    private static readonly Lazy<IReadOnlyList<RepositoryFile>> AllFiles = new(() =>
        [.. Read(new DirectoryInfo(Root))]);
    private static readonly Lazy<IReadOnlyList<CodeFile>> AllCode = new(() =>
        [
            .. AllFiles
                .Value.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal) && !file.IsGenerated)
                .Select(file => new CodeFile(file)),
        ]);

    internal static IReadOnlyList<RepositoryFile> Files => AllFiles.Value;

    /// <summary>Every C# file that a person wrote, in src, tests, bench and samples.</summary>
    internal static IReadOnlyList<CodeFile> Code => AllCode.Value;

    /// <summary>The part of <see cref="Code"/> that ships.</summary>
    internal static IEnumerable<CodeFile> ShippedCode =>
        Code.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    internal static RepositoryFile File(string path) =>
        Files.SingleOrDefault(file => file.Path == path)
        ?? throw new FileNotFoundException($"{path} is missing; a house rule reads it.", path);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Beffroi.slnx")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new DirectoryNotFoundException("These tests run inside the repository: no Beffroi.slnx above.");
    }

    private static IEnumerable<RepositoryFile> Read(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles().Where(file => file.LinkTarget is null && IsText(file)))
        {
            var path = Path.GetRelativePath(Root, file.FullName).Replace('\\', '/');
            yield return new RepositoryFile(path, System.IO.File.ReadAllText(file.FullName));
        }
        foreach (var inner in folder.EnumerateDirectories().Where(inner => !FoldersLeftOut.Contains(inner.Name)))
            foreach (var file in Read(inner))
                yield return file;
    }

    private static bool IsText(FileInfo file)
    {
        if (file.Name == "packages.lock.json" || file.Name == "package-lock.json")
            return false;
        if (TextEndings.Contains(file.Extension))
            return true;
        if (file.Extension.Length > 0 || file.Length < 2)
            return false;
        using var reader = file.OpenRead();
        return reader.ReadByte() == '#' && reader.ReadByte() == '!'; // A script without an ending: build, run, test.
    }
}

namespace Beffroi.Portal.Tests;

/// <summary>The source that these tests compare the program with.</summary>
internal static class Repository
{
    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Beffroi.slnx")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new DirectoryNotFoundException("These tests run inside the repository: no Beffroi.slnx above.");
    }
}

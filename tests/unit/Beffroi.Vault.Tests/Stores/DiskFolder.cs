using Beffroi.Vault.Stores;

namespace Beffroi.Vault.Tests.Stores;

/// <summary>A folder that goes with the test, and looks behind a store's back.</summary>
internal sealed class DiskFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("beffroi-disk-").FullName;

    internal string PathOf(string name) => System.IO.Path.Combine(Path, name);

    private static EnumerationOptions HiddenToo { get; } =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };

    /// <summary>All files there are, hidden ones too, with slashes and in order.</summary>
    internal List<string> Files() => Directory
        .EnumerateFiles(Path, "*", HiddenToo)
        .Select(path => System.IO.Path.GetRelativePath(Path, path))
        .Order(StringComparer.Ordinal)
        .ToList();

    internal static async Task<List<string>> NamesAsync(IBlobStore store, string prefix = "")
    {
        var names = new List<string>();
        await foreach (var entry in store.ListAsync(prefix, null, TestContext.Current.CancellationToken))
            names.Add(entry.Name.Value);
        return names;
    }

    internal static async Task<byte[]> ReadAsync(IBlobStore store, string name)
    {
        var buffer = new byte[1 << 20];
        return buffer[..await store.ReadAsync(new BlobName(name), 0, buffer, TestContext.Current.CancellationToken)];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

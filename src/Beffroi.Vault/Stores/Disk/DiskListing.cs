using System.IO.Enumeration;

namespace Beffroi.Vault.Stores.Disk;

/// <summary>Reads the folders of a store one at a time, in the order of the full names.</summary>
/// <remarks>A folder is sorted as its name with a slash behind it, because that is what its blobs' names go on with:
/// <c>a-b</c>, <c>a.c</c>, <c>a/x</c>, <c>a0</c>. What neither prefix nor start can reach is not opened.</remarks>
internal sealed class DiskListing(string root, string prefix, string? startAfter)
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None };

    /// <summary>The root of the store.</summary>
    internal static Child Top { get; } = new(string.Empty, 0);

    /// <summary>A blob or a folder of them.</summary>
    /// <param name="Key">Full name; a folder's is empty or ends with a slash.</param>
    /// <param name="Bytes">Length of the blob.</param>
    internal readonly record struct Child(string Key, long Bytes)
    {
        internal bool IsFolder => Key.Length == 0 || Key[^1] == '/';
    }

    /// <summary>What the folder holds and the listing wants, in order.</summary>
    internal List<Child> ReadFolder(string folderKey)
    {
        var path = Path.Combine(root, folderKey.Replace('/', Path.DirectorySeparatorChar));
        var children = new FileSystemEnumerable<Child>(path, (ref entry) => ToChild(folderKey, ref entry), Everything)
        {
            ShouldIncludePredicate = (ref entry) => IsWanted(folderKey, ref entry),
        };
        return [.. children.OrderBy(child => child.Key, StringComparer.Ordinal)];
    }

    private static string KeyOf(string folderKey, ref FileSystemEntry entry) =>
        string.Concat(folderKey, entry.FileName, entry.IsDirectory ? "/" : "");

    private static Child ToChild(string folderKey, ref FileSystemEntry entry) =>
        new(KeyOf(folderKey, ref entry), entry.IsDirectory ? 0 : entry.Length);

    // What is no blob name was not written here: temporary files, 'lost+found', what people left behind.
    private bool IsWanted(string folderKey, ref FileSystemEntry entry)
    {
        var key = KeyOf(folderKey, ref entry);
        return BlobName.IsValid(key.AsSpan().TrimEnd('/')) && (entry.IsDirectory ? CanHoldWanted(key) : IsWanted(key));
    }

    private bool IsWanted(string key) => key.StartsWith(prefix, StringComparison.Ordinal) && IsAfterStart(key);

    private bool CanHoldWanted(string folderKey) =>
        (folderKey.StartsWith(prefix, StringComparison.Ordinal)
            || prefix.StartsWith(folderKey, StringComparison.Ordinal))
        && (IsAfterStart(folderKey) || startAfter is null
            || startAfter.StartsWith(folderKey, StringComparison.Ordinal));

    private bool IsAfterStart(string key) => string.CompareOrdinal(key, startAfter) > 0;
}

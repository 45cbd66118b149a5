using Beffroi.Agent.Platform;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Exclusions;

/// <summary>Finds the files that speak about exclusions among the children of a directory.</summary>
internal static class ExclusionFiles
{
    internal const string IgnoreName = ".beffroiignore";
    internal const string CacheTagName = "CACHEDIR.TAG";

    private const int IgnoreBytesMax = 1024 * 1024; // Some 30,000 patterns: beyond, it is no file written for this.

    /// <summary>The scope for the children of a directory.</summary>
    /// <param name="children">What <see cref="ISourceFileSystem.List"/> answered: sorted by name.</param>
    /// <param name="report">Told when an ignore file could not be read; its rules then do not count.</param>
    internal static ExclusionScope Enter(this ExclusionScope scope, ISourceFileSystem source, EntryPath directory,
        IReadOnlyList<SourceNode> children, Action<SourceProblem> report)
    {
        var ignoreFile = Find(children, ".beffroiignore"u8) is { } ignore
            ? Read(source, ignore, IgnoreBytesMax, report) : [];
        var isCache = Find(children, "CACHEDIR.TAG"u8) is { } tag && IsCacheTag(source, tag, report);
        return scope.Enter(directory, ignoreFile, isCache);
    }

    /// <summary>The tag's name as rules compare it.</summary>
    internal static ReadOnlySpan<byte> CacheTagBytes(bool isFolded) => isFolded ? "cachedir.tag"u8 : "CACHEDIR.TAG"u8;

    /// <summary>Whether the file starts with the signature of bford.info/cachedir, without which the name says nothing.
    /// </summary>
    private static bool IsCacheTag(ISourceFileSystem source, SourceNode tag, Action<SourceProblem> report)
    {
        var signature = "Signature: 8a477f597d28d172789f06886806bc55"u8;
        return Read(source, tag, signature.Length, report).AsSpan().SequenceEqual(signature);
    }

    private static SourceNode? Find(IReadOnlyList<SourceNode> children, ReadOnlySpan<byte> name)
    {
        int low = 0, high = children.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = children[middle].Name.Span.SequenceCompareTo(name);
            if (order == 0) return children[middle].Kind == EntryKind.File ? children[middle] : null;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }

    private static byte[] Read(ISourceFileSystem source, SourceNode node, int bytesMax, Action<SourceProblem> report)
    {
        try
        {
            using var file = source.OpenFile(node);
            var buffer = new byte[(int)Math.Min(file.Status.Bytes, bytesMax)];
            var length = 0;
            while (length < buffer.Length && file.Read(length, buffer.AsSpan(length)) is > 0 and var read)
                length += read;
            return buffer[..length];
        }
        catch (FileSystemException exception)
        {
            report(exception.AsProblem());
            return [];
        }
    }
}

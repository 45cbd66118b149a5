namespace Beffroi.Vault.Catalogue;

/// <summary>A range of a sparse file that holds data.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Bytes">Length, above 0.</param>
public readonly record struct DataExtent(long Offset, long Bytes)
{
    /// <summary>Where bytes of a content lie in its file: a sparse file's content skips the holes.</summary>
    /// <param name="extents">The file's ranges; none for a file without holes.</param>
    /// <param name="contentOffset">First byte in the content.</param>
    /// <param name="bytes">How many.</param>
    /// <returns>Place in the file, start among the given bytes, and length of each part, in order.</returns>
    public static IEnumerable<(long FileOffset, int Start, int Length)> Place(
        IReadOnlyList<DataExtent> extents, long contentOffset, int bytes)
    {
        ArgumentNullException.ThrowIfNull(extents);
        if (extents.Count == 0)
        {
            yield return (contentOffset, 0, bytes);
            yield break;
        }
        var (before, start) = (0L, 0);
        foreach (var extent in extents)
        {
            var inside = contentOffset + start - before;
            before += extent.Bytes;
            if (inside >= extent.Bytes) continue;
            var length = (int)Math.Min(bytes - start, extent.Bytes - inside);
            yield return (extent.Offset + inside, start, length);
            start += length;
            if (start == bytes) yield break;
        }
    }
}

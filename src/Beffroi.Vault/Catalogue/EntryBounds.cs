using System.Numerics;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Catalogue;

/// <summary>What an entry may take of the catalogue, and what is left out of one that takes more.</summary>
/// <remarks>Lengths are those that <see cref="EntryCodec"/> writes, or a few bytes more.</remarks>
public static class EntryBounds
{
    private const int ChildBytesMax = 2; // A varint below 16,384.
    private const int TimeBytesMax = 10;
    private const int ModeBytesMax = 2;
    private const int NumberBytesMax = 10; // A varint of 64 bits.
    private const int ListsBytesMax = 4 * NumberBytesMax; // Tags, lengths and counts of attributes and streams.

    /// <summary>The entry as the format can hold it: without the extended attributes and alternate streams that go
    /// beyond <see cref="CatalogueLimits.EntryBytesMax"/> or <see cref="RecordLimits.ReferencesMax"/>.</summary>
    /// <returns>The entry, the same if it fits, and the names of what was left out.</returns>
    public static (Entry Entry, IReadOnlyList<string> LeftOut) Fit(Entry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (BytesOf(entry, sharedBytes: 0) <= CatalogueLimits.EntryBytesMax && HasRoomForChildren(entry))
            return (entry, []);

        var (leftOut, attributes) = (new List<string>(), new List<ExtendedAttribute>());
        var streams = entry.Windows?.Streams;
        var fitting = entry with
        {
            ExtendedAttributes = [],
            Windows = entry.Windows is null ? null : entry.Windows with { Streams = [] },
        };
        var left = CatalogueLimits.EntryBytesMax - BytesOf(fitting, sharedBytes: 0) - ListsBytesMax;
        foreach (var attribute in entry.ExtendedAttributes)
        {
            if (TryTake(ref left, BytesOf(attribute))) attributes.Add(attribute);
            else leftOut.Add(System.Text.Encoding.UTF8.GetString(attribute.Name.Span));
        }
        fitting = fitting with { ExtendedAttributes = attributes };
        return streams is null ? (fitting, leftOut) : (FitStreams(fitting, streams, left, leftOut), leftOut);
    }

    /// <summary>Bytes of the body that <see cref="EntryCodec.Write"/> makes.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="sharedBytes">How many bytes of its path the entry before has as well.</param>
    internal static int BytesOf(Entry entry, int sharedBytes)
    {
        var bytes = VarintBytes((ulong)sharedBytes) + Counted(entry.Path.Bytes.Length - sharedBytes)
            + sizeof(EntryKind) + TimeBytesMax + ModeBytesMax + VarintBytes(entry.UserId) + VarintBytes(entry.GroupId)
            + VarintBytes((ulong)entry.Bytes) + BytesOf(entry.Content);
        if (!entry.LinkTarget.IsEmpty) bytes += Extension(entry.LinkTarget.Length);
        if (entry.UserName is { } user) bytes += Extension(TextBytes(user));
        if (entry.GroupName is { } group) bytes += Extension(TextBytes(group));
        if (entry.DeviceNumber != 0) bytes += Extension(NumberBytesMax);
        if (entry.HardLinkGroup != 0) bytes += Extension(NumberBytesMax);
        if (entry.Extents.Count > 0) bytes += Extension((2 * entry.Extents.Count + 1) * NumberBytesMax);
        if (entry.ExtendedAttributes.Count > 0) bytes += Extension(NumberBytesMax + BytesOf(entry.ExtendedAttributes));
        if (entry.Windows is { } windows) bytes += Extension(BytesOf(windows));
        return bytes;
    }

    private static int BytesOf(IReadOnlyList<ExtendedAttribute> attributes)
    {
        var bytes = 0;
        foreach (var attribute in attributes) bytes += BytesOf(attribute);
        return bytes;
    }

    private static int BytesOf(ExtendedAttribute attribute) =>
        Counted(attribute.Name.Length) + Counted(attribute.Value.Length);

    private static int BytesOf(WindowsMetadata windows)
    {
        var bytes = sizeof(uint) + sizeof(long) + Counted(windows.SecurityDescriptor.Length)
            + VarintBytes((ulong)windows.Streams.Count);
        foreach (var stream in windows.Streams) bytes += BytesOf(stream);
        return bytes;
    }

    private static int BytesOf(AlternateStream stream) =>
        Counted(TextBytes(stream.Name)) + VarintBytes((ulong)stream.Bytes) + BytesOf(stream.Content);

    private static int BytesOf(Content content)
    {
        var bytes = sizeof(ContentKind) + sizeof(ChunkClass) + VarintBytes((ulong)content.Pieces.Count);
        foreach (var piece in content.Pieces)
            bytes += ChildBytesMax + VarintBytes(piece.Offset) + VarintBytes((ulong)piece.Bytes);
        return bytes;
    }

    private static int TextBytes(string text) => System.Text.Encoding.UTF8.GetByteCount(text);

    private static int Extension(int valueBytes) => sizeof(byte) + Counted(valueBytes); // Tags are below 128.

    private static int Counted(int bytes) => VarintBytes((ulong)bytes) + bytes;

    private static int VarintBytes(ulong value) => BitOperations.Log2(value | 1) / 7 + 1;

    private static bool HasRoomForChildren(Entry entry) => entry.Windows is null
        || entry.Windows.Streams.Count < RecordLimits.ReferencesMax / Content.PiecesMax // With those of the file.
        || EntryCodec.ChildrenOf(entry).DistinctBy(child => child.Id).Count() <= RecordLimits.ReferencesMax;

    private static Entry FitStreams(
        Entry fitting, IReadOnlyList<AlternateStream> streams, int left, List<string> leftOut)
    {
        var taken = new List<AlternateStream>();
        var children = EntryCodec.ChildrenOf(fitting).Select(child => child.Id).ToHashSet();
        foreach (var stream in streams)
        {
            var added = stream.Content.Pieces.Select(piece => piece.Record.Id).Where(id => !children.Contains(id))
                .ToHashSet();
            var isTaken = children.Count + added.Count <= RecordLimits.ReferencesMax
                && TryTake(ref left, BytesOf(stream));
            if (!isTaken)
            {
                leftOut.Add(stream.Name);
                continue;
            }
            children.UnionWith(added);
            taken.Add(stream);
        }
        return fitting with { Windows = fitting.Windows! with { Streams = taken } }; // Else it would have no streams.
    }

    private static bool TryTake(ref int left, int bytes)
    {
        if (bytes > left) return false;
        left -= bytes;
        return true;
    }
}

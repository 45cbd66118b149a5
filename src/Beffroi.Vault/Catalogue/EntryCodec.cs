using Beffroi.Vault.Records;
using Beffroi.Vault.Wire;

namespace Beffroi.Vault.Catalogue;

/// <summary>Writes and reads one entry (docs/format/catalogue.md §3 and §5).</summary>
internal static class EntryCodec
{
    private const int NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Seconds of a time, before 1970 and after, are below this.</summary>
    private const long SecondsEnd = 9_000_000_000;

    // What a source says may lie beyond: 64 bits of nanoseconds reach from 1677 to 2262. It becomes the nearest time
    // that a reader takes (1684 or 2255), since one entry that is refused costs its whole segment.
    private const long ModifiedNsMin = (1 - SecondsEnd) * NanosecondsPerSecond;
    private const long ModifiedNsMax = SecondsEnd * NanosecondsPerSecond - 1;

    /// <summary>Numbers of the extensions. An odd one must be understood, an even one may be skipped.</summary>
    private enum Tag : ulong
    {
        LinkTarget = 1,
        UserName = 2,
        DeviceNumber = 3,
        GroupName = 4,
        Extents = 5,
        HardLinkGroup = 6,
        ExtendedAttributes = 8,
        Windows = 10,
    }

    /// <summary>Records that the entry points at.</summary>
    internal static IEnumerable<RecordRef> ChildrenOf(Entry entry)
    {
        foreach (var piece in entry.Content.Pieces) yield return piece.Record;
        if (entry.Windows is null) yield break;
        foreach (var stream in entry.Windows.Streams)
        {
            foreach (var piece in stream.Content.Pieces) yield return piece.Record;
        }
    }

    /// <summary>Writes the body of an item.</summary>
    internal static void Write(ByteWriter writer, Entry entry, ReadOnlySpan<byte> previousPath, ChildTable children)
    {
        var path = entry.Path.Bytes.Span;
        var shared = path.CommonPrefixLength(previousPath);
        writer.Varint((ulong)shared);
        writer.Counted(path[shared..]);
        writer.U8((byte)entry.Kind);
        var (seconds, nanoseconds) = Split(Math.Clamp(entry.ModifiedNs, ModifiedNsMin, ModifiedNsMax));
        writer.Svarint(seconds);
        writer.Varint((ulong)nanoseconds);
        writer.Varint(entry.Mode);
        writer.Varint(entry.UserId);
        writer.Varint(entry.GroupId);
        writer.Varint((ulong)entry.Bytes);
        WriteContent(writer, entry.Content, children);
        WriteExtensions(writer, entry, children);
    }

    /// <summary>Reads the body of an item.</summary>
    /// <param name="reader">Reader over exactly the body.</param>
    /// <param name="previousPath">Path of the entry before in the segment.</param>
    /// <param name="children">Table of the segment.</param>
    internal static Entry Read(ByteReader reader, ReadOnlySpan<byte> previousPath, ChildTable children)
    {
        var entry = new Entry
        {
            Path = ReadPath(ref reader, previousPath),
            Kind = ReadKind(ref reader),
            ModifiedNs = ReadTime(ref reader),
            Mode = (uint)reader.Varint(0xFFF),
            UserId = (uint)reader.Varint(uint.MaxValue),
            GroupId = (uint)reader.Varint(uint.MaxValue),
            Bytes = reader.Varint(long.MaxValue),
            Content = ReadContent(ref reader, children),
        };
        ulong last = 0;
        while (!reader.IsAtEnd)
        {
            var tag = reader.Varint();
            if (tag <= last) throw reader.Refuse($"extension {tag} is out of order");
            last = tag;
            var value = reader.Counted(CatalogueLimits.EntryBytesMax);
            entry = ReadExtension(
                entry, (Tag)tag, new ByteReader(value, ErrorCode.CatalogueMalformed, "an entry's extension"), children);
        }
        return CheckLengths(entry, reader);
    }

    private static void WriteContent(ByteWriter writer, Content content, ChildTable children)
    {
        writer.U8((byte)content.Kind);
        if (content.Kind == ContentKind.Empty) return;
        if (content.Kind != ContentKind.Slice) writer.U8((byte)content.Class);
        if (content.Kind == ContentKind.Chunks) writer.Varint((ulong)content.Pieces.Count);
        foreach (var piece in content.Pieces)
        {
            children.Write(writer, piece.Record);
            if (content.Kind == ContentKind.Slice) writer.Varint(piece.Offset);
            writer.Varint((ulong)piece.Bytes);
        }
    }

    private static Content ReadContent(ref ByteReader reader, ChildTable children)
    {
        var kind = (ContentKind)reader.U8();
        switch (kind)
        {
            case ContentKind.Empty:
                return Content.Empty;
            case ContentKind.Slice:
                var record = children.Read(ref reader);
                var offset = (uint)reader.Varint(uint.MaxValue);
                var slice = new Piece(record, offset, ReadLength(ref reader, kind));
                return new Content(kind, ChunkClass.Standard, [slice]);
            case ContentKind.Chunks or ContentKind.List:
                var chunkClass = (ChunkClass)reader.U8();
                if (!Enum.IsDefined(chunkClass)) throw reader.Refuse($"chunk class {(byte)chunkClass} is not known");
                var count = kind == ContentKind.List ? 1 : reader.Varint(Content.PiecesMax);
                if (count == 0) throw reader.Refuse("a content has no chunk");
                var pieces = new Piece[count];
                for (var i = 0; i < count; i++)
                    pieces[i] = new Piece(children.Read(ref reader), 0, ReadLength(ref reader, kind));
                return new Content(kind, chunkClass, pieces);
            default:
                throw reader.Refuse($"content kind {(byte)kind} is not known");
        }
    }

    /// <summary>Bounded, so that the lengths of a content can be added up without overflow.</summary>
    private static long ReadLength(ref ByteReader reader, ContentKind kind)
    {
        var length = reader.Varint(kind == ContentKind.List ? long.MaxValue : RecordLimits.PlainBytesMax);
        return length > 0 ? length : throw reader.Refuse("a piece has no bytes");
    }

    private static void WriteExtensions(ByteWriter writer, Entry entry, ChildTable children)
    {
        if (!entry.LinkTarget.IsEmpty) Extension(writer, Tag.LinkTarget).Counted(entry.LinkTarget.Span);
        if (entry.UserName is { } user) Extension(writer, Tag.UserName).Text(user);
        if (entry.DeviceNumber != 0) WriteNumber(writer, Tag.DeviceNumber, entry.DeviceNumber);
        if (entry.GroupName is { } group) Extension(writer, Tag.GroupName).Text(group);
        var value = new ByteWriter(capacity: 0); // Most entries have none of the following.
        if (entry.Extents.Count > 0)
        {
            WriteExtents(value, entry.Extents);
            Extension(writer, Tag.Extents).Counted(value.Written.Span);
        }
        if (entry.HardLinkGroup != 0) WriteNumber(writer, Tag.HardLinkGroup, entry.HardLinkGroup);
        if (entry.ExtendedAttributes.Count > 0)
        {
            value.Clear();
            WriteAttributes(value, entry.ExtendedAttributes);
            Extension(writer, Tag.ExtendedAttributes).Counted(value.Written.Span);
        }
        if (entry.Windows is not { } windows) return;
        value.Clear();
        WriteWindows(value, windows, children);
        Extension(writer, Tag.Windows).Counted(value.Written.Span);
    }

    private static ByteWriter Extension(ByteWriter writer, Tag tag)
    {
        writer.Varint((ulong)tag);
        return writer;
    }

    private static void WriteNumber(ByteWriter writer, Tag tag, ulong number)
    {
        var value = new ByteWriter(capacity: 10);
        value.Varint(number);
        Extension(writer, tag).Counted(value.Written.Span);
    }

    private static Entry ReadExtension(Entry entry, Tag tag, ByteReader value, ChildTable children)
    {
        switch (tag)
        {
            case Tag.LinkTarget: return entry with { LinkTarget = value.Bytes(value.Left) };
            case Tag.UserName: return entry with { UserName = value.Utf8(value.Bytes(value.Left).Span) };
            case Tag.DeviceNumber: entry = entry with { DeviceNumber = value.Varint() }; break;
            case Tag.GroupName: return entry with { GroupName = value.Utf8(value.Bytes(value.Left).Span) };
            case Tag.Extents: entry = entry with { Extents = ReadExtents(ref value) }; break;
            case Tag.HardLinkGroup: entry = entry with { HardLinkGroup = value.Varint() }; break;
            case Tag.ExtendedAttributes: entry = entry with { ExtendedAttributes = ReadAttributes(ref value) }; break;
            case Tag.Windows: entry = entry with { Windows = ReadWindows(ref value, children) }; break;
            default:
                return (ulong)tag % 2 == 0
                    ? entry
                    : throw value.Refuse($"extension {(ulong)tag} must be understood and is not known");
        }
        value.End();
        return entry;
    }

    private static void WriteExtents(ByteWriter value, IReadOnlyList<DataExtent> extents)
    {
        value.Varint((ulong)extents.Count);
        long end = 0;
        foreach (var extent in extents)
        {
            value.Varint((ulong)(extent.Offset - end));
            value.Varint((ulong)extent.Bytes);
            end = extent.Offset + extent.Bytes;
        }
    }

    private static DataExtent[] ReadExtents(ref ByteReader value)
    {
        var extents = new DataExtent[value.Varint(CatalogueLimits.ExtentsMax)];
        if (extents.Length == 0) throw value.Refuse("a list of data ranges is empty");
        long end = 0;
        for (var i = 0; i < extents.Length; i++)
        {
            var offset = end + value.Varint(long.MaxValue - end);
            var bytes = value.Varint(long.MaxValue - offset);
            if (bytes == 0) throw value.Refuse("a data range is empty");
            extents[i] = new DataExtent(offset, bytes);
            end = offset + bytes;
        }
        return extents;
    }

    private static void WriteAttributes(ByteWriter value, IReadOnlyList<ExtendedAttribute> attributes)
    {
        value.Varint((ulong)attributes.Count);
        foreach (var attribute in attributes)
        {
            value.Counted(attribute.Name.Span);
            value.Counted(attribute.Value.Span);
        }
    }

    private static ExtendedAttribute[] ReadAttributes(ref ByteReader value)
    {
        var attributes = new ExtendedAttribute[value.Varint(value.Left)];
        for (var i = 0; i < attributes.Length; i++)
        {
            attributes[i] = new ExtendedAttribute(value.Counted(value.Left), value.Counted(value.Left));
            if (i > 0 && attributes[i - 1].Name.Span.SequenceCompareTo(attributes[i].Name.Span) >= 0)
                throw value.Refuse("extended attributes are not in order");
        }
        return attributes;
    }

    private static void WriteWindows(ByteWriter value, WindowsMetadata windows, ChildTable children)
    {
        value.U32(windows.Attributes);
        value.I64(windows.CreatedNs);
        value.Counted(windows.SecurityDescriptor.Span);
        value.Varint((ulong)windows.Streams.Count);
        foreach (var stream in windows.Streams)
        {
            value.Text(stream.Name);
            value.Varint((ulong)stream.Bytes);
            WriteContent(value, stream.Content, children);
        }
    }

    private static WindowsMetadata ReadWindows(ref ByteReader value, ChildTable children)
    {
        var (attributes, created, security) = (value.U32(), value.I64(), value.Counted(value.Left));
        var streams = new AlternateStream[value.Varint(value.Left)];
        for (var i = 0; i < streams.Length; i++)
        {
            streams[i] = new AlternateStream(
                value.Text(value.Left), value.Varint(long.MaxValue), ReadContent(ref value, children));
            if (Sum(streams[i].Content) != streams[i].Bytes)
                throw value.Refuse("an alternate stream's pieces do not add up to its length");
        }
        return new WindowsMetadata
        {
            Attributes = attributes,
            CreatedNs = created,
            SecurityDescriptor = security,
            Streams = streams,
        };
    }

    private static EntryPath ReadPath(ref ByteReader reader, ReadOnlySpan<byte> previousPath)
    {
        var shared = (int)reader.Varint(previousPath.Length);
        var suffix = reader.Counted(EntryPath.BytesMax).Span;
        var path = new byte[shared + suffix.Length];
        previousPath[..shared].CopyTo(path);
        suffix.CopyTo(path.AsSpan(shared));
        return new EntryPath(path);
    }

    private static EntryKind ReadKind(ref ByteReader reader)
    {
        var kind = (EntryKind)reader.U8();
        return Enum.IsDefined(kind) ? kind : throw reader.Refuse($"kind {(byte)kind} is not known");
    }

    private static long ReadTime(ref ByteReader reader)
    {
        var seconds = reader.Svarint();
        var nanoseconds = reader.Varint(NanosecondsPerSecond - 1);
        return seconds is > -SecondsEnd and < SecondsEnd
            ? seconds * NanosecondsPerSecond + nanoseconds
            : throw reader.Refuse("a time is out of range");
    }

    private static (long Seconds, long Nanoseconds) Split(long nanoseconds)
    {
        var seconds = Math.DivRem(nanoseconds, NanosecondsPerSecond, out var rest);
        return rest < 0 ? (seconds - 1, rest + NanosecondsPerSecond) : (seconds, rest);
    }

    private static Entry CheckLengths(Entry entry, ByteReader reader)
    {
        if (entry.Kind != EntryKind.File)
        {
            return entry.Bytes == 0 && entry.Content.Kind == ContentKind.Empty
                ? entry
                : throw reader.Refuse("something that is no file has a content");
        }
        var isAllHole = entry.Content.Kind == ContentKind.Empty && entry.Extents.Count == 0;
        var covered = entry.Extents.Count == 0 ? entry.Bytes : entry.Extents.Sum(extent => extent.Bytes);
        if (!isAllHole && Sum(entry.Content) != covered)
            throw reader.Refuse("a file's pieces do not add up to its length");
        if (entry.Extents.Count > 0 && entry.Extents[^1].Offset + entry.Extents[^1].Bytes > entry.Bytes)
            throw reader.Refuse("a data range reaches beyond the end of its file");
        return entry;
    }

    private static long Sum(Content content) => content.Pieces.Sum(piece => piece.Bytes);
}

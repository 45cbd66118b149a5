using Beffroi.Vault.Records;
using Beffroi.Vault.Wire;

namespace Beffroi.Vault.Catalogue;

/// <summary>A child of a segment of level 1 or above.</summary>
/// <param name="FirstPath">Path of the first entry below it.</param>
/// <param name="Record">The segment.</param>
/// <param name="Entries">How many entries lie below it.</param>
public sealed record SegmentLink(EntryPath FirstPath, RecordRef Record, long Entries);

/// <summary>A child of a chunk list: a chunk or a list.</summary>
/// <param name="Record">The record.</param>
/// <param name="Bytes">Bytes of the content below it.</param>
public readonly record struct ListItem(RecordRef Record, long Bytes);

/// <summary>A catalogue record's plain bytes, with the references that its header must list.</summary>
public readonly record struct CataloguePlain(ReadOnlyMemory<byte> Plain, IReadOnlyList<RecordId> References);

/// <summary>Writes and reads the plain bytes of segments and chunk lists (docs/format/catalogue.md).</summary>
public static class SegmentCodec
{
    private const byte Version = 1;

    /// <summary>Writes a segment of level 0.</summary>
    public static CataloguePlain WriteEntries(IReadOnlyList<Entry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var children = new ChildTable(entries.SelectMany(EntryCodec.ChildrenOf));
        var writer = Start(children, level: 0, entries.Count, bytesExpected: entries.Count * 128);
        var body = new ByteWriter();
        ReadOnlySpan<byte> previous = default;
        foreach (var entry in entries)
        {
            body.Clear();
            EntryCodec.Write(body, entry, previous, children);
            writer.Counted(body.Written.Span);
            previous = entry.Path.Bytes.Span;
        }
        return new CataloguePlain(writer.Written, children.References);
    }

    /// <summary>Writes a segment of level 1 or above.</summary>
    public static CataloguePlain WriteLinks(int level, IReadOnlyList<SegmentLink> links)
    {
        ArgumentNullException.ThrowIfNull(links);
        var children = new ChildTable(links.Select(link => link.Record));
        var writer = Start(children, level, links.Count, bytesExpected: links.Count * 96);
        var body = new ByteWriter();
        foreach (var link in links)
        {
            body.Clear();
            body.Counted(link.FirstPath.Bytes.Span);
            children.Write(body, link.Record);
            body.Varint((ulong)link.Entries);
            writer.Counted(body.Written.Span);
        }
        return new CataloguePlain(writer.Written, children.References);
    }

    /// <summary>Writes a chunk list.</summary>
    public static CataloguePlain WriteList(int level, IReadOnlyList<ListItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        var children = new ChildTable(items.Select(item => item.Record));
        var writer = Start(children, level, items.Count, bytesExpected: items.Count * 8);
        foreach (var item in items)
        {
            children.Write(writer, item.Record);
            writer.Varint((ulong)item.Bytes);
        }
        return new CataloguePlain(writer.Written, children.References);
    }

    /// <summary>Reads a record of the catalogue to see that it can be read.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CatalogueMalformed"/> or
    /// <see cref="ErrorCode.ReferencesMismatch"/>.</exception>
    internal static void Check(RecordType type, CataloguePlain record)
    {
        if (type == RecordType.ChunkList) ReadList(record.Plain, record.References);
        else if (ReadLevel(record.Plain) == 0) ReadEntries(record.Plain, record.References);
        else ReadLinks(record.Plain, record.References);
    }

    /// <summary>Level of a segment or list, without reading more.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CatalogueMalformed"/>.</exception>
    public static int ReadLevel(ReadOnlyMemory<byte> plain)
    {
        var reader = NewReader(plain);
        return ReadStart(ref reader);
    }

    /// <summary>Reads a segment of level 0.</summary>
    /// <param name="plain">Its plain bytes.</param>
    /// <param name="references">References of its record's header.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.CatalogueMalformed"/> or
    /// <see cref="ErrorCode.ReferencesMismatch"/>.</exception>
    public static IReadOnlyList<Entry> ReadEntries(ReadOnlyMemory<byte> plain, IReadOnlyList<RecordId> references)
    {
        var (reader, children, count) = Open(plain, references, level => level == 0);
        var entries = new List<Entry>((int)Math.Min(count, 8192));
        EntryPath previous = default;
        var pathBytes = 0;
        for (var i = 0L; i < count; i++)
        {
            var body = reader.Counted(CatalogueLimits.EntryBytesMax);
            var entry = EntryCodec.Read(NewReader(body), previous.Bytes.Span, children);
            pathBytes += entry.Path.Bytes.Length;
            if (pathBytes > CatalogueLimits.SegmentPathBytesMax)
                throw reader.Refuse($"its paths have more than {CatalogueLimits.SegmentPathBytesMax} bytes");
            if (entry.Path <= previous) throw reader.Refuse("its entries are not in order");
            // All that lies below an entry follows right behind it, so the one before is enough.
            if (i > 0 && entries[^1].Kind != EntryKind.Directory && entry.Path.IsAtOrBelow(previous))
                throw reader.Refuse("an entry lies below one that is no directory");
            entries.Add(entry);
            previous = entry.Path;
        }
        reader.End();
        children.CheckAllUsed();
        return entries;
    }

    /// <summary>Reads a segment of level 1 or above.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CatalogueMalformed"/> or
    /// <see cref="ErrorCode.ReferencesMismatch"/>.</exception>
    public static IReadOnlyList<SegmentLink> ReadLinks(ReadOnlyMemory<byte> plain, IReadOnlyList<RecordId> references)
    {
        var (reader, children, count) = Open(plain, references, level => level > 0);
        var links = new List<SegmentLink>((int)Math.Min(count, 8192));
        EntryPath previous = default;
        for (var i = 0L; i < count; i++)
        {
            var body = NewReader(reader.Counted(CatalogueLimits.EntryBytesMax));
            var path = new EntryPath(body.Counted(EntryPath.BytesMax));
            if (path <= previous) throw reader.Refuse("its links are not in order");
            links.Add(new SegmentLink(path, children.Read(ref body), body.Varint(long.MaxValue)));
            body.End();
            previous = path;
        }
        reader.End();
        children.CheckAllUsed();
        return links.Count > 0 ? links : throw reader.Refuse("a segment above level 0 is empty");
    }

    /// <summary>Reads a chunk list.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CatalogueMalformed"/> or
    /// <see cref="ErrorCode.ReferencesMismatch"/>.</exception>
    public static IReadOnlyList<ListItem> ReadList(ReadOnlyMemory<byte> plain, IReadOnlyList<RecordId> references)
    {
        var (reader, children, count) = Open(plain, references, _ => true);
        if (count is 0 or > CatalogueLimits.ListItemsMax) throw reader.Refuse($"a chunk list has {count} items");
        var bytesMax = ReadLevel(plain) == 0 ? RecordPlainBytesMax : long.MaxValue;
        var items = new ListItem[count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = new ListItem(children.Read(ref reader), reader.Varint(bytesMax));
            if (items[i].Bytes == 0) throw reader.Refuse("a chunk is empty");
        }
        reader.End();
        children.CheckAllUsed();
        return items;
    }

    private static ByteWriter Start(ChildTable children, int level, int count, int bytesExpected)
    {
        var writer = new ByteWriter(bytesExpected + 64);
        writer.U8(Version);
        writer.U8(level);
        writer.U16(0);
        children.WriteKeys(writer);
        writer.Varint((ulong)count);
        return writer;
    }

    private static (ByteReader Reader, ChildTable Children, long Count) Open(
        ReadOnlyMemory<byte> plain, IReadOnlyList<RecordId> references, Predicate<int> isExpected)
    {
        var reader = NewReader(plain);
        var level = ReadStart(ref reader);
        if (!isExpected(level)) throw reader.Refuse($"level {level} is not the one its parent announces");
        var children = ChildTable.Read(ref reader, references);
        var count = reader.Varint(RecordPlainBytesMax);
        return (reader, children, count); // The reader is a value: it is copied here, after its last step.
    }

    private static int ReadStart(ref ByteReader reader)
    {
        var version = reader.U8();
        if (version != Version) throw reader.Refuse($"version {version} is not known");
        var level = reader.U8();
        if (level > CatalogueLimits.LevelMax) throw reader.Refuse($"level {level} is too high");
        reader.Zeros(2);
        return level;
    }

    private static ByteReader NewReader(ReadOnlyMemory<byte> plain) =>
        new(plain, ErrorCode.CatalogueMalformed, "a part of the catalogue");

    private const long RecordPlainBytesMax = RecordLimits.PlainBytesMax; // An item has at least one byte.
}

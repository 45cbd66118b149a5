using System.Runtime.CompilerServices;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>An entry and its place in its snapshot.</summary>
/// <param name="Number">How many entries stand before it: names it within its snapshot, without saying its
/// path.</param>
/// <param name="Entry">The entry.</param>
public readonly record struct NumberedEntry(long Number, Entry Entry);

/// <summary>Reads the entries of a snapshot in order, and only the segments that are needed. For one caller at a
/// time.</summary>
public sealed class CatalogueReader(RecordReader records)
{
    /// <summary>The entries at or below a path; an empty path means all.</summary>
    /// <param name="root">Root of the snapshot.</param>
    /// <param name="under">Where to look.</param>
    /// <param name="unreadable">Called with each segment that cannot be read, and the first path that it would have
    /// had; when null, the failure is thrown instead.</param>
    /// <param name="cancellationToken">Stops between segments.</param>
    public async IAsyncEnumerable<Entry> ReadAsync(
        RecordRef root, EntryPath under, Action<EntryPath, VaultException>? unreadable,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in ReadFromAsync(root, under, 0, unreadable, cancellationToken).ConfigureAwait(false))
            yield return found.Entry;
    }

    /// <summary>As <see cref="ReadAsync"/>, from a number on and with the numbers.</summary>
    public async IAsyncEnumerable<NumberedEntry> ReadFromAsync(
        RecordRef root, EntryPath under, long from, Action<EntryPath, VaultException>? unreadable,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var segment in WalkAsync(
            root, place => place.End > from && place.MayHold(under), unreadable, cancellationToken)
            .ConfigureAwait(false))
        {
            for (var i = segment.IndexOf(from); i < segment.Entries.Count; i++)
            {
                if (segment.Entries[i].Path.IsAtOrBelow(under))
                    yield return new NumberedEntry(segment.First + i, segment.Entries[i]);
            }
        }
    }

    /// <summary>What lies directly in a folder, in order. What lies deeper costs nothing beyond the segments that it
    /// shares with a child: whole segments below a child are left out.</summary>
    /// <param name="root">Root of the snapshot.</param>
    /// <param name="folder">The folder; an empty path means the top.</param>
    /// <param name="after">Number of the child to go on after; null to start with the first.</param>
    /// <param name="unreadable">As for <see cref="ReadAsync"/>.</param>
    /// <param name="cancellationToken">Stops between segments.</param>
    public async IAsyncEnumerable<NumberedEntry> ChildrenAsync(
        RecordRef root, EntryPath folder, long? after, Action<EntryPath, VaultException>? unreadable,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EntryPath child = default;
        var from = after ?? 0;
        await foreach (var segment in WalkAsync(
            root, place => place.End > from && place.MayHold(folder) && !place.IsBelow(child), unreadable,
            cancellationToken).ConfigureAwait(false))
        {
            for (var i = segment.IndexOf(from); i < segment.Entries.Count; i++)
            {
                var entry = segment.Entries[i];
                if (!child.IsEmpty && entry.Path.IsAtOrBelow(child)) continue;
                if (!entry.Path.IsAtOrBelow(folder) || entry.Path.Depth != folder.Depth + 1) continue;
                child = entry.Path;
                if (segment.First + i != after) yield return new NumberedEntry(segment.First + i, entry);
            }
        }
    }

    /// <summary>The entry with exactly this path, or null.</summary>
    public async ValueTask<Entry?> FindAsync(RecordRef root, EntryPath path, CancellationToken cancellationToken) =>
        (await FindNumberedAsync(root, path, cancellationToken).ConfigureAwait(false))?.Entry;

    /// <summary>The entry with exactly this path and its number, or null.</summary>
    public async ValueTask<NumberedEntry?> FindNumberedAsync(
        RecordRef root, EntryPath path, CancellationToken cancellationToken)
    {
        await foreach (var found in ReadFromAsync(root, path, 0, unreadable: null, cancellationToken)
            .ConfigureAwait(false))
            return found.Entry.Path == path ? found : null;
        return null;
    }

    /// <summary>The entry of that number, or null.</summary>
    public async ValueTask<Entry?> FindAsync(RecordRef root, long number, CancellationToken cancellationToken)
    {
        if (number < 0) return null;
        await foreach (var segment in WalkAsync(
            root, place => place.First <= number && number < place.End, unreadable: null, cancellationToken)
            .ConfigureAwait(false))
        {
            var at = number - segment.First;
            return at < segment.Entries.Count ? segment.Entries[(int)at] : null;
        }
        return null;
    }

    /// <summary>The chunks of a content in order, lists resolved as they are reached.</summary>
    public async IAsyncEnumerable<Piece> PiecesAsync(
        Content content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (_, piece) in PiecesFromAsync(content, 0, cancellationToken).ConfigureAwait(false))
            yield return piece;
    }

    /// <summary>The chunks of a content from the one on that holds a byte, each with its place in the content. Lists
    /// that lie before are not read.</summary>
    public async IAsyncEnumerable<(long Offset, Piece Piece)> PiecesFromAsync(
        Content content, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var offset = 0L;
        var pending = new Stack<(Piece Piece, int? Level)>();
        // A level of −1 is a chunk; a list that an entry names may have any level.
        var level = content.Kind == ContentKind.List ? (int?)null : -1;
        foreach (var piece in content.Pieces.Reverse()) pending.Push((piece, level));
        while (pending.TryPop(out var next))
        {
            if (offset + next.Piece.Bytes <= from)
            {
                offset += next.Piece.Bytes;
            }
            else if (next.Level < 0)
            {
                yield return (offset, next.Piece);
                offset += next.Piece.Bytes;
            }
            else
            {
                var (below, items) = await ReadListAsync(next.Piece, next.Level, cancellationToken)
                    .ConfigureAwait(false);
                foreach (var item in items.Reverse()) pending.Push((new Piece(item.Record, 0, item.Bytes), below));
            }
        }
    }

    private async ValueTask<(int LevelBelow, IReadOnlyList<ListItem> Items)> ReadListAsync(
        Piece list, int? expectedLevel, CancellationToken cancellationToken)
    {
        var (header, plain) = await records.ReadAsync(list.Record, RecordType.ChunkList, cancellationToken)
            .ConfigureAwait(false);
        var level = CheckLevel(SegmentCodec.ReadLevel(plain), expectedLevel);
        var items = SegmentCodec.ReadList(plain, header.References);
        if (items.Aggregate(Int128.Zero, (sum, item) => sum + item.Bytes) != list.Bytes)
            throw new VaultException(ErrorCode.CatalogueMalformed, retryable: false,
                "A chunk list does not add up to the length that its parent gives. It was written by a faulty "
                + "program; the file is not restored.");
        return (level - 1, items);
    }

    // A list that is its own descendant cannot exist (its id would depend on itself), but levels still bound the
    // descent.
    private static int CheckLevel(int level, int? expected) => expected is null || level == expected
        ? level
        : throw new VaultException(ErrorCode.CatalogueMalformed, retryable: false,
            $"A chunk list of level {level} stands where level {expected} was announced. It was written by a faulty "
            + "program.");

    /// <summary>A segment to be read.</summary>
    /// <param name="Link">What its parent says of it.</param>
    /// <param name="Level">Its level; null for the root, which may have any.</param>
    /// <param name="First">Number of its first entry.</param>
    /// <param name="Next">First path behind it; empty when that is not known.</param>
    private readonly record struct Place(SegmentLink Link, int? Level, long First, EntryPath Next)
    {
        internal long End => First + Link.Entries;

        /// <summary>Whether an entry at or below a path may be in it.</summary>
        internal bool MayHold(EntryPath under) => under.IsEmpty
            || ((Next.IsEmpty || Next > under)
                && (Link.FirstPath <= under || Link.FirstPath.IsAtOrBelow(under)));

        /// <summary>Whether all of it lies below a path.</summary>
        internal bool IsBelow(EntryPath path) => !path.IsEmpty && !Next.IsEmpty
            && Link.FirstPath.IsAtOrBelow(path) && Next.IsAtOrBelow(path);
    }

    private readonly record struct Segment(
        int Level, long First, IReadOnlyList<SegmentLink> Links, IReadOnlyList<Entry> Entries)
    {
        /// <summary>Place of the first entry with this number or a higher one.</summary>
        internal int IndexOf(long number) => (int)Math.Clamp(number - First, 0, Entries.Count);
    }

    /// <summary>The segments of level 0 that are wanted, in order. A place is asked about right before it is read, so
    /// that the answer may depend on what was read before it.</summary>
    private async IAsyncEnumerable<Segment> WalkAsync(
        RecordRef root, Predicate<Place> isWanted, Action<EntryPath, VaultException>? unreadable,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = new Stack<Place>();
        pending.Push(new Place(new SegmentLink(default, root, 0), Level: null, First: 0, Next: default));
        Entry? last = null;
        while (pending.TryPop(out var place))
        {
            if (place.Level is not null && !isWanted(place)) continue;
            cancellationToken.ThrowIfCancellationRequested();
            var segment = await TryReadAsync(place, last, unreadable, cancellationToken).ConfigureAwait(false);
            foreach (var child in PlacesIn(segment, place).Reverse()) pending.Push(child);
            if (segment.Entries.Count == 0) continue;
            yield return segment;
            last = segment.Entries[^1];
        }
    }

    private static IEnumerable<Place> PlacesIn(Segment segment, Place parent)
    {
        var first = segment.First;
        for (var i = 0; i < segment.Links.Count; i++)
        {
            var next = i + 1 < segment.Links.Count ? segment.Links[i + 1].FirstPath : parent.Next;
            yield return new Place(segment.Links[i], segment.Level - 1, first, next);
            first += segment.Links[i].Entries;
        }
    }

    private async ValueTask<Segment> TryReadAsync(
        Place place, Entry? last, Action<EntryPath, VaultException>? unreadable, CancellationToken cancellationToken)
    {
        try
        {
            var (header, plain) = await records.ReadAsync(place.Link.Record, RecordType.Segment, cancellationToken)
                .ConfigureAwait(false);
            var level = SegmentCodec.ReadLevel(plain);
            var segment = level == 0
                ? new Segment(level, place.First, [], SegmentCodec.ReadEntries(plain, header.References))
                : new Segment(level, place.First, SegmentCodec.ReadLinks(plain, header.References), []);
            Check(segment, place, last);
            return segment;
        }
        catch (VaultException exception) when (unreadable is not null && !exception.IsRetryable)
        {
            unreadable(place.Link.FirstPath, exception);
            return new Segment(0, place.First, [], []);
        }
    }

    /// <summary>Refuses a segment that is not the one its parent announces (docs/format/catalogue.md §4).</summary>
    private static void Check(Segment segment, Place place, Entry? last)
    {
        var first = segment.Links.Count > 0 ? segment.Links[0].FirstPath
            : segment.Entries.Count > 0 ? segment.Entries[0].Path
            : default;
        var count = segment.Links.Aggregate((Int128)segment.Entries.Count, (sum, link) => sum + link.Entries);
        var isAnnounced = place.Level is null
            ? count <= long.MaxValue // So that every entry below has a number.
            : segment.Level == place.Level && count == place.Link.Entries && first == place.Link.FirstPath;
        var follows = last is null
            || (first > last.Path && (last.Kind == EntryKind.Directory || !first.IsAtOrBelow(last.Path)));
        if (!isAnnounced || !follows)
            throw new VaultException(ErrorCode.CatalogueMalformed, retryable: false,
                $"The part of the catalogue that starts at '/{first}' is not the one that belongs there: its level, "
                + "first path, number of entries or order is another. It was written by a faulty program; the entries "
                + "in it are not used.");
    }
}

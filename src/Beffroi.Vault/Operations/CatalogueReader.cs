using System.Runtime.CompilerServices;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

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
        var pending = new Stack<Place>();
        pending.Push(new Place(new SegmentLink(default, root, 0), Level: null));
        Entry? last = null;
        while (pending.TryPop(out var place))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var segment = await TryReadAsync(place, last, unreadable, cancellationToken).ConfigureAwait(false);
            foreach (var child in Relevant(segment.Links, under).Reverse())
                pending.Push(new Place(child, segment.Level - 1));
            foreach (var entry in segment.Entries)
            {
                if (entry.Path.IsAtOrBelow(under)) yield return entry;
            }
            last = segment.Entries.Count > 0 ? segment.Entries[^1] : last;
        }
    }

    /// <summary>The entry with exactly this path, or null.</summary>
    public async ValueTask<Entry?> FindAsync(RecordRef root, EntryPath path, CancellationToken cancellationToken)
    {
        await foreach (var entry in ReadAsync(root, path, unreadable: null, cancellationToken).ConfigureAwait(false))
            return entry.Path == path ? entry : null;
        return null;
    }

    /// <summary>The chunks of a content in order, lists resolved as they are reached.</summary>
    public async IAsyncEnumerable<Piece> PiecesAsync(
        Content content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Kind != ContentKind.List)
        {
            foreach (var piece in content.Pieces) yield return piece;
            yield break;
        }
        var pending = new Stack<(ListItem Item, int? Level)>();
        pending.Push((new ListItem(content.Pieces[0].Record, content.Pieces[0].Bytes), null));
        while (pending.TryPop(out var next))
        {
            if (next.Level < 0)
            {
                yield return new Piece(next.Item.Record, 0, next.Item.Bytes);
                continue;
            }
            var (header, plain) = await records.ReadAsync(next.Item.Record, RecordType.ChunkList, cancellationToken)
                .ConfigureAwait(false);
            var level = CheckLevel(SegmentCodec.ReadLevel(plain), next.Level);
            var items = SegmentCodec.ReadList(plain, header.References);
            if (items.Aggregate(Int128.Zero, (sum, item) => sum + item.Bytes) != next.Item.Bytes)
                throw new VaultException(ErrorCode.CatalogueMalformed, retryable: false,
                    "A chunk list does not add up to the length that its parent gives. It was written by a faulty "
                    + "program; the file is not restored.");
            foreach (var item in items.Reverse()) pending.Push((item, level - 1));
        }
    }

    // A list that is its own descendant cannot exist (its id would depend on itself), but levels still bound the
    // descent.
    private static int CheckLevel(int level, int? expected) => expected is null || level == expected
        ? level
        : throw new VaultException(ErrorCode.CatalogueMalformed, retryable: false,
            $"A chunk list of level {level} stands where level {expected} was announced. It was written by a faulty "
            + "program.");

    /// <summary>A segment to be read, and its level; null for the root, which may have any.</summary>
    private readonly record struct Place(SegmentLink Link, int? Level);

    private readonly record struct Segment(
        int Level, IReadOnlyList<SegmentLink> Links, IReadOnlyList<Entry> Entries);

    private async ValueTask<Segment> TryReadAsync(
        Place place, Entry? last, Action<EntryPath, VaultException>? unreadable, CancellationToken cancellationToken)
    {
        try
        {
            var (header, plain) = await records.ReadAsync(place.Link.Record, RecordType.Segment, cancellationToken)
                .ConfigureAwait(false);
            var level = SegmentCodec.ReadLevel(plain);
            var segment = level == 0
                ? new Segment(level, [], SegmentCodec.ReadEntries(plain, header.References))
                : new Segment(level, SegmentCodec.ReadLinks(plain, header.References), []);
            Check(segment, place, last);
            return segment;
        }
        catch (VaultException exception) when (unreadable is not null && !exception.IsRetryable)
        {
            unreadable(place.Link.FirstPath, exception);
            return new Segment(0, [], []);
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
            || (segment.Level == place.Level && count == place.Link.Entries && first == place.Link.FirstPath);
        var follows = last is null
            || (first > last.Path && (last.Kind == EntryKind.Directory || !first.IsAtOrBelow(last.Path)));
        if (!isAnnounced || !follows)
            throw new VaultException(ErrorCode.CatalogueMalformed, retryable: false,
                $"The part of the catalogue that starts at '/{first}' is not the one that belongs there: its level, "
                + "first path, number of entries or order is another. It was written by a faulty program; the entries "
                + "in it are not used.");
    }

    /// <summary>The children that can hold the path or something below it.</summary>
    private static IEnumerable<SegmentLink> Relevant(IReadOnlyList<SegmentLink> links, EntryPath under)
    {
        for (var i = 0; i < links.Count; i++)
        {
            var endsBefore = !under.IsEmpty && i + 1 < links.Count && links[i + 1].FirstPath <= under;
            var startsAfter = !under.IsEmpty && links[i].FirstPath > under && !links[i].FirstPath.IsAtOrBelow(under);
            if (!endsBefore && !startsAfter) yield return links[i];
        }
    }
}

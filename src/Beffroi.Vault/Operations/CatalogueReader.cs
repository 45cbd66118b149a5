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
        var pending = new Stack<SegmentLink>();
        pending.Push(new SegmentLink(default, root, 0));
        while (pending.TryPop(out var link))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var segment = await TryReadAsync(link, unreadable, cancellationToken).ConfigureAwait(false);
            foreach (var child in Relevant(segment.Links, under).Reverse()) pending.Push(child);
            foreach (var entry in segment.Entries)
            {
                if (entry.Path.IsAtOrBelow(under)) yield return entry;
            }
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
            if (items.Sum(item => item.Bytes) != next.Item.Bytes)
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

    private async ValueTask<(IReadOnlyList<SegmentLink> Links, IReadOnlyList<Entry> Entries)> TryReadAsync(
        SegmentLink link, Action<EntryPath, VaultException>? unreadable, CancellationToken cancellationToken)
    {
        try
        {
            var (header, plain) = await records.ReadAsync(link.Record, RecordType.Segment, cancellationToken)
                .ConfigureAwait(false);
            return SegmentCodec.ReadLevel(plain) == 0
                ? ([], SegmentCodec.ReadEntries(plain, header.References))
                : (SegmentCodec.ReadLinks(plain, header.References), []);
        }
        catch (VaultException exception) when (unreadable is not null && !exception.IsRetryable)
        {
            unreadable(link.FirstPath, exception);
            return ([], []);
        }
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

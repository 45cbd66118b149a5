using Beffroi.Vault.Records;

namespace Beffroi.Vault.Catalogue;

/// <summary>Turns the chunks of one file, as they come, into its content. Memory does not grow with the file. For one
/// caller at a time.</summary>
public sealed class ChunkListWriter(ICatalogueSink sink, ChunkClass chunkClass)
{
    private readonly List<Piece> _first = [];
    private readonly List<List<ListItem>> _levels = [];

    /// <summary>Reached when all lists are that were written so far.</summary>
    public RecordMark Mark { get; private set; }

    /// <summary>Adds the next chunk.</summary>
    public async ValueTask AddAsync(RecordRef chunk, int bytes, CancellationToken cancellationToken)
    {
        if (_levels.Count == 0 && _first.Count < Content.PiecesMax)
        {
            _first.Add(new Piece(chunk, 0, bytes));
            return;
        }
        if (_levels.Count == 0)
        {
            foreach (var piece in _first)
                await AddItemAsync(0, new ListItem(piece.Record, piece.Bytes), cancellationToken).ConfigureAwait(false);
        }
        await AddItemAsync(0, new ListItem(chunk, bytes), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the lists that are left.</summary>
    public async ValueTask<Content> FinishAsync(CancellationToken cancellationToken)
    {
        if (_levels.Count == 0) return OfFew();
        for (var level = 0; ; level++)
        {
            var items = _levels[level];
            // The items of level 0 are chunks, so even a single one needs a list above it.
            if (level > 0 && level == _levels.Count - 1 && items.Count == 1)
                return new Content(ContentKind.List, chunkClass, [new Piece(items[0].Record, 0, items[0].Bytes)]);
            if (items.Count > 0) await LiftAsync(level, cancellationToken).ConfigureAwait(false);
        }
    }

    private Content OfFew() => _first.Count switch
    {
        0 => Content.Empty,
        1 => new Content(ContentKind.Slice, ChunkClass.Standard, [.. _first]),
        _ => new Content(ContentKind.Chunks, chunkClass, [.. _first]),
    };

    private async ValueTask AddItemAsync(int level, ListItem item, CancellationToken cancellationToken)
    {
        if (level == _levels.Count) _levels.Add([]);
        var items = _levels[level];
        items.Add(item);
        var isCut = items.Count >= CatalogueLimits.ListItemsMin
            && (item.Record.Id.Value.Prefix & CatalogueLimits.ListCutMask) == 0;
        if (isCut || items.Count >= CatalogueLimits.ListItemsMax)
            await LiftAsync(level, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask LiftAsync(int level, CancellationToken cancellationToken)
    {
        var items = _levels[level];
        var plain = SegmentCodec.WriteList(level, items);
        var stored = await sink.AddAsync(RecordType.ChunkList, plain, cancellationToken).ConfigureAwait(false);
        Mark = Mark.And(stored.Mark);
        var item = new ListItem(stored.Ref, items.Sum(child => child.Bytes));
        items.Clear();
        await AddItemAsync(level + 1, item, cancellationToken).ConfigureAwait(false);
    }
}

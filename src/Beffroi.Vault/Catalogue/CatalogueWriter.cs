using Beffroi.Vault.Records;

namespace Beffroi.Vault.Catalogue;

/// <summary>Takes the records of a catalogue: seals them, and sees that they are stored.</summary>
public interface ICatalogueSink
{
    /// <summary>Seals a record under the machine's secret and queues it. Returns before it is stored.</summary>
    ValueTask<StoredRecord> AddAsync(RecordType type, CataloguePlain plain, CancellationToken cancellationToken);
}

/// <summary>Writes the tree of segments while entries arrive in order. Memory: one segment a level. For one caller at a
/// time.</summary>
public sealed class CatalogueWriter(ICatalogueSink sink)
{
    // What an entry weighs beyond its own name, to decide where to cut: numbers, and a key for each record it brings.
    private const int EntryOverheadBytes = 32;
    private const int ChildBytes = 36;

    // Bounds from above: what starts a segment, an item beside its body, and a link beside its path (four numbers and a
    // key).
    private const int StartBytesMax = CatalogueLimits.PrefixBytes + 5;
    private const int ItemBytesMax = 3;
    private const int LinkBytesMax = ItemBytesMax + 3 + 3 + 10 + Digest256.Bytes;

    private readonly List<Entry> _entries = [];
    private readonly HashSet<RecordId> _children = [];
    private readonly List<Level> _levels = [];
    private EntryPath _last;
    private int _bytes;
    private int _bodyBytes;
    private int _pathBytes;
    private RecordId _lastChild;

    /// <summary>Adds the next entry.</summary>
    /// <exception cref="ArgumentException">It does not come after the one before.</exception>
    public async ValueTask AddAsync(Entry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Path <= _last)
            throw new ArgumentException($"'{entry.Path}' does not come after '{_last}'.", nameof(entry));
        _last = entry.Path;
        var bytes = Weigh(entry);
        if (_bytes + bytes > CatalogueLimits.SegmentBytesMax && _entries.Count > 0)
            await CutAsync(_entries.Count, cancellationToken).ConfigureAwait(false);
        while (!TryTake(entry, _entries.Count > 0 ? _entries[^1].Path : default) && _entries.Count > 0)
        {
            await CutAsync(SteadyCut(), cancellationToken).ConfigureAwait(false);
            bytes = Weigh(entry);
        }
        _entries.Add(entry);
        _bytes += bytes;
        if (_bytes >= CatalogueLimits.SegmentBytesMin && (HashOf(entry.Path) & CatalogueLimits.SegmentCutMask) == 0)
            await CutAsync(_entries.Count, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes what is left, and the levels above.</summary>
    /// <returns>The root of the snapshot.</returns>
    public async ValueTask<RecordRef> FinishAsync(CancellationToken cancellationToken)
    {
        if (_entries.Count > 0 || _levels.Count == 0)
            await CutAsync(_entries.Count, cancellationToken).ConfigureAwait(false);
        for (var level = 0; ; level++)
        {
            var links = _levels[level].Links;
            if (level == _levels.Count - 1 && links.Count == 1) return links[0].Record;
            if (links.Count > 0) await LiftAsync(level, cancellationToken).ConfigureAwait(false);
        }
    }

    private int Weigh(Entry entry)
    {
        var bytes = entry.Path.Name.Length + EntryOverheadBytes + entry.LinkTarget.Length;
        foreach (var attribute in entry.ExtendedAttributes) bytes += attribute.Name.Length + attribute.Value.Length;
        if (entry.Windows is { } windows) bytes += windows.SecurityDescriptor.Length;
        bytes += entry.Extents.Count * 8;
        foreach (var child in EntryCodec.ChildrenOf(entry))
        {
            bytes += child.Id == _lastChild ? 4 : ChildBytes;
            _lastChild = child.Id;
        }
        return bytes;
    }

    /// <summary>Counts an entry in, and says whether the segment with it is one that readers take.</summary>
    private bool TryTake(Entry entry, EntryPath before)
    {
        foreach (var child in EntryCodec.ChildrenOf(entry)) _children.Add(child.Id);
        var shared = entry.Path.Bytes.Span.CommonPrefixLength(before.Bytes.Span);
        _bodyBytes += EntryBounds.BytesOf(entry, shared) + ItemBytesMax;
        _pathBytes += entry.Path.Bytes.Length;
        return _children.Count <= RecordLimits.ReferencesMax && _pathBytes <= CatalogueLimits.SegmentPathBytesMax
            && StartBytesMax + _children.Count * Digest256.Bytes + _bodyBytes <= RecordLimits.PlainBytesMax;
    }

    /// <summary>Where to cut when a bound of the format forces it: after the path with the smallest hash of the second
    /// half. An entry more or less rarely changes which one that is, so the segments behind a change stay as they
    /// were.</summary>
    private int SteadyCut()
    {
        const ulong spread = 0x9E37_79B9_7F4A_7C15; // FNV's last byte hardly reaches its high bits.
        var second = Enumerable.Range(_entries.Count / 2, _entries.Count - _entries.Count / 2);
        return second.MinBy(i => HashOf(_entries[i].Path) * spread) + 1;
    }

    /// <summary>Writes the first entries as a segment; the others start the next one.</summary>
    private async ValueTask CutAsync(int count, CancellationToken cancellationToken)
    {
        var plain = SegmentCodec.WriteEntries(_entries[..count]);
        var stored = await sink.AddAsync(RecordType.Segment, plain, cancellationToken).ConfigureAwait(false);
        var first = count > 0 ? _entries[0].Path : default;
        var link = new SegmentLink(first, stored.Ref, count);
        _entries.RemoveRange(0, count);
        _children.Clear();
        (_bytes, _bodyBytes, _pathBytes) = (0, 0, 0);
        EntryPath before = default;
        foreach (var entry in _entries)
        {
            TryTake(entry, before);
            before = entry.Path;
            _bytes += Weigh(entry);
        }
        await AddLinkAsync(0, link, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask AddLinkAsync(int level, SegmentLink link, CancellationToken cancellationToken)
    {
        if (level == _levels.Count) _levels.Add(new Level());
        var bytes = link.FirstPath.Bytes.Length + LinkBytesMax;
        if (_levels[level].Bytes + bytes > RecordLimits.PlainBytesMax)
            await LiftAsync(level, cancellationToken).ConfigureAwait(false);
        var links = _levels[level].Links;
        links.Add(link);
        _levels[level].Bytes += bytes;
        var isFull = links.Count >= CatalogueLimits.ListItemsMax;
        var isCut = links.Count >= CatalogueLimits.ListItemsMin
            && (link.Record.Id.Value.Prefix & CatalogueLimits.ListCutMask) == 0;
        if (isFull || isCut) await LiftAsync(level, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask LiftAsync(int level, CancellationToken cancellationToken)
    {
        var links = _levels[level].Links;
        var plain = SegmentCodec.WriteLinks(level + 1, links);
        var stored = await sink.AddAsync(RecordType.Segment, plain, cancellationToken).ConfigureAwait(false);
        var link = new SegmentLink(links[0].FirstPath, stored.Ref, links.Sum(child => child.Entries));
        _levels[level] = new Level();
        await AddLinkAsync(level + 1, link, cancellationToken).ConfigureAwait(false);
    }

    // FNV-1a with a final mix: any hash of the path serves, since readers do not rely on cuts.
    private static ulong HashOf(EntryPath path)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in path.Bytes.Span) hash = (hash ^ value) * 1099511628211UL;
        return hash ^ (hash >> 29);
    }

    /// <summary>Links that wait for the segment above them.</summary>
    private sealed class Level
    {
        internal List<SegmentLink> Links { get; } = [];

        internal int Bytes { get; set; } = StartBytesMax;
    }
}

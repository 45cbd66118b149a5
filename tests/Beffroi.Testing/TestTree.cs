using System.Net;
using System.Text;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Testing;

/// <summary>A tree of files in memory, stored into a real vault by the code that every agent uses: chunks, bundles,
/// lists, catalogue, commit.</summary>
public sealed class TestTree
{
    /// <summary>Smaller contents of one folder share a bundle.</summary>
    private const int BundledBytesMax = 16 << 10;

    private readonly SortedDictionary<EntryPath, (Entry Entry, byte[] Content)> _entries = [];

    /// <summary>What is in it, in the order of the catalogue; the numbers of the entries are their places.</summary>
    public IReadOnlyList<Entry> Entries => [.. _entries.Values.Select(each => each.Entry)];

    /// <summary>Number of an entry.</summary>
    public long NumberOf(string path) => _entries.Keys.Index().First(each => each.Item == PathOf(path)).Index;

    /// <summary>Content of a file.</summary>
    public byte[] ContentOf(string path) => _entries[PathOf(path)].Content;

    /// <summary>Adds a file and the folders above it; an entry of that path is replaced.</summary>
    public TestTree File(string path, byte[] content, Func<Entry, Entry>? change = null) => Add(
        new Entry
        {
            Path = PathOf(path),
            Kind = EntryKind.File,
            Bytes = content.Length,
            Mode = 0x1A4,
            ModifiedNs = 1_700_000_000_123_456_789,
        },
        content, change);

    /// <summary>Adds a text file.</summary>
    public TestTree File(string path, string content) => File(path, Encoding.UTF8.GetBytes(content));

    /// <summary>Adds anything else.</summary>
    public TestTree Other(string path, EntryKind kind, Func<Entry, Entry>? change = null) => Add(
        new Entry { Path = PathOf(path), Kind = kind, Mode = 0x1ED, ModifiedNs = 1_700_000_000_000_000_000 }, [],
        change);

    /// <summary>Takes an entry away.</summary>
    public TestTree Remove(string path)
    {
        _entries.Remove(PathOf(path));
        return this;
    }

    /// <summary>Backs it all up.</summary>
    /// <returns>The receipt, and the entries as they were stored.</returns>
    public async Task<(Receipt Receipt, IReadOnlyList<Entry> Stored)> BackUpAsync(
        TestAgent agent, long sequence = 1, SnapshotId? previous = null)
    {
        var pool = new BufferPool(32 << 20);
        var remote = new Remote(agent);
        await using var uploader = new RecordUploader(agent.Vault, remote, pool);
        await using var sealing = new SealingPool(uploader, pool, CodecProfile.Default, workers: 2);
        using var sink = new CatalogueSink(uploader, pool, CodecProfile.Default, agent.MachineSecret);
        var storer = new ContentStorer(sealing, sink, pool, agent.MachineSecret, agent.GroupSecret);
        var stored = await StoreAsync(storer, pool);
        var writer = new CatalogueWriter(sink);
        foreach (var entry in stored) await writer.AddAsync(entry, CancellationToken.None);
        var root = await writer.FinishAsync(CancellationToken.None);
        await uploader.CompleteAsync();
        var record = new SealedRecord(root, RecordType.Segment, agent.MachineSecret.Id, [], 0, 0);
        using var answer = await agent.CommitAsync(agent.Sign(sequence, previous, record, CountersOf));
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException(await answer.Content.ReadAsStringAsync());
        return (CommitCodec.ParseReceipt(await answer.Content.ReadAsByteArrayAsync()), stored);
    }

    private Commit CountersOf(Commit commit) => commit with
    {
        Counters = new CommitCounters(
            Entries.Count(entry => entry.Kind == EntryKind.File),
            Entries.Count(entry => entry.Kind == EntryKind.Directory), 0, Entries.Sum(entry => entry.Bytes), 5, 0),
    };

    private TestTree Add(Entry entry, byte[] content, Func<Entry, Entry>? change)
    {
        for (var folder = entry.Path.Parent; !folder.IsEmpty; folder = folder.Parent)
        {
            _entries.TryAdd(folder, (new Entry
            {
                Path = folder,
                Kind = EntryKind.Directory,
                Mode = 0x1ED,
                ModifiedNs = 1_700_000_000_000_000_000,
            }, []));
        }
        entry = change?.Invoke(entry) ?? entry;
        _entries[entry.Path] = (entry, content);
        return this;
    }

    private async Task<List<Entry>> StoreAsync(ContentStorer storer, BufferPool pool)
    {
        var stored = new List<Entry>();
        var bundles = new Dictionary<EntryPath, Entry>();
        foreach (var folder in _entries.Values
            .Where(each => each.Content.Length is > 0 and < BundledBytesMax && each.Entry.Extents.Count == 0)
            .GroupBy(each => each.Entry.Path.Parent))
        {
            foreach (var part in folder.Chunk(100)) await BundleAsync(storer, pool, part, bundles);
        }
        foreach (var (entry, content) in _entries.Values)
        {
            if (bundles.TryGetValue(entry.Path, out var bundled)) stored.Add(bundled);
            else if (content.Length == 0) stored.Add(entry);
            else stored.Add(entry with { Content = await StoreAsync(storer, entry, content) });
        }
        return stored;
    }

    private static async Task<Content> StoreAsync(ContentStorer storer, Entry entry, byte[] content)
    {
        byte[] data = entry.Extents.Count == 0
            ? content
            : [.. entry.Extents.SelectMany(extent => content[(int)extent.Offset..(int)(extent.Offset + extent.Bytes)])];
        var done = await await storer.StoreAsync(
            new MemoryContent(data, new Random(1)), data.Length, ChunkClass.Standard, CancellationToken.None);
        return done.Content;
    }

    private static async Task BundleAsync(
        ContentStorer storer, BufferPool pool, (Entry Entry, byte[] Content)[] files,
        Dictionary<EntryPath, Entry> bundles)
    {
        var bytes = files.Sum(file => file.Content.Length);
        var buffer = pool.Rent(bytes);
        var offset = 0;
        foreach (var (_, content) in files)
        {
            content.CopyTo(buffer, RecordLimits.FixedHeaderBytes + offset);
            offset += content.Length;
        }
        var record = await await storer.StoreBundleAsync(buffer, bytes, CancellationToken.None);
        offset = 0;
        foreach (var (entry, content) in files)
        {
            var piece = new Piece(record.Ref, (uint)offset, content.Length);
            bundles[entry.Path] = entry with
            {
                Content = new Content(ContentKind.Slice, ChunkClass.Standard, [piece]),
            };
            offset += content.Length;
        }
    }

    /// <summary>Names with slashes; <c>\x</c> and two digits stand for a byte that is no text.</summary>
    private static EntryPath PathOf(string path)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '\\' && i + 3 < path.Length && path[i + 1] == 'x')
            {
                bytes.Add(Convert.FromHexString(path.AsSpan(i + 2, 2))[0]);
                i += 3;
            }
            else if (char.IsHighSurrogate(path[i])) bytes.AddRange(Encoding.UTF8.GetBytes(path.Substring(i++, 2)));
            else bytes.AddRange(Encoding.UTF8.GetBytes(path.Substring(i, 1)));
        }
        return EntryPath.FromSlashes([.. bytes]);
    }

    private sealed class Remote(TestAgent agent) : IVaultRemote
    {
        private const int IdsMax = 4096;

        public async ValueTask<bool[]> HaveAsync(IReadOnlyList<RecordId> ids, CancellationToken cancellationToken)
        {
            var answers = new List<bool>(ids.Count);
            foreach (var part in ids.Chunk(IdsMax))
                answers.AddRange((await agent.HaveAsync(part)).Select(digit => digit == '1'));
            return [.. answers];
        }

        public async ValueTask PutPackAsync(BuiltPack pack, CancellationToken cancellationToken)
        {
            using var answer = await agent.PutAsync(pack);
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent))
                throw new HttpRequestException(await answer.Content.ReadAsStringAsync(cancellationToken));
        }
    }
}

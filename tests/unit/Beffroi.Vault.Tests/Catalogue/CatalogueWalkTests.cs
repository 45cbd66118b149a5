using System.Runtime.CompilerServices;
using System.Text;
using Beffroi.Testing;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Tests.Catalogue;

/// <summary>Folders, numbers and ranges: what a person who looks for a file asks of a catalogue.</summary>
public sealed class CatalogueWalkTests
{
    private readonly VaultId _vault = VaultId.New();
    private readonly ConvergenceSecret _machine = ConvergenceSecret.Generate();

    [Fact]
    public async Task The_children_of_every_folder_are_those_that_lie_directly_in_it()
    {
        var random = Seed.ForThisTest();
        var entries = RandomTree(random, 20_000);
        var (reader, root, _) = await WriteAsync(entries);
        var folders = entries.Where(entry => entry.Kind == EntryKind.Directory).ToList();
        foreach (var folder in Enumerable.Range(0, 40).Select(_ => folders[random.Next(folders.Count)].Path)
            .Append(default))
        {
            var expected = entries.Index()
                .Where(each => each.Item.Path.Parent == folder && each.Item.Path != folder)
                .Select(each => ((long)each.Index, each.Item.Path)).ToList();
            Assert.Equal(expected, await ChildrenAsync(reader, root, folder, after: null));
            if (expected.Count == 0) continue;
            var cut = random.Next(expected.Count);
            Assert.Equal(expected[(cut + 1)..], await ChildrenAsync(reader, root, folder, expected[cut].Item1));
        }
    }

    [Fact]
    public async Task Every_entry_is_found_by_its_number_and_every_number_by_its_path()
    {
        var random = Seed.ForThisTest();
        var entries = RandomTree(random, 20_000);
        var (reader, root, _) = await WriteAsync(entries);
        for (var round = 0; round < 200; round++)
        {
            var number = random.Next(entries.Count);
            Assert.Equal(entries[number].Path, (await reader.FindAsync(root, number, CancellationToken.None))?.Path);
            var found = await reader.FindNumberedAsync(root, entries[number].Path, CancellationToken.None);
            Assert.Equal(number, found?.Number);
        }
        Assert.Null(await reader.FindAsync(root, entries.Count, CancellationToken.None));
        Assert.Null(await reader.FindAsync(root, -1, CancellationToken.None));
    }

    [Fact]
    public async Task Reading_goes_on_from_a_number()
    {
        var random = Seed.ForThisTest();
        var entries = RandomTree(random, 20_000);
        var (reader, root, _) = await WriteAsync(entries);
        var from = random.Next(entries.Count);
        var numbers = new List<long>();
        await foreach (var found in reader.ReadFromAsync(root, default, from, unreadable: null, CancellationToken.None))
            numbers.Add(found.Number);
        Assert.Equal(Enumerable.Range(from, entries.Count - from).Select(number => (long)number), numbers);
    }

    [Fact]
    public async Task A_folder_is_listed_without_what_lies_deep_below_it()
    {
        var entries = new List<Entry> { Directory("a") };
        for (var i = 0; i < 60_000; i++) entries.Add(File($"a/{i:D6}"));
        entries.Add(File("b"));
        var (reader, root, source) = await WriteAsync(entries);

        var children = await ChildrenAsync(reader, root, default, after: null);

        Assert.Equal([(0, entries[0].Path), (60_001, entries[^1].Path)], children);
        Assert.InRange(source.Fetched, 2, 4); // The root, the first and the last segment, of some forty.
    }

    [Fact]
    public async Task A_lost_segment_keeps_the_numbers_of_the_others()
    {
        var entries = Enumerable.Range(0, 60_000).Select(i => File($"{i:D6}")).ToList();
        var (reader, root, source) = await WriteAsync(entries);
        var second = (await source.LinksAsync(root))[1];
        source.Lose(second.Record.Id);
        var gaps = new List<EntryPath>();

        var read = new List<NumberedEntry>();
        await foreach (var found in reader.ReadFromAsync(
            root, default, 0, (path, _) => gaps.Add(path), CancellationToken.None))
            read.Add(found);

        Assert.Equal([second.FirstPath], gaps);
        Assert.Equal(entries.Count - second.Entries, read.Count);
        Assert.All(read, found => Assert.Equal(entries[(int)found.Number].Path, found.Entry.Path));
    }

    [Fact]
    public async Task A_range_of_a_big_file_reads_only_the_lists_that_lead_to_it()
    {
        var vault = new MemoryVault(_vault);
        var pool = new BufferPool();
        Content content;
        await using (var uploader = new RecordUploader(_vault, vault, pool))
        {
            using var sink = new CatalogueSink(uploader, pool, CodecProfile.Default, _machine);
            var writer = new ChunkListWriter(sink, ChunkClass.Fine);
            var chunk = await StoreChunkAsync(uploader, pool);
            for (var i = 0; i < 20_000; i++) await writer.AddAsync(chunk, 100, CancellationToken.None);
            content = await writer.FinishAsync(CancellationToken.None);
            await uploader.CompleteAsync();
        }
        var source = new CountingSource(vault, pool);
        using var records = new RecordReader(source, pool);

        var (offset, piece) = await FirstAsync(new CatalogueReader(records).PiecesFromAsync(
            content, 1_234_567, CancellationToken.None));

        Assert.Equal((1_234_500, 100), (offset, piece.Bytes));
        Assert.Equal(2, source.Fetched);
    }

    [Fact]
    public async Task Pieces_come_in_the_order_asked_and_a_lost_one_stops_no_other()
    {
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault);
        var pool = new BufferPool();
        var (asked, expected) = (new List<AskedPiece<int>>(), new List<byte[]>());
        await using (var uploader = new RecordUploader(_vault, vault, pool))
        {
            using var sealer = new RecordSealer(CodecProfile.Default, pool);
            for (var i = 0; i < 300; i++)
            {
                var plain = new byte[random.Next(1, 200_000)];
                random.NextBytes(plain.AsSpan(0, plain.Length / 2));
                var record = sealer.Seal(RecordType.Chunk, _machine, plain, []);
                await uploader.AddAsync(record, CancellationToken.None);
                var start = random.Next(plain.Length);
                expected.Add(plain[start..]);
                asked.Add(new AskedPiece<int>(i, i, new Piece(record.Ref, (uint)start, plain.Length - start)));
            }
            await uploader.CompleteAsync();
        }
        vault.Lose(asked[77].Piece!.Value.Record.Id);
        asked.Insert(100, new AskedPiece<int>(-1, 0, Piece: null));

        var read = new List<(int Tag, byte[] Bytes, ErrorCode? Failure)>();
        await foreach (var piece in new ReadAhead(vault, pool, windowBytesMax: 1 << 20)
            .ReadAsync(InOrder(asked), CancellationToken.None))
            read.Add((piece.Tag, piece.Bytes.ToArray(), piece.Failure?.Code));

        Assert.Equal(asked.Select(step => step.Tag), read.Select(step => step.Tag));
        Assert.Equal((77, ErrorCode.RecordMissing), (read[77].Tag, read[77].Failure));
        foreach (var (tag, bytes, failure) in read.Where(step => step.Tag >= 0 && step.Tag != 77))
            Assert.True(failure is null && bytes.AsSpan().SequenceEqual(expected[tag]), $"step {tag}");
    }

    private static async IAsyncEnumerable<T> InOrder<T>(IEnumerable<T> items)
    {
        foreach (var item in items)
        {
            await Task.Yield();
            yield return item;
        }
    }

    private static async Task<T> FirstAsync<T>(IAsyncEnumerable<T> items)
    {
        await foreach (var item in items) return item;
        throw new InvalidOperationException("There is none.");
    }

    private static async Task<List<(long, EntryPath)>> ChildrenAsync(
        CatalogueReader reader, RecordRef root, EntryPath folder, long? after)
    {
        var children = new List<(long, EntryPath)>();
        await foreach (var child in reader.ChildrenAsync(root, folder, after, unreadable: null, CancellationToken.None))
            children.Add((child.Number, child.Entry.Path));
        return children;
    }

    private async Task<RecordRef> StoreChunkAsync(RecordUploader uploader, BufferPool pool)
    {
        using var sealer = new RecordSealer(CodecProfile.Stored, pool);
        var record = sealer.Seal(RecordType.Chunk, _machine, new byte[100], []);
        await uploader.AddAsync(record, CancellationToken.None);
        return record.Ref;
    }

    private async Task<(CatalogueReader Reader, RecordRef Root, CountingSource Source)> WriteAsync(List<Entry> entries)
    {
        var vault = new MemoryVault(_vault);
        var pool = new BufferPool();
        await using var uploader = new RecordUploader(_vault, vault, pool);
        using var sink = new CatalogueSink(uploader, pool, CodecProfile.Default, _machine);
        var writer = new CatalogueWriter(sink);
        foreach (var entry in entries) await writer.AddAsync(entry, CancellationToken.None);
        var root = await writer.FinishAsync(CancellationToken.None);
        await uploader.CompleteAsync();
        var source = new CountingSource(vault, pool);
        return (new CatalogueReader(new RecordReader(source, pool)), root, source);
    }

    private static List<Entry> RandomTree(Random random, int count)
    {
        var paths = new SortedDictionary<EntryPath, EntryKind>();
        List<EntryPath> folders = [default];
        while (paths.Count < count)
        {
            var path = folders[random.Next(folders.Count)].Append(
                Encoding.UTF8.GetBytes($"{(char)('a' + random.Next(26))}{random.Next(2000)}"));
            var isFolder = random.Next(8) == 0;
            if (!paths.TryAdd(path, isFolder ? EntryKind.Directory : EntryKind.File)) continue;
            if (isFolder && path.Depth < 6) folders.Add(path);
        }
        return [.. paths.Select(pair => new Entry { Path = pair.Key, Kind = pair.Value })];
    }

    private static Entry File(string path) =>
        new() { Path = EntryPath.FromSlashes(Encoding.UTF8.GetBytes(path)), Kind = EntryKind.File };

    private static Entry Directory(string path) => File(path) with { Kind = EntryKind.Directory };

    private sealed class CountingSource(MemoryVault vault, BufferPool pool) : IRecordSource
    {
        internal int Fetched { get; private set; }

        internal void Lose(RecordId record) => vault.Lose(record);

        internal async Task<IReadOnlyList<SegmentLink>> LinksAsync(RecordRef segment)
        {
            using var records = new RecordReader(vault, pool);
            var (header, plain) = await records.ReadAsync(segment, RecordType.Segment, CancellationToken.None);
            return SegmentCodec.ReadLinks(plain, header.References);
        }

        public async IAsyncEnumerable<FetchedRecord> FetchAsync(
            IReadOnlyList<RecordId> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Fetched += ids.Count;
            await foreach (var record in vault.FetchAsync(ids, cancellationToken)) yield return record;
        }
    }
}

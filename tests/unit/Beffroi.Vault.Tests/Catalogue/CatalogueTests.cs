using Beffroi.Testing;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Tests.Catalogue;

public sealed class CatalogueTests
{
    private readonly VaultId _vault = VaultId.New();
    private readonly ConvergenceSecret _machine = ConvergenceSecret.Generate();

    [Fact]
    public async Task Entries_come_back_as_they_were_whatever_they_hold()
    {
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault);
        var chunks = await StoreChunksAsync(vault, random, 50);
        var entries = RandomEntries(random, 4000, chunks);
        var root = await WriteAsync(vault, entries);
        var read = await ReadAsync(vault, root, default);
        Assert.Equal(entries.Count, read.Count);
        for (var i = 0; i < read.Count; i++) AssertSame(entries[i], read[i]);
    }

    [Fact]
    public async Task The_length_of_an_entry_is_known_before_it_is_written()
    {
        var random = Seed.ForThisTest();
        var chunks = await StoreChunksAsync(new MemoryVault(_vault), random, 5);
        foreach (var entry in RandomEntries(random, 1000, chunks))
        {
            var (plain, references) = SegmentCodec.WriteEntries([entry]);
            var start = CatalogueLimits.PrefixBytes + references.Count * Digest256.Bytes + 1; // One item.
            var item = plain.Length - start;
            var body = item < 0x81 ? item - 1 : item - 2; // Its length is a varint; none is above 16,383.
            Assert.InRange(EntryBounds.BytesOf(entry, sharedBytes: 0), body, body + 100);
        }
    }

    [Fact]
    public async Task A_part_is_found_without_reading_all()
    {
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault);
        var chunks = await StoreChunksAsync(vault, random, 5);
        var entries = RandomEntries(random, 30_000, chunks);
        var root = await WriteAsync(vault, entries);
        for (var round = 0; round < 20; round++)
        {
            var under = entries[random.Next(entries.Count)].Path;
            var expected = entries.Where(entry => entry.Path.IsAtOrBelow(under)).Select(entry => entry.Path.ToString());
            Assert.Equal(expected, (await ReadAsync(vault, root, under)).Select(entry => entry.Path.ToString()));
        }
    }

    [Fact]
    public async Task One_changed_entry_changes_one_segment_and_those_above()
    {
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault);
        var chunks = await StoreChunksAsync(vault, random, 5);
        var entries = RandomEntries(random, 40_000, chunks);
        await WriteAsync(vault, entries);
        var before = vault.RecordCount;
        var changed = random.Next(entries.Count);
        entries[changed] = entries[changed] with { ModifiedNs = 1 };
        await WriteAsync(vault, entries);
        Assert.Equal(2, vault.RecordCount - before);
    }

    [Fact]
    public async Task Entries_of_many_chunks_fill_no_segment_beyond_its_references()
    {
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault);
        var chunks = await StoreChunksAsync(vault, random, 500 * Content.PiecesMax);
        var entries = chunks.Chunk(Content.PiecesMax).Select((few, i) => FileOf(few, $"base {i:D3}")).ToList();
        var root = await WriteAsync(vault, entries); // The vault verifies packs as the server does.
        Assert.Equal(
            entries.Select(entry => entry.Path), (await ReadAsync(vault, root, default)).Select(entry => entry.Path));

        // A cut that the bound forces is found again behind a change: one segment is new, and the root.
        var before = vault.RecordCount;
        entries.Insert(3, FileOf([chunks[0]], "base 002 bis"));
        await WriteAsync(vault, entries);
        Assert.InRange(vault.RecordCount - before, 2, 3);
    }

    [Fact]
    public async Task Entries_with_much_beside_their_name_fill_no_segment_beyond_a_record()
    {
        var vault = new MemoryVault(_vault);
        var entries = Enumerable.Range(0, 6000).Select(i => EntryAt($"{i:D4}", EntryKind.Fifo) with
        {
            UserName = new string('é', 1000), // As a directory service may name it.
        }).ToList();
        var root = await WriteAsync(vault, entries);
        Assert.Equal(entries.Count, (await ReadAsync(vault, root, default)).Count);
    }

    [Fact]
    public async Task Segments_with_long_first_paths_fill_no_segment_above_beyond_a_record()
    {
        var vault = new MemoryVault(_vault);
        var entries = Enumerable.Range(0, 4500)
            .Select(i => EntryAt($"{i:D4}{new string('d', EntryPath.BytesMax - 4)}", EntryKind.Fifo));
        var root = await WriteAsync(vault, entries);
        Assert.Equal(4500, (await ReadAsync(vault, root, default)).Count);
    }

    [Fact]
    public async Task Long_paths_that_entries_share_are_no_reason_to_cut()
    {
        var vault = new MemoryVault(_vault);
        var directory = new string('d', 600);
        await WriteAsync(vault, Enumerable.Range(0, 7000).Select(i => EntryAt($"{directory}/{i:D5}", EntryKind.Fifo)));
        Assert.Equal(1, vault.RecordCount); // 7,000 × 37 is below the least weight of a segment.
    }

    [Fact]
    public async Task Entries_deep_down_fill_no_segment_beyond_its_paths()
    {
        var vault = new MemoryVault(_vault);
        var directory = new string('d', EntryPath.BytesMax - 5);
        var entries = Enumerable.Range(0, 4500).Select(i => EntryAt($"{directory}/{i:D4}", EntryKind.Fifo));
        var root = await WriteAsync(vault, entries);
        Assert.Equal(4500, (await ReadAsync(vault, root, default)).Count);
        Assert.Equal(3, vault.RecordCount); // Two segments, and the one above: 4 KB for 144 MB of paths.
    }

    [Fact]
    public async Task What_this_program_could_not_read_back_is_never_queued()
    {
        var vault = new MemoryVault(_vault);
        var attribute = new ExtendedAttribute("user.a"u8.ToArray(), new byte[CatalogueLimits.EntryBytesMax]);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => WriteAsync(vault, [EntryAt("a", EntryKind.Fifo) with { ExtendedAttributes = [attribute] }]));
        Assert.Equal(0, vault.RecordCount);
    }

    private static Entry FileOf(IReadOnlyList<RecordRef> chunks, string path) => EntryAt(path, EntryKind.File) with
    {
        Bytes = 100 * chunks.Count,
        Content = new Content(
            ContentKind.Chunks, ChunkClass.Fine, [.. chunks.Select(chunk => new Piece(chunk, 0, 100))]),
    };

    [Fact]
    public async Task An_empty_snapshot_has_a_root()
    {
        var vault = new MemoryVault(_vault);
        Assert.Empty(await ReadAsync(vault, await WriteAsync(vault, []), default));
    }

    [Fact]
    public void Garbage_is_refused_and_never_crashes()
    {
        var random = Seed.ForThisTest();
        var chunks = Enumerable.Range(0, 3)
            .Select(i => new RecordRef(new RecordId(Digest256.Of([(byte)i])), Digest256.Of([1, (byte)i])))
            .ToList();
        var (plain, references) = SegmentCodec.WriteEntries(RandomEntries(random, 30, chunks));
        for (var round = 0; round < 20_000; round++)
        {
            var copy = plain.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                copy[random.Next(copy.Length)] = (byte)random.Next(256);
            try
            {
                SegmentCodec.ReadEntries(
                    copy.AsMemory(0, random.Next(4) == 0 ? random.Next(copy.Length) : copy.Length), references);
            }
            catch (VaultException refused)
            {
                Assert.Contains(refused.Code, new[] { ErrorCode.CatalogueMalformed, ErrorCode.ReferencesMismatch });
            }
        }
    }

    [Fact]
    public void A_reference_that_nothing_uses_is_refused()
    {
        var used = new RecordRef(new RecordId(Digest256.Of([1])), Digest256.Of([2]));
        var other = new RecordRef(new RecordId(Digest256.Of([3])), Digest256.Of([4]));
        var (plain, references) = SegmentCodec.WriteList(0, [new ListItem(used, 10), new ListItem(other, 10)]);
        Assert.Equal(2, references.Count);
        // The same list with both items pointing at the first reference.
        var copy = plain.ToArray();
        copy[^4] = 0;
        copy[^2] = 0;
        var failure = Assert.Throws<VaultException>(() => SegmentCodec.ReadList(copy, references));
        Assert.Equal(ErrorCode.ReferencesMismatch, failure.Code);
    }

    [Fact]
    public void Lengths_that_overflow_when_added_up_are_refused()
    {
        var chunk = new RecordRef(new RecordId(Digest256.Of([1])), Digest256.Of([2]));
        var huge = new Piece(chunk, 0, long.MaxValue);
        var file = EntryAt("a", EntryKind.File) with
        {
            Bytes = long.MaxValue,
            Content = new Content(ContentKind.Chunks, ChunkClass.Fine, [huge, huge]),
        };
        var (plain, references) = SegmentCodec.WriteEntries([file]);
        AssertMalformed(() => SegmentCodec.ReadEntries(plain, references));
        (plain, references) = SegmentCodec.WriteList(0, [new ListItem(chunk, long.MaxValue)]);
        AssertMalformed(() => SegmentCodec.ReadList(plain, references));
    }

    [Fact]
    public async Task A_list_whose_items_overflow_when_added_up_is_refused()
    {
        var vault = new MemoryVault(_vault);
        var chunk = (await StoreChunksAsync(vault, Seed.ForThisTest(), 1))[0];
        var item = new ListItem(chunk, long.MaxValue);
        var list = await StoreAsync(vault, RecordType.ChunkList, SegmentCodec.WriteList(1, [item, item]));
        using var records = new RecordReader(vault, new BufferPool());
        var content = new Content(ContentKind.List, ChunkClass.Fine, [new Piece(list, 0, 100)]);
        var failure = await Assert.ThrowsAsync<VaultException>(async () =>
            await new CatalogueReader(records).PiecesAsync(content, CancellationToken.None).ToListAsync());
        Assert.Equal(ErrorCode.CatalogueMalformed, failure.Code);
    }

    [Fact]
    public void An_entry_below_a_link_is_refused()
    {
        var (plain, references) = SegmentCodec.WriteEntries(
            [EntryAt("a", EntryKind.SymbolicLink), EntryAt("a/b", EntryKind.Fifo)]);
        AssertMalformed(() => SegmentCodec.ReadEntries(plain, references));
    }

    [Fact]
    public async Task A_record_that_was_kept_is_checked_like_one_that_is_fetched()
    {
        var vault = new MemoryVault(_vault);
        var root = await WriteAsync(vault, [EntryAt("a", EntryKind.Fifo)]);
        using var records = new RecordReader(vault, new BufferPool());
        for (var round = 0; round < 2; round++) // The second time it is kept.
        {
            await records.ReadAsync(root, RecordType.Segment, CancellationToken.None);
            await AssertRefusedAsync(ErrorCode.CatalogueMalformed, records, root, RecordType.ChunkList);
            await AssertRefusedAsync(
                ErrorCode.RecordUndecryptable, records, root with { Key = default }, RecordType.Segment);
        }
    }

    private static async Task AssertRefusedAsync(
        ErrorCode code, RecordReader records, RecordRef record, RecordType type) => Assert.Equal(
            code, (await Assert.ThrowsAsync<VaultException>(
                async () => await records.ReadAsync(record, type, CancellationToken.None))).Code);

    [Fact]
    public async Task Records_are_kept_up_to_a_number_of_bytes()
    {
        var vault = new MemoryVault(_vault);
        var attribute = new ExtendedAttribute("user.a"u8.ToArray(), new byte[CatalogueLimits.EntryBytesMax - 100]);
        var large = Enumerable.Range(0, 3)
            .Select(i => EntryAt($"b{i}", EntryKind.Fifo) with { ExtendedAttributes = [attribute] }).ToList();
        var segments = new List<RecordRef>();
        for (var i = 0; i < 30; i++) // 3 MiB each.
        {
            var plain = SegmentCodec.WriteEntries([EntryAt($"a{i}", EntryKind.Fifo), .. large]);
            segments.Add(await StoreAsync(vault, RecordType.Segment, plain));
        }
        using var records = new RecordReader(vault, new BufferPool());
        foreach (var segment in segments) await records.ReadAsync(segment, RecordType.Segment, CancellationToken.None);
        foreach (var segment in segments) vault.Lose(segment.Id);

        foreach (var gone in segments[..^12])
            await AssertRefusedAsync(ErrorCode.RecordMissing, records, gone, RecordType.Segment);
        foreach (var kept in segments[^12..])
            await records.ReadAsync(kept, RecordType.Segment, CancellationToken.None);
    }

    [Theory]
    [InlineData(2, "b", 1)] // Its level is 0, not 1.
    [InlineData(1, "a", 1)]
    [InlineData(1, "b", 2)]
    public async Task A_segment_that_is_not_as_its_parent_says_is_refused(int level, string first, long entries)
    {
        var vault = new MemoryVault(_vault);
        var below = await StoreAsync(
            vault, RecordType.Segment, SegmentCodec.WriteEntries([EntryAt("b", EntryKind.Directory)]));
        var link = new SegmentLink(EntryAt(first, EntryKind.Directory).Path, below, entries);
        var root = await StoreAsync(vault, RecordType.Segment, SegmentCodec.WriteLinks(level, [link]));
        var failure = await Assert.ThrowsAsync<VaultException>(() => ReadAsync(vault, root, default));
        Assert.Equal(ErrorCode.CatalogueMalformed, failure.Code);
    }

    [Theory]
    [InlineData(EntryKind.Directory, "b")] // The second segment goes back to before 'c'.
    [InlineData(EntryKind.SymbolicLink, "c/d")]
    public async Task A_segment_that_does_not_follow_the_one_before_is_refused(EntryKind kind, string second)
    {
        var vault = new MemoryVault(_vault);
        Entry[][] segments =
        [
            [EntryAt("a", EntryKind.Directory), EntryAt("c", kind)], [EntryAt(second, EntryKind.Directory)],
        ];
        var links = new List<SegmentLink>();
        foreach (var entries in segments)
        {
            var record = await StoreAsync(vault, RecordType.Segment, SegmentCodec.WriteEntries(entries));
            links.Add(new SegmentLink(entries[0].Path, record, entries.Length));
        }
        var root = await StoreAsync(vault, RecordType.Segment, SegmentCodec.WriteLinks(1, links));
        using var records = new RecordReader(vault, new BufferPool());
        var refused = new List<ErrorCode>();
        var read = await new CatalogueReader(records)
            .ReadAsync(root, default, (_, failure) => refused.Add(failure.Code), CancellationToken.None).ToListAsync();
        Assert.Equal(ErrorCode.CatalogueMalformed, Assert.Single(refused));
        Assert.Equal(2, read.Count);
    }

    private static Entry EntryAt(string path, EntryKind kind) =>
        new() { Path = EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(path)), Kind = kind };

    private static void AssertMalformed(Action read) =>
        Assert.Equal(ErrorCode.CatalogueMalformed, Assert.Throws<VaultException>(read).Code);

    private async Task<RecordRef> StoreAsync(MemoryVault vault, RecordType type, CataloguePlain plain)
    {
        var pool = new BufferPool();
        await using var uploader = new RecordUploader(_vault, vault, pool);
        using var sink = new CatalogueSink(uploader, pool, CodecProfile.Default, _machine);
        var stored = await sink.AddAsync(type, plain, CancellationToken.None);
        await uploader.CompleteAsync();
        return stored.Ref;
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a\0..\0b")]
    [InlineData("a\0\0b")]
    [InlineData("a/b")]
    [InlineData("")]
    public void Paths_that_could_leave_a_restore_are_refused(string path) =>
        Assert.Throws<VaultException>(() => new EntryPath(System.Text.Encoding.UTF8.GetBytes(path)));

    private async Task<RecordRef> WriteAsync(MemoryVault vault, IEnumerable<Entry> entries)
    {
        var pool = new BufferPool();
        await using var uploader = new RecordUploader(_vault, vault, pool);
        using var sink = new CatalogueSink(uploader, pool, CodecProfile.Default, _machine);
        var writer = new CatalogueWriter(sink);
        foreach (var entry in entries) await writer.AddAsync(entry, CancellationToken.None);
        var root = await writer.FinishAsync(CancellationToken.None);
        await uploader.CompleteAsync();
        return root;
    }

    private static async Task<List<Entry>> ReadAsync(MemoryVault vault, RecordRef root, EntryPath under)
    {
        using var records = new RecordReader(vault, new BufferPool());
        return await new CatalogueReader(records).ReadAsync(root, under, unreadable: null, CancellationToken.None)
            .ToListAsync();
    }

    private async Task<List<RecordRef>> StoreChunksAsync(MemoryVault vault, Random random, int count)
    {
        var pool = new BufferPool();
        await using var uploader = new RecordUploader(_vault, vault, pool);
        await using var sealing = new SealingPool(uploader, pool, CodecProfile.Stored, workers: 1);
        var chunks = new List<RecordRef>();
        for (var i = 0; i < count; i++)
        {
            var buffer = pool.Rent(100);
            random.NextBytes(buffer);
            var stored = await await sealing.AddAsync(
                new PlainContent(RecordType.Chunk, _machine, buffer, 100), CancellationToken.None);
            chunks.Add(stored.Ref);
        }
        await uploader.CompleteAsync();
        return chunks;
    }

    private static List<Entry> RandomEntries(Random random, int count, List<RecordRef> chunks)
    {
        var paths = new SortedSet<EntryPath>();
        while (paths.Count < count)
        {
            var names = Enumerable.Range(0, random.Next(1, 6))
                .Select(depth => $"dossier {random.Next(1 << (2 * depth + 2))}");
            var path = EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(string.Join('/', names)));
            for (; !path.IsEmpty; path = path.Parent) paths.Add(path);
            paths.Add(new EntryPath(new byte[] { 0xFF, (byte)random.Next(1, 46), 0xC3, (byte)'\n' })); // Not UTF-8.
        }
        // What lies below a path follows right behind it.
        var order = paths.ToList();
        return [
            .. order.Select((path, i) => RandomEntry(
                random, path, chunks, isParent: i + 1 < order.Count && order[i + 1].IsAtOrBelow(path))),
        ];
    }

    private static Entry RandomEntry(Random random, EntryPath path, List<RecordRef> chunks, bool isParent)
    {
        var entry = new Entry
        {
            Path = path,
            Kind = EntryKind.Directory,
            ModifiedNs = random.NextInt64(-1_000_000_000_000_000_000, 2_000_000_000_000_000_000),
            Mode = (uint)random.Next(0x1000),
            UserId = (uint)random.Next(70_000),
            GroupId = uint.MaxValue,
            UserName = random.Next(2) == 0 ? "mairie" : null,
            GroupName = random.Next(2) == 0 ? "agents é" : null,
            ExtendedAttributes =
                random.Next(5) == 0 ? [new(new byte[] { 1 }, new byte[10]), new(new byte[] { 2 }, default)] : [],
        };
        return (isParent ? 0 : random.Next(4)) switch
        {
            0 => entry,
            1 => entry with { Kind = EntryKind.SymbolicLink, LinkTarget = new byte[] { 0xFF, 1, 2 } },
            2 => entry with { Kind = EntryKind.CharacterDevice, DeviceNumber = ulong.MaxValue << random.Next(64) },
            _ => RandomFile(random, entry, chunks),
        };
    }

    private static Entry RandomFile(Random random, Entry entry, List<RecordRef> chunks)
    {
        var pieces = Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => new Piece(chunks[random.Next(chunks.Count)], 0, 100))
            .ToList();
        var content = pieces.Count == 1
            ? new Content(ContentKind.Slice, ChunkClass.Standard, [pieces[0] with { Offset = 7, Bytes = 50 }])
            : new Content(ContentKind.Chunks, ChunkClass.Fine, pieces);
        var bytes = content.Pieces.Sum(piece => piece.Bytes);
        var file = entry with
        {
            Kind = EntryKind.File,
            Content = content,
            Bytes = bytes,
            HardLinkGroup = (ulong)random.Next(3) * 0x9E37_79B9_7F4A_7C15, // A mix of device and inode, or none.
        };
        return random.Next(3) switch
        {
            0 => file with { Bytes = 1_000_000, Extents = [new(10, bytes - 1), new(500_000, 1)] },
            1 => file with
            {
                Windows = new WindowsMetadata
                {
                    Attributes = 0x20,
                    CreatedNs = -5,
                    SecurityDescriptor = new byte[] { 1, 2, 3 },
                    Streams = [new("Zone.Identifier", bytes, content)],
                },
            },
            _ => file,
        };
    }

    private static void AssertSame(Entry expected, Entry actual)
    {
        Assert.Equal(
            SegmentCodec.WriteEntries([expected]).Plain.ToArray(), SegmentCodec.WriteEntries([actual]).Plain.ToArray());
        Assert.Equal(expected.Path, actual.Path);
        Assert.Equal(expected.ModifiedNs, actual.ModifiedNs);
        Assert.Equal(
            (expected.HardLinkGroup, expected.DeviceNumber), (actual.HardLinkGroup, actual.DeviceNumber));
        Assert.Equal(expected.Extents, actual.Extents);
        Assert.Equal(expected.Content.Pieces, actual.Content.Pieces);
        Assert.Equal(expected.Windows?.CreatedNs, actual.Windows?.CreatedNs);
    }
}

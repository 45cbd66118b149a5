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
        return [.. paths.Select(path => RandomEntry(random, path, chunks))];
    }

    private static Entry RandomEntry(Random random, EntryPath path, List<RecordRef> chunks)
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
        return random.Next(4) switch
        {
            0 => entry,
            1 => entry with { Kind = EntryKind.SymbolicLink, LinkTarget = new byte[] { 0xFF, 1, 2 } },
            2 => entry with { Kind = EntryKind.CharacterDevice, DeviceNumber = 5UL << 32 | 1 },
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
            HardLinkGroup = (ulong)random.Next(3),
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
        Assert.Equal(expected.Extents, actual.Extents);
        Assert.Equal(expected.Content.Pieces, actual.Content.Pieces);
        Assert.Equal(expected.Windows?.CreatedNs, actual.Windows?.CreatedNs);
    }
}

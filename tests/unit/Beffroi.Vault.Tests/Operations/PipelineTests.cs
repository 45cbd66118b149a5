using Beffroi.Testing;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Tests.Operations;

public sealed class PipelineTests
{
    private readonly VaultId _vault = VaultId.New();
    private readonly ConvergenceSecret _machine = ConvergenceSecret.Generate();
    private readonly ConvergenceSecret _group = ConvergenceSecret.Generate();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(262_144)]
    [InlineData(262_145)]
    [InlineData(9_000_000)]
    public async Task What_is_stored_comes_back(int length)
    {
        var random = Seed.ForThisTest();
        var bytes = RandomBytes(random, length);
        var vault = new MemoryVault(_vault);
        foreach (var chunkClass in new[] { ChunkClass.Standard, ChunkClass.Fine })
        {
            var content = await StoreAsync(vault, bytes, chunkClass, random);
            Assert.Equal(bytes, await ReadAsync(vault, content));
        }
    }

    [Fact]
    public async Task Storing_again_sends_nothing()
    {
        var random = Seed.ForThisTest();
        var bytes = RandomBytes(random, 5_000_000);
        var vault = new MemoryVault(_vault);
        var first = await StoreAsync(vault, bytes, ChunkClass.Standard, random);
        var packs = vault.Packs.Count;
        var second = await StoreAsync(vault, bytes, ChunkClass.Standard, random);
        Assert.Equal(first.Pieces, second.Pieces);
        Assert.Equal(packs, vault.Packs.Count);
    }

    [Fact]
    public async Task Bytes_inserted_near_the_start_leave_most_chunks_as_they_were()
    {
        var random = Seed.ForThisTest();
        var bytes = RandomBytes(random, 8_000_000);
        var vault = new MemoryVault(_vault);
        await StoreAsync(vault, bytes, ChunkClass.Fine, random);
        var before = vault.RecordCount;
        await StoreAsync(vault, [.. bytes[..1000], 1, 2, 3, .. bytes[1000..]], ChunkClass.Fine, random);
        Assert.InRange(vault.RecordCount - before, 1, 10); // One or two chunks, and the list.
    }

    [Fact]
    public async Task A_file_of_many_chunks_has_a_tree_of_lists()
    {
        var random = Seed.ForThisTest();
        var bytes = RandomBytes(random, 60_000_000);
        var vault = new MemoryVault(_vault);
        var content = await StoreAsync(vault, bytes, ChunkClass.Fine, random);
        Assert.Equal(ContentKind.List, content.Kind);
        Assert.Equal(bytes, await ReadAsync(vault, content));
    }

    [Fact]
    public async Task A_failed_upload_fails_the_run_and_is_not_swallowed()
    {
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault)
        {
            BeforePack = _ =>
                throw new VaultException(ErrorCode.QuotaExceeded, retryable: false, "The quota is exhausted."),
        };
        var failure = await Assert.ThrowsAsync<VaultException>(
            () => StoreAsync(vault, RandomBytes(random, 40_000_000), ChunkClass.Standard, random));
        Assert.Equal(ErrorCode.QuotaExceeded, failure.Code);
    }

    [Fact]
    public async Task Sealers_that_die_fail_the_run_and_leave_nobody_waiting()
    {
        var pool = new BufferPool();
        await using var uploader = new RecordUploader(_vault, new MemoryVault(_vault), pool);
        // No such level: a sealer ends before its first content, as it does without memory for its codec.
        await using var sealing = new SealingPool(
            uploader, pool, new CodecProfile(CodecId.Deflate, 99, 0), workers: 2);
        for (var i = 0; i < 3000; i++) // More than the queue holds.
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => AddAsync(sealing, pool).WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private async Task AddAsync(SealingPool sealing, BufferPool pool)
    {
        var content = new PlainContent(RecordType.Chunk, _machine, pool.Rent(10), 10);
        await await sealing.AddAsync(content, CancellationToken.None);
    }

    [Fact]
    public async Task The_durable_mark_never_runs_ahead_of_the_server()
    {
        var random = Seed.ForThisTest();
        var pool = new BufferPool();
        var vault = new MemoryVault(_vault) { Delays = new Random(random.Next()) };
        await using var uploader = new RecordUploader(_vault, vault, pool);
        using var sealer = new RecordSealer(CodecProfile.Stored, pool);
        var numbers = new List<(RecordMark Mark, RecordId Id)>();
        for (var i = 0; i < 3000; i++)
        {
            var plain = RandomBytes(random, random.Next(1, 40_000));
            if (i % 7 == 0 && i > 0) plain = [1, 2, 3]; // The same record over and over.
            var record = Seal(sealer, pool, plain);
            numbers.Add((await uploader.AddAsync(record, CancellationToken.None), record.Ref.Id));
            var durable = uploader.DurableUpTo;
            var stored = vault.RecordIds.ToHashSet();
            Assert.All(
                numbers.Where(pair => pair.Mark.IsReachedBy(durable)).TakeLast(50),
                pair => Assert.Contains(pair.Id, stored));
        }
        await uploader.CompleteAsync();
        Assert.Equal(new RecordMark(3000, 0), uploader.DurableUpTo);
        Assert.Equal(0, pool.LentBytes);
    }

    [Fact]
    public async Task Catalogue_records_that_wait_for_their_pack_hold_back_no_other_news()
    {
        var random = Seed.ForThisTest();
        var pool = new BufferPool();
        var vault = new MemoryVault(_vault);
        await using var uploader = new RecordUploader(_vault, vault, pool);
        using var catalogue = new CatalogueSink(uploader, pool, CodecProfile.Default, _machine);
        using var sealer = new RecordSealer(CodecProfile.Stored, pool);
        var chunk = Seal(sealer, pool, RandomBytes(random, 1000));
        var chunkMark = await uploader.AddAsync(chunk, CancellationToken.None);
        var plain = SegmentCodec.WriteList(0, [new ListItem(chunk.Ref, 1000)]);
        var list = await catalogue.AddAsync(RecordType.ChunkList, plain, CancellationToken.None);
        var segment = await catalogue.AddAsync(
            RecordType.Segment, SegmentCodec.WriteEntries([]), CancellationToken.None);
        Assert.Equal(default, segment.Mark);

        for (var bytes = 0; bytes <= 2 * RecordUploader.DataPackBytesTarget; bytes += 1 << 20)
            await uploader.AddAsync(Seal(sealer, pool, RandomBytes(random, 1 << 20)), CancellationToken.None);
        while (!chunkMark.IsReachedBy(uploader.DurableUpTo)) await Task.Yield();

        Assert.DoesNotContain(list.Ref.Id, vault.RecordIds);
        Assert.False(list.Mark.IsReachedBy(uploader.DurableUpTo));
        Assert.False(chunkMark.And(list.Mark).IsReachedBy(uploader.DurableUpTo));
        await uploader.CompleteAsync();
        Assert.True(list.Mark.IsReachedBy(uploader.DurableUpTo));
        Assert.Contains(list.Ref.Id, vault.RecordIds);
    }

    [Fact]
    public async Task A_catalogue_pack_never_arrives_before_what_it_refers_to()
    {
        // MemoryVault refuses a pack with a dangling reference, so success is the proof.
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault) { Delays = new Random(random.Next()) };
        for (var round = 0; round < 5; round++)
            await StoreAsync(vault, RandomBytes(random, random.Next(20_000_000, 40_000_000)), ChunkClass.Fine, random);
        Assert.Contains(vault.Packs, pack => pack.Kind == PackKind.Catalogue);
    }

    private static SealedRecord Seal(RecordSealer sealer, BufferPool pool, byte[] plain)
    {
        var buffer = pool.Rent(plain.Length);
        plain.CopyTo(buffer.AsSpan(RecordLimits.FixedHeaderBytes));
        var records = new SealedRecord[1];
        sealer.Seal([new PlainContent(
            RecordType.Chunk, new ConvergenceSecret(new SecretId(Guid.Empty), new byte[32]), buffer, plain.Length)],
            records);
        return records[0];
    }

    private async Task<Content> StoreAsync(MemoryVault vault, byte[] bytes, ChunkClass chunkClass, Random random)
    {
        var pool = new BufferPool(32 << 20);
        await using var uploader = new RecordUploader(_vault, vault, pool);
        await using var sealing = new SealingPool(uploader, pool, CodecProfile.Default, workers: 2);
        using var catalogue = new CatalogueSink(uploader, pool, CodecProfile.Default, _machine);
        var storer = new ContentStorer(sealing, catalogue, pool, _machine, _group);
        var stored = await await storer.StoreAsync(
            new MemoryContent(bytes, random), bytes.Length, chunkClass, CancellationToken.None);
        await uploader.CompleteAsync();
        Assert.Equal(bytes.Length, stored.Bytes);
        Assert.Equal(0, pool.LentBytes); // Every buffer found its way back.
        return stored.Content;
    }

    private static async Task<byte[]> ReadAsync(MemoryVault vault, Content content)
    {
        var pool = new BufferPool();
        using var records = new RecordReader(vault, pool);
        using var opener = new RecordOpener(pool);
        var whole = new MemoryStream();
        await foreach (var piece in new CatalogueReader(records).PiecesAsync(content, CancellationToken.None))
        {
            await foreach (var fetched in vault.FetchAsync([piece.Record.Id], CancellationToken.None))
            {
                var opened = opener.Open(fetched.Buffer!, fetched.Bytes, piece.Record); // Stored a moment ago.
                whole.Write(opened.Plain.Span.Slice((int)piece.Offset, (int)piece.Bytes));
            }
        }
        return whole.ToArray();
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}

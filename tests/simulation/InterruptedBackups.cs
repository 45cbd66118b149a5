using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Simulation;

/// <summary>The production pipeline on a vault in memory, from one seed: runs are cut at a random pack, the source
/// changes between them, and whatever was finished must be readable in full for ever after.</summary>
public sealed class InterruptedBackups
{
    private readonly VaultId _vault = VaultId.New();
    private readonly ConvergenceSecret _machine = ConvergenceSecret.Generate();
    private readonly ConvergenceSecret _group = ConvergenceSecret.Generate();

    [Fact]
    public async Task Every_finished_run_stays_readable_whatever_was_cut_in_between()
    {
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault) { Delays = new Random(random.Next()) };
        var source = NewSource(random);
        var finished = new List<(RecordRef Root, Dictionary<string, byte[]> Files)>();
        for (var run = 0; run < 40; run++)
        {
            Change(source, random);
            if (await TryRunAsync(vault, source, random) is { } root) finished.Add((root, new(source)));
        }
        Assert.InRange(finished.Count, 5, 40);
        foreach (var (root, files) in finished) await AssertHoldsAsync(vault, root, files);
    }

    [Fact]
    public async Task A_run_after_a_cut_one_does_not_send_again_what_arrived()
    {
        var random = Seed.ForThisTest();
        var vault = new MemoryVault(_vault) { Delays = new Random(random.Next()) };
        var source = NewSource(random);
        while (await TryRunAsync(vault, source, random) is null)
        {
            // Cut again and again, until one run gets through.
        }
        var stored = vault.Packs.SelectMany(pack => pack.Records).Select(record => record.Ref.Id).ToList();
        Assert.Equal(stored.Count, stored.Distinct().Count());
    }

    private async Task<RecordRef?> TryRunAsync(MemoryVault vault, Dictionary<string, byte[]> source, Random random)
    {
        var packsLeft = random.Next(2) == 0 ? int.MaxValue : random.Next(0, 3);
        vault.BeforePack = _ =>
        {
            if (Interlocked.Decrement(ref packsLeft) < 0) throw Cut();
        };
        try
        {
            return await RunAsync(vault, source, random);
        }
        catch (VaultException cut) when (cut.Code == ErrorCode.ServerUnreachable)
        {
            return null;
        }
    }

    private static VaultException Cut() =>
        new(ErrorCode.ServerUnreachable, retryable: false, "The simulated line was cut.");

    private async Task<RecordRef> RunAsync(MemoryVault vault, Dictionary<string, byte[]> source, Random random)
    {
        var pool = new BufferPool(24 << 20);
        await using var uploader = new RecordUploader(_vault, vault, pool);
        await using var sealing = new SealingPool(uploader, pool, CodecProfile.Default, workers: 2);
        using var sink = new CatalogueSink(uploader, pool, CodecProfile.Default, _machine);
        var storer = new ContentStorer(sealing, sink, pool, _machine, _group);
        var writer = new CatalogueWriter(sink);
        foreach (var (name, bytes) in source.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var content = new MemoryContent(bytes, random);
            var chunkClass = bytes.Length > 500_000 ? ChunkClass.Fine : ChunkClass.Standard;
            var stored = await await storer.StoreAsync(content, bytes.Length, chunkClass, CancellationToken.None);
            await writer.AddAsync(EntryOf(name, bytes, stored.Content), CancellationToken.None);
        }
        var root = await writer.FinishAsync(CancellationToken.None);
        await uploader.CompleteAsync();
        return root;
    }

    private static Entry EntryOf(string name, byte[] bytes, Content content) => new()
    {
        Path = EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(name)),
        Kind = EntryKind.File,
        Bytes = bytes.Length,
        Content = content,
    };

    private static async Task AssertHoldsAsync(MemoryVault vault, RecordRef root, Dictionary<string, byte[]> files)
    {
        var pool = new BufferPool();
        using var records = new RecordReader(vault, pool);
        using var opener = new RecordOpener(pool);
        var reader = new CatalogueReader(records);
        var count = 0;
        await foreach (var entry in reader.ReadAsync(root, default, unreadable: null, CancellationToken.None))
        {
            var whole = new MemoryStream();
            await foreach (var piece in reader.PiecesAsync(entry.Content, CancellationToken.None))
            {
                await foreach (var fetched in vault.FetchAsync([piece.Record.Id], CancellationToken.None))
                {
                    Assert.Equal(FetchOutcome.Found, fetched.Outcome);
                    var opened = opener.Open(fetched.Buffer!, fetched.Bytes, piece.Record); // Found: it has bytes.
                    whole.Write(opened.Plain.Span.Slice((int)piece.Offset, (int)piece.Bytes));
                }
            }
            Assert.Equal(files[entry.Path.ToString()], whole.ToArray());
            count++;
        }
        Assert.Equal(files.Count, count);
    }

    private static Dictionary<string, byte[]> NewSource(Random random)
    {
        var source = new Dictionary<string, byte[]>();
        for (var i = 0; i < 40; i++) source[$"dossier/fichier {i:00}"] = RandomBytes(random, random.Next(1, 200_000));
        for (var i = 0; i < 4; i++)
            source[$"gros/archive {i}"] = RandomBytes(random, random.Next(3_000_000, 12_000_000));
        return source;
    }

    private static void Change(Dictionary<string, byte[]> source, Random random)
    {
        var names = source.Keys.ToList();
        for (var changes = random.Next(0, 5); changes > 0; changes--)
        {
            var name = names[random.Next(names.Count)];
            var bytes = source[name].ToArray(); // A copy: finished runs keep the old one.
            if (bytes.Length > 0) bytes[random.Next(bytes.Length)]++;
            source[name] = random.Next(3) == 0 ? [.. bytes, 1, 2, 3] : bytes;
        }
        if (random.Next(4) == 0) source[$"nouveau/{random.Next(1000)}"] = RandomBytes(random, random.Next(0, 5000));
        if (random.Next(4) == 0 && source.Count > 10) source.Remove(names[random.Next(names.Count)]);
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}

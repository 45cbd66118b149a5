using Beffroi.Testing;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;
using Beffroi.Vault.Stores;

namespace Beffroi.Vault.Tests.Operations;

/// <summary>The recovery kit's way to the records, on a store that has suffered.</summary>
public sealed class PackFolderSourceTests
{
    private readonly VaultId _vault = VaultId.New();
    private readonly ConvergenceSecret _secret = ConvergenceSecret.Generate();
    private readonly BufferPool _pool = new();
    private readonly HookedBlobStore _store = new(new MemoryBlobStore());
    private readonly List<BlobName> _reported = [];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_record_that_is_damaged_in_one_pack_is_read_from_another(int sound)
    {
        var record = Seal("partout");
        var packs = new List<BlobName>();
        for (var i = 0; i < 3; i++) packs.Add(await PutPackAsync(record, Seal($"autre {i}")));
        packs.Sort((left, right) => string.CompareOrdinal(left.Value, right.Value)); // As the source meets them.
        foreach (var pack in packs.Where(pack => pack != packs[sound]))
            await _store.FlipBitAsync(pack, PackLimits.HeaderBytes + RecordLimits.FixedHeaderBytes);

        Assert.Equal(record.Memory.ToArray(), await FetchAsync(record));
    }

    [Fact]
    public async Task A_record_that_is_damaged_everywhere_is_handed_over_as_it_is()
    {
        var record = Seal("partout");
        foreach (var other in new[] { "un", "deux" })
        {
            var pack = await PutPackAsync(record, Seal(other));
            await _store.FlipBitAsync(pack, PackLimits.HeaderBytes + RecordLimits.FixedHeaderBytes);
        }
        Assert.NotEqual(record.Memory.ToArray(), await FetchAsync(record));
    }

    private SealedRecord Seal(string text)
    {
        using var sealer = new RecordSealer(CodecProfile.Stored, new BufferPool());
        var plain = System.Text.Encoding.UTF8.GetBytes(text);
        var buffer = new byte[plain.Length + BufferPool.FramingBytes];
        plain.CopyTo(buffer, RecordLimits.FixedHeaderBytes);
        var records = new SealedRecord[1];
        sealer.Seal([new PlainContent(RecordType.Chunk, _secret, buffer, plain.Length)], records);
        return records[0];
    }

    private async Task<BlobName> PutPackAsync(params SealedRecord[] records)
    {
        var builder = new PackBuilder(_vault, PackKind.Data);
        foreach (var record in records) builder.Add(record);
        var pack = builder.Complete();
        var name = BlobNames.Pack(_vault, pack.Id);
        await _store.PutAsync(name, pack.ToArray(), CancellationToken.None);
        return name;
    }

    /// <summary>The bytes of a record as the source gives them; null when it calls it damaged.</summary>
    private async Task<byte[]?> FetchAsync(SealedRecord record)
    {
        var source = await OpenAsync();
        var fetched = Assert.Single(await source.FetchAsync([record.Ref.Id], CancellationToken.None).ToListAsync());
        Assert.Equal(record.Ref.Id, fetched.Id);
        Assert.Equal(fetched.Buffer is null ? FetchOutcome.Damaged : FetchOutcome.Found, fetched.Outcome);
        return fetched.Buffer?[..fetched.Bytes];
    }

    private Task<PackFolderSource> OpenAsync() => PackFolderSource.OpenAsync(
        _store, BlobNames.PackPrefix(_vault), _pool, (name, _) => _reported.Add(name), CancellationToken.None);
}

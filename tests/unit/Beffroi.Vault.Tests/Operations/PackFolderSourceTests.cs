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

    [Fact]
    public async Task A_sector_that_cannot_be_read_costs_its_record_only()
    {
        var (lost, twice, other) = (Seal("perdu"), Seal("deux fois"), Seal("ailleurs"));
        var bad = await PutPackAsync(lost, twice);
        await PutPackAsync(twice, other);
        var source = await OpenAsync();
        FailReadsOf(bad);
        SealedRecord[] all = [lost, twice, other];
        var fetched = await source
            .FetchAsync([.. all.Select(record => record.Ref.Id)], CancellationToken.None).ToListAsync();

        Assert.Equal(
            all.Select(record => (record.Ref.Id, record.Ref.Id == lost.Ref.Id ? null : record.Memory.ToArray())),
            fetched.OrderBy(one => Array.FindIndex(all, record => record.Ref.Id == one.Id))
                .Select(one => (one.Id, one.Buffer?[..one.Bytes])));
        Assert.Equal(FetchOutcome.Damaged, fetched.Single(one => one.Id == lost.Ref.Id).Outcome);
        Assert.Equal([bad], _reported); // Once, however many records it had.
    }

    [Fact]
    public async Task A_pack_whose_list_cannot_be_read_is_reported_and_left_out()
    {
        var (lost, twice) = (Seal("perdu"), Seal("deux fois"));
        var bad = await PutPackAsync(lost, twice);
        await PutPackAsync(twice);
        FailReadsOf(bad);
        var source = await OpenAsync();
        Assert.Equal([bad], _reported);
        var fetched = await source.FetchAsync([lost.Ref.Id, twice.Ref.Id], CancellationToken.None).ToListAsync();
        Assert.Equal(
            [(lost.Ref.Id, FetchOutcome.Missing), (twice.Ref.Id, FetchOutcome.Found)],
            fetched.Select(one => (one.Id, one.Outcome)));
    }

    // What a disk says of a bad sector, EIO, reads like a mount that is gone: retryable.
    private void FailReadsOf(BlobName pack) => _store.BeforeRead = name =>
    {
        if (name == pack)
            throw new VaultException(ErrorCode.StoreUnavailable, retryable: true, $"The disk cannot read '{name}'.");
    };

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

using Beffroi.Agent.Snapshots;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Stores;

namespace Beffroi.Agent.Tests.Restore;

public sealed class MemberLogReaderTests
{
    private const string Prefix = "t/v/l/";

    private static readonly DeviceId s_device = new(new Guid("0193b0aa-0000-7000-8000-000000000001"));
    private static readonly LogVector s_vector = LogVector.Read();

    private readonly HookedBlobStore _store = new(new MemoryBlobStore());

    [Fact]
    public async Task The_log_of_the_vector_is_read()
    {
        await PutAsync(s_vector.Entries);
        AssertWhole(await ReadAsync());
    }

    [Fact]
    public async Task What_is_no_entry_by_its_name_is_ignored()
    {
        await PutAsync(s_vector.Entries);
        foreach (var stray in new[] { "0000000000000001.part", "1", "000000000000000a", "a/0000000000000001" })
            await _store.PutAsync(new BlobName(Prefix + stray), "stray"u8.ToArray(), CancellationToken.None);
        AssertWhole(await ReadAsync());
    }

    [Fact]
    public async Task Entries_that_must_be_refused_are_and_those_before_count()
    {
        foreach (var refused in s_vector.Refused.Where(refused => refused.Blob.Length > 0))
        {
            var store = new HookedBlobStore(new MemoryBlobStore());
            await PutAsync([.. s_vector.Entries.Take(refused.Number - 1), refused.Blob], store);
            var log = await MemberLogReader.ReadAsync(store, Prefix, anchor: null, CancellationToken.None);
            Assert.True(log.Fault is not null, refused.Why);
            Assert.Contains("cannot be trusted", log.Fault, StringComparison.Ordinal);
            Assert.Empty(log.KeysOf(s_device));
        }
    }

    [Theory]
    [InlineData(2, 3)] // Under the name of another entry.
    [InlineData(2, 0)]
    public async Task An_entry_under_another_number_is_refused(int last, int name)
    {
        await PutAsync(s_vector.Entries.Take(last - 1));
        await _store.PutAsync(NameOf(name), s_vector.Entries[last - 1], CancellationToken.None);
        Assert.NotNull((await ReadAsync()).Fault);
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_breaks_the_log_and_stops_nothing()
    {
        await PutAsync(s_vector.Entries);
        _store.BeforeRead = name =>
        {
            if (name == NameOf(3))
                throw new VaultException(ErrorCode.StoreUnavailable, retryable: true, "The disk cannot read it.");
        };
        var log = await ReadAsync();
        Assert.Equal("The disk cannot read it.", log.Fault);
        Assert.Single(log.KeysOf(s_device));
    }

    private static void AssertWhole(MemberLogReader log)
    {
        Assert.Null(log.Fault);
        Assert.Equal(VerifyingKey.Import(s_vector.ServerPoint), log.ServerKey);
        Assert.Equal(new VaultId(new Guid("6f1c2f0e-6b1d-4c7a-9f37-0a1b2c3d4e5f")), log.Vault);
        Assert.Equal("accueil", log.NameOf(s_device));
        Assert.Single(log.KeysOf(s_device));
    }

    private Task<MemberLogReader> ReadAsync() =>
        MemberLogReader.ReadAsync(_store, Prefix, anchor: null, CancellationToken.None);

    private async Task PutAsync(IEnumerable<byte[]> blobs, IBlobStore? store = null)
    {
        var number = 0;
        foreach (var blob in blobs)
            await (store ?? _store).PutAsync(NameOf(++number), blob, CancellationToken.None);
    }

    private static BlobName NameOf(int number) => new($"{Prefix}{number:D16}");
}

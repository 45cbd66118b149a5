using Beffroi.ObjectStorage;
using Beffroi.Vault;
using Beffroi.Vault.Stores;

namespace Beffroi.Conformance.BlobStores;

/// <summary>What only a real store can show; skipped without one.</summary>
[Trait("Store", "S3")]
public sealed class S3RealStoreTests : IAsyncLifetime
{
    private static readonly BlobName Name = new("a/b");

    private S3TestBucket? _bucket;

    private S3TestBucket Bucket => _bucket ?? throw new InvalidOperationException("There is no bucket.");

    public async ValueTask InitializeAsync() => _bucket = await S3TestBucket.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_bucket is not null) await _bucket.DisposeAsync();
    }

    [Fact]
    public async Task The_probe_passes_and_leaves_nothing()
    {
        using var store = new S3BlobStore(Bucket.Options);
        Assert.Equal(new S3ProbeResult(HonoursConditionalPut: true, Warning: null), await store.ProbeAsync(Token));
        Assert.Empty(await Bucket.ListKeysAsync());
    }

    [Fact]
    public async Task The_probe_names_a_bucket_that_does_not_exist()
    {
        using var store = new S3BlobStore(Bucket.Options with { Bucket = "no-such-bucket" });
        var exception = await Assert.ThrowsAsync<VaultException>(() => store.ProbeAsync(Token));
        Assert.Equal((ErrorCode.StoreUnavailable, false), (exception.Code, exception.IsRetryable));
        Assert.Contains("no-such-bucket", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Create the bucket", exception.Message, StringComparison.Ordinal);
        foreach (var call in (Func<Task>[])[
            () => store.PutAsync(Name, new byte[1], Token).AsTask(),
            () => store.GetLengthAsync(Name, Token).AsTask(),
            () => store.ReadAsync(Name, 0, new byte[1], Token).AsTask()])
        {
            var later = await Assert.ThrowsAsync<VaultException>(call);
            Assert.Equal((ErrorCode.StoreUnavailable, false), (later.Code, later.IsRetryable));
        }
        Assert.False(await Bucket.ExistsAsync("no-such-bucket"));
    }

    [Fact]
    public async Task A_listing_longer_than_a_page_of_the_store_is_whole_and_in_order()
    {
        const int blobs = 2_100; // S3 gives at most 1,000 at a time.
        using var store = new S3BlobStore(Bucket.Options with { ListPageMax = 1_000 });
        var names = Enumerable.Range(0, blobs).Select(i => new BlobName($"p/{i:D5}")).ToArray();
        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token },
            async (name, token) => await store.PutAsync(name, new byte[1], token));

        Assert.Equal(names, await ListAsync(store, startAfter: null));
        Assert.Equal(names[1_050..], await ListAsync(store, names[1_049]));
    }

    [Fact]
    public async Task A_wrong_key_is_refused_with_advice_and_not_shown()
    {
        foreach (var call in (Func<S3BlobStore, Task>[])[
            store => store.ProbeAsync(Token),
            store => store.PutAsync(Name, new byte[1], Token).AsTask(),
            store => store.GetLengthAsync(Name, Token).AsTask(),
            store => store.ReadAsync(Name, 0, new byte[1], Token).AsTask()])
        {
            // Its own connection each: a gateway that refuses an upload early may take the body for the next request.
            using var store = new S3BlobStore(Bucket.Options with { SecretKey = "wrong-key-of-a-test" });
            var exception = await Assert.ThrowsAsync<VaultException>(() => call(store));
            Assert.Equal((ErrorCode.StoreUnavailable, false), (exception.Code, exception.IsRetryable));
            Assert.True(exception.Message.Contains("secret key", StringComparison.Ordinal), exception.Message);
            Assert.DoesNotContain("wrong-key-of-a-test", exception.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Bytes_damaged_on_the_way_are_refused_by_the_store_itself()
    {
        using var relay = new DamagingRelay(Bucket.Options.Endpoint) { DamageAfter = 150_000 };
        using var store = new S3BlobStore(Bucket.Options with { Endpoint = relay.Endpoint });
        var content = new byte[300_000];

        var exception = await Assert.ThrowsAsync<VaultException>(() => store.PutAsync(Name, content, Token).AsTask());
        Assert.Equal((ErrorCode.StoreUnavailable, true), (exception.Code, exception.IsRetryable));
        Assert.Equal(-1, relay.DamageAfter);
        Assert.Empty(await Bucket.ListKeysAsync());

        Assert.True(await store.PutAsync(Name, content, Token)); // The relay damages once.
        Assert.Equal(content.Length, await store.GetLengthAsync(Name, Token));
    }

    [Fact]
    public async Task A_download_cut_short_is_no_short_blob()
    {
        using var relay = new DamagingRelay(Bucket.Options.Endpoint);
        using var store = new S3BlobStore(Bucket.Options with { Endpoint = relay.Endpoint });
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        await store.PutAsync(Name, content, Token);

        relay.CutAfter = 150_000;
        var read = new byte[content.Length + 100];
        var exception = await Assert.ThrowsAsync<VaultException>(() => store.ReadAsync(Name, 0, read, Token).AsTask());
        Assert.Equal((ErrorCode.StoreUnavailable, true), (exception.Code, exception.IsRetryable));

        Assert.Equal(content.Length, await store.ReadAsync(Name, 0, read, Token));
        Assert.Equal(content, read[..content.Length]);
    }

    [Fact]
    public async Task What_is_no_blob_or_not_under_the_prefix_is_not_listed()
    {
        using var store = new S3BlobStore(Bucket.Options);
        await store.PutAsync(Name, new byte[1], Token);
        string[] foreign = ["elsewhere", "some/prefix", "some/prefix/Upper", "some/prefix/a/.hidden", "some/prefix2"];
        foreach (var key in foreign)
            await Bucket.PutAsync(key, "x");

        Assert.Contains("some/prefix/a/b", await Bucket.ListKeysAsync());
        Assert.Equal([Name], await ListAsync(store, startAfter: null));
    }

    private static async Task<List<BlobName>> ListAsync(S3BlobStore store, BlobName? startAfter)
    {
        var names = new List<BlobName>();
        await foreach (var entry in store.ListAsync("", startAfter, Token)) names.Add(entry.Name);
        return names;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}

using Beffroi.Vault.Stores;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Vault.Tests.Stores;

/// <summary>A disk that is unmounted and mounted again, as a folder that moves away and comes back.</summary>
public sealed class MarkedBlobStoreTests : IDisposable
{
    private static readonly BlobName Known = new("t/known");
    private static readonly BlobName New = new("t/new");
    private static readonly byte[] Bytes = [1, 2, 3];

    private readonly string _work = Directory.CreateTempSubdirectory("beffroi-mark-").FullName;
    private readonly MarkedBlobStore _store;

    public MarkedBlobStoreTests() =>
        _store = new MarkedBlobStore(new DiskBlobStore(Mount), TimeSpan.Zero, TimeProvider.System);

    private string Mount => Path.Combine(_work, "blobs");
    private string Away => Path.Combine(_work, "away");
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task A_store_whose_disk_is_gone_says_so_instead_of_calling_blobs_missing_or_taking_new_ones()
    {
        await _store.MarkAsync(Token);
        await _store.PutAsync(Known, Bytes, Token);
        Directory.Move(Mount, Away);
        Directory.CreateDirectory(Mount);

        foreach (var call in new Func<Task>[]
        {
            async () => await _store.GetLengthAsync(Known, Token),
            async () => await _store.ReadAsync(Known, 0, new byte[3], Token),
            async () => await _store.PutAsync(New, Bytes, Token),
            async () => await _store.ReplaceAsync(Known, Bytes, Token),
            async () => await _store.ListAsync("t/", startAfter: null, Token).ToListAsync(Token),
        })
        {
            var refused = await Assert.ThrowsAsync<VaultException>(call);
            Assert.Equal((ErrorCode.StoreUnmarked, true), (refused.Code, refused.IsRetryable));
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(Mount));

        Directory.Delete(Mount);
        Directory.Move(Away, Mount);
        Assert.Equal(3, await _store.GetLengthAsync(Known, Token));
        Assert.Null(await _store.GetLengthAsync(New, Token));
        Assert.True(await _store.PutAsync(New, Bytes, Token));
    }

    [Fact]
    public async Task A_disk_that_reads_nothing_at_all_is_an_outage_and_no_damage()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a file that answers as a bad sector does.");
        await _store.MarkAsync(Token);
        Directory.CreateDirectory(Path.Combine(Mount, "t"));
        File.CreateSymbolicLink(Path.Combine(Mount, Known.Value), "/proc/self/mem");
        Assert.Equal((ErrorCode.BlobUnreadable, false), await FailureAsync());

        File.Delete(Path.Combine(Mount, "beffroi-store"));
        File.CreateSymbolicLink(Path.Combine(Mount, "beffroi-store"), "/proc/self/mem");
        Assert.Equal((ErrorCode.StoreUnavailable, true), await FailureAsync());

        async Task<(ErrorCode, bool)> FailureAsync()
        {
            var failure = await Assert.ThrowsAsync<VaultException>(
                async () => await _store.ReadAsync(Known, 0, new byte[3], Token));
            return (failure.Code, failure.IsRetryable);
        }
    }

    [Fact]
    public async Task A_blob_that_was_put_while_the_disk_went_away_is_not_reported_as_stored()
    {
        await _store.MarkAsync(Token);
        var hooked = new Testing.HookedBlobStore(_store.Inner)
        {
            AfterPut = _ =>
            {
                Directory.Move(Mount, Away);
                Directory.CreateDirectory(Mount);
            },
        };
        var store = new MarkedBlobStore(hooked, TimeSpan.Zero, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<VaultException>(async () => await store.PutAsync(New, Bytes, Token));

        Assert.Equal(ErrorCode.StoreUnmarked, refused.Code);
    }

    [Fact]
    public async Task The_mark_is_there_once_it_was_put_and_shows_in_no_listing()
    {
        Assert.False(await _store.IsMarkedAsync(Token));

        await _store.MarkAsync(Token);
        await _store.MarkAsync(Token);

        Assert.True(await _store.IsMarkedAsync(Token));
        Assert.Empty(await _store.ListAsync("", startAfter: null, Token).ToListAsync(Token));
    }
}

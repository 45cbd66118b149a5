using Beffroi.Vault.Stores;
using Beffroi.Vault.Stores.Disk;
using Xunit.Sdk;

namespace Beffroi.Vault.Tests.Stores;

/// <summary>What holds for a folder only; what holds for every store is in the conformance suite.</summary>
public sealed class DiskBlobStoreTests : IDisposable
{
    private readonly DiskFolder _folder = new();
    private readonly DiskBlobStore _store;

    public DiskBlobStoreTests() => _store = new DiskBlobStore(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_blob_is_a_file_of_that_name_and_no_temporary_file_stays()
    {
        await PutAsync("t/1/x");
        await _store.ReplaceAsync(new BlobName("t/1/x"), new byte[7], Token);
        Assert.False(await PutAsync("t/1/x", bytes: 7));
        Assert.Equal(["t/1/x"], _folder.Files());
    }

    [Fact]
    public async Task Files_and_folders_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows()) throw SkipException.ForSkip("Windows has access lists instead of modes.");
        var root = _folder.PathOf("root/below");
        await new DiskBlobStore(root).PutAsync(new BlobName("a/b"), new byte[1], Token);

        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(Path.Combine(root, "a/b")));
        foreach (var folder in (string[])[_folder.PathOf("root"), root, Path.Combine(root, "a")])
            Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(folder));
    }

    [Fact]
    public async Task Publishing_by_a_second_name_refuses_a_taken_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows renames without replacing.");
        await PutAsync("taken");
        File.WriteAllBytes(_folder.PathOf(".tmp-1"), [1, 2]);

        Assert.False(UnixCalls.TryLink(_folder.PathOf(".tmp-1"), _folder.PathOf("taken")));
        Assert.True(UnixCalls.TryLink(_folder.PathOf(".tmp-1"), _folder.PathOf("free")));
        Assert.Equal([".tmp-1", "free", "taken"], _folder.Files());
        Assert.Equal([1, 2], await DiskFolder.ReadAsync(_store, "free"));
        Assert.Equal(["free", "taken"], await DiskFolder.NamesAsync(_store));
    }

    [Fact]
    public async Task Publishing_by_renaming_refuses_a_taken_name()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has renameat2.");
        await PutAsync("taken");
        File.WriteAllBytes(_folder.PathOf(".tmp-1"), [1, 2]);

        Assert.False(UnixCalls.TryRenameOrLink(_folder.PathOf(".tmp-1"), _folder.PathOf("taken")));
        Assert.True(UnixCalls.TryRenameOrLink(_folder.PathOf(".tmp-1"), _folder.PathOf("free")));
        Assert.Equal(10, (await DiskFolder.ReadAsync(_store, "taken")).Length);
    }

    [Fact]
    public async Task A_bad_sector_is_no_outage()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a file that answers as a bad sector does.");
        File.CreateSymbolicLink(_folder.PathOf("bad"), "/proc/self/mem"); // Nothing is mapped at its beginning.

        var failure = await Assert.ThrowsAsync<VaultException>(() => DiskFolder.ReadAsync(_store, "bad"));

        Assert.Equal((ErrorCode.BlobUnreadable, false), (failure.Code, failure.IsRetryable));
    }

    [Fact]
    public async Task What_a_crash_left_is_invisible_and_goes_after_a_day()
    {
        await PutAsync("a/b");
        foreach (var leftover in (string[])[".tmp-old", "a/.tmp-old", "a/.tmp-young", "a/.other"])
            File.WriteAllBytes(_folder.PathOf(leftover), new byte[5]);
        var written = File.GetLastWriteTimeUtc(_folder.PathOf("a/.tmp-young"));
        foreach (var leftover in (string[])[".tmp-old", "a/.tmp-old", "a/.other", "a/b"])
            File.SetLastWriteTimeUtc(_folder.PathOf(leftover), written.AddHours(-25));

        Assert.Equal(["a/b"], await DiskFolder.NamesAsync(_store));
        Assert.Equal(2, await _store.RemoveLeftoversAsync(new StoppedClock(written), Token));
        Assert.Equal(["a/.other", "a/.tmp-young", "a/b"], _folder.Files());
        Assert.Equal(0, await _store.RemoveLeftoversAsync(new StoppedClock(written), Token));
    }

    [Fact]
    public async Task What_is_no_blob_is_not_listed()
    {
        await PutAsync("a/b");
        foreach (var foreign in (string[])["README", "a/B", "a/.hidden", "lost+found/x", ".snapshot/x", "a/space here"])
        {
            Directory.CreateDirectory(_folder.PathOf(Path.GetDirectoryName(foreign) ?? ""));
            File.WriteAllBytes(_folder.PathOf(foreign), [1]);
        }
        Assert.Equal(["a/b"], await DiskFolder.NamesAsync(_store));
    }

    [Fact]
    public async Task A_folder_in_the_place_of_a_blob_is_a_conflict_and_so_is_the_reverse()
    {
        await PutAsync("a/b");
        await AssertFailsAsync(ErrorCode.BlobConflict, retryable: false, () => PutAsync("a"));
        await AssertFailsAsync(ErrorCode.BlobConflict, retryable: false, () => PutAsync("a/b/c"));
        await AssertFailsAsync(ErrorCode.BlobConflict, retryable: false, () => PutAsync("a/b/c/d"));
        await AssertFailsAsync(ErrorCode.BlobConflict, retryable: false,
            () => _store.ReplaceAsync(new BlobName("a"), new byte[1], Token).AsTask());
        Assert.Null(await _store.GetLengthAsync(new BlobName("a/b/c"), Token));
        Assert.Equal(["a/b"], _folder.Files());
    }

    [Fact]
    public async Task A_blob_that_lost_its_content_can_be_replaced()
    {
        await PutAsync("a/b");
        File.WriteAllBytes(_folder.PathOf("a/b"), []);

        Assert.Equal(0, await _store.GetLengthAsync(new BlobName("a/b"), Token));
        await AssertFailsAsync(ErrorCode.BlobConflict, retryable: false, () => PutAsync("a/b"));
        await _store.ReplaceAsync(new BlobName("a/b"), new byte[10], Token);
        Assert.False(await PutAsync("a/b"));
    }

    [Fact]
    public async Task A_root_that_vanished_is_an_unavailable_store_and_is_not_made_again()
    {
        var root = _folder.PathOf("mount");
        var store = new DiskBlobStore(root);
        await store.PutAsync(new BlobName("a/b"), new byte[1], Token);
        Directory.Delete(root, recursive: true);

        foreach (var call in (Func<Task>[])[
            () => store.PutAsync(new BlobName("a/b"), new byte[1], Token).AsTask(),
            () => store.PutAsync(new BlobName("c"), new byte[1], Token).AsTask(),
            () => store.ReplaceAsync(new BlobName("a/b"), new byte[1], Token).AsTask(),
            () => store.GetLengthAsync(new BlobName("a/b"), Token).AsTask(),
            () => store.ReadAsync(new BlobName("a/b"), 0, new byte[1], Token).AsTask(),
            () => DiskFolder.NamesAsync(store),
            () => store.RemoveLeftoversAsync(TimeProvider.System, Token).AsTask()])
            await AssertFailsAsync(ErrorCode.StoreUnavailable, retryable: true, call);
        Assert.False(Directory.Exists(root));
    }

    [Fact]
    public async Task A_folder_removed_by_hand_is_made_again()
    {
        await PutAsync("a/b/c");
        Directory.Delete(_folder.PathOf("a"), recursive: true);
        Assert.True(await PutAsync("a/b/c"));
    }

    [Fact]
    public void A_root_that_cannot_be_made_is_reported()
    {
        File.WriteAllBytes(_folder.PathOf("file"), [1]);
        var exception = Assert.Throws<VaultException>(() => new DiskBlobStore(_folder.PathOf("file/store")));
        Assert.Equal(ErrorCode.BlobConflict, exception.Code);
        Assert.Throws<ArgumentException>(() => new DiskBlobStore("/"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<bool> PutAsync(string name, int bytes = 10) =>
        _store.PutAsync(new BlobName(name), new byte[bytes], Token).AsTask();

    private static async Task AssertFailsAsync(ErrorCode code, bool retryable, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<VaultException>(call);
        Assert.Equal(code, exception.Code);
        Assert.Equal(retryable, exception.IsRetryable);
    }

    private sealed class StoppedClock(DateTime utc) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => utc;
    }
}

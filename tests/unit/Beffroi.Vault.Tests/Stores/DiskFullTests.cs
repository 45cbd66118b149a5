using System.Diagnostics;
using Beffroi.Vault.Stores;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Vault.Tests.Stores;

/// <summary>A real file system of 8 MiB that runs full, and one that turns read-only.</summary>
public sealed class DiskFullTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private readonly DiskFolder _folder = new();
    private bool _mounted;

    public void Dispose()
    {
        if (_mounted) Run("umount", _folder.Path);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_full_disk_refuses_the_blob_whole_and_takes_it_once_there_is_room()
    {
        MountOrSkip();
        var store = new DiskBlobStore(_folder.Path);
        await PutAsync(store, "p/one", 3 * Mebibyte);
        await PutAsync(store, "p/two", 3 * Mebibyte);
        var freeBytes = FreeBytes();

        var exception = await Assert.ThrowsAsync<VaultException>(() => PutAsync(store, "p/three", 3 * Mebibyte));
        Assert.Equal(ErrorCode.StoreFull, exception.Code);
        Assert.False(exception.IsRetryable);
        Assert.Equal(freeBytes, FreeBytes());
        Assert.Equal(["p/one", "p/two"], _folder.Files());
        Assert.Null(await store.GetLengthAsync(new BlobName("p/three"), Token));
        Assert.Equal(1, await store.ReadAsync(new BlobName("p/one"), 3 * Mebibyte - 1, new byte[10], Token));

        File.Delete(_folder.PathOf("p/one"));
        Assert.True(await PutAsync(store, "p/three", 3 * Mebibyte));
        Assert.Equal(["p/three", "p/two"], await DiskFolder.NamesAsync(store));
    }

    [Fact]
    public async Task A_full_disk_keeps_the_old_blob_when_the_new_one_does_not_fit()
    {
        MountOrSkip();
        var store = new DiskBlobStore(_folder.Path);
        await PutAsync(store, "x", 5 * Mebibyte);

        var exception = await Assert.ThrowsAsync<VaultException>(
            () => store.ReplaceAsync(new BlobName("x"), new byte[4 * Mebibyte], Token).AsTask());
        Assert.Equal(ErrorCode.StoreFull, exception.Code);
        Assert.Equal(5 * Mebibyte, await store.GetLengthAsync(new BlobName("x"), Token));
        Assert.Equal(["x"], _folder.Files());
    }

    [Fact]
    public async Task The_reserve_is_measured_on_the_file_system_of_the_store()
    {
        MountOrSkip();
        var store = new DiskBlobStore(_folder.Path, new DiskReserve(4 * Mebibyte));
        await PutAsync(store, "fits", 3 * Mebibyte);
        var exception = await Assert.ThrowsAsync<VaultException>(() => PutAsync(store, "touches", 2 * Mebibyte));
        Assert.Equal(ErrorCode.StoreFull, exception.Code);
        Assert.Contains("reserve", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_out_of_files_is_a_full_store()
    {
        MountOrSkip("size=8m,nr_inodes=12");
        var store = new DiskBlobStore(_folder.Path);
        var exception = await Assert.ThrowsAsync<VaultException>(async () =>
        {
            for (var i = 0; i < 20; i++) await PutAsync(store, $"{i}/x", 10);
        });
        Assert.Equal(ErrorCode.StoreFull, exception.Code);
        Assert.DoesNotContain(_folder.Files(), name => name.Contains(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_that_turned_read_only_is_unavailable_for_puts_and_serves_reads()
    {
        MountOrSkip();
        var store = new DiskBlobStore(_folder.Path);
        await PutAsync(store, "there", 100);
        Assert.Equal(0, Run("mount", "-o", "remount,ro", _folder.Path));

        var exception = await Assert.ThrowsAsync<VaultException>(() => PutAsync(store, "new", 100));
        Assert.Equal(ErrorCode.StoreUnavailable, exception.Code);
        Assert.False(exception.IsRetryable);
        Assert.Contains("read-only", exception.Message, StringComparison.Ordinal);
        Assert.Equal(100, await store.ReadAsync(new BlobName("there"), 0, new byte[200], Token));
        Assert.False(await PutAsync(store, "there", 100));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<bool> PutAsync(DiskBlobStore store, string name, int bytes) =>
        store.PutAsync(new BlobName(name), new byte[bytes], Token).AsTask();

    private long FreeBytes() => new DriveInfo(_folder.Path).AvailableFreeSpace;

    private void MountOrSkip(string options = "size=8m")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux mounts a file system in memory this way.");
        _mounted = Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", _folder.Path) == 0;
        Assert.SkipUnless(_mounted, "Mounting a small tmpfs was refused; it needs root.");
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"'{program}' did not start.");
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}

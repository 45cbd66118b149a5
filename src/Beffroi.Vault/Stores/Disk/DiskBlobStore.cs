using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Vault.Stores.Disk;

/// <summary>Keeps blobs as files of a folder. One process writes to a folder at a time; any number may read.</summary>
/// <remarks>
/// A blob is written to a temporary file beside its place, flushed, given its name without replacing, and the folder is
/// flushed; only then is it stored (invariant I7). A new folder counts once its parent is flushed. A flush that failed
/// is never repeated: the kernel drops the pages that it could not write and reports that once, so a second flush would
/// succeed over lost data. What was to be flushed is deleted, and the caller sends it again.
/// </remarks>
public sealed class DiskBlobStore : IBlobStore
{
    private const string TemporaryPrefix = ".tmp-"; // Starts with a dot, as no blob name does.
    private const int KnownFoldersMax = 65_536;     // About 15 MB of paths; beyond, the set starts afresh.
    private const int PublishingLocks = 64;         // Well above the uploads at work at once: two seldom share one.

    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1); // No upload lasts that long.

    private readonly string _root;
    private readonly DiskReserve _reserve;
    private readonly IDurability _durability;

    // Folders of which this process knows that they outlive a power cut, whoever created them.
    private readonly ConcurrentDictionary<string, bool> _durableFolders = new(StringComparer.Ordinal);

    // Per name: nobody may answer "it is there already" while the one that put it there can still take it back.
    private readonly Lock[] _publishing = [.. Enumerable.Range(0, PublishingLocks).Select(_ => new Lock())];

    /// <summary>Opens the store, and creates its folder if there is none.</summary>
    /// <param name="root">Folder of the store.</param>
    /// <param name="reserve">Free space that new blobs leave alone. <see cref="ReplaceAsync"/> may use it: it
    /// repairs.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnavailable"/>: the folder cannot be
    /// created.</exception>
    public DiskBlobStore(string root, DiskReserve reserve = default) : this(root, reserve, new SystemDurability())
    {
    }

    internal DiskBlobStore(string root, DiskReserve reserve, IDurability durability)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentOutOfRangeException.ThrowIfNegative(reserve.Bytes, nameof(reserve));
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        if (Path.GetDirectoryName(_root) is null)
            throw new ArgumentException("A store needs a folder of its own.", nameof(root));
        _reserve = reserve;
        _durability = durability;
        try
        {
            CreateRoot(_root);
        }
        catch (Exception exception) when (DiskErrors.IsFromDisk(exception))
        {
            throw DiskErrors.Translate("create its folder", _root, exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> PutAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobStoreLimits.ThrowIfRefused(content);
        return await RunAsync($"store '{name}'", () => Put(name, content, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ReplaceAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobStoreLimits.ThrowIfRefused(content);
        await RunAsync($"replace '{name}'", () => Replace(name, content, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken) =>
        await RunAsync($"look up '{name}'", () => FindLength(PathOf(name)), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(
        BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return await RunAsync($"read '{name}'", () => Read(name, offset, destination.Span), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobEntry> ListAsync(
        string prefix, BlobName? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var filter = new DiskListing(_root, prefix, startAfter?.Value);
        var pending = new Stack<DiskListing.Child>([DiskListing.Top]);
        while (pending.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!next.IsFolder)
            {
                yield return new BlobEntry(new BlobName(next.Key), next.Bytes);
                continue;
            }
            var children = await RunAsync($"list '{next.Key}'", () => filter.ReadFolder(next.Key), cancellationToken)
                .ConfigureAwait(false);
            for (var i = children.Count - 1; i >= 0; i--) pending.Push(children[i]);
        }
    }

    /// <summary>Deletes the temporary files that interrupted uploads left more than a day ago.</summary>
    /// <param name="time">Clock to compare the files' age with; that of the machine that holds them.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async ValueTask<int> RemoveLeftoversAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        var before = (time.GetUtcNow() - LeftoverAge).UtcDateTime;
        return await RunAsync("remove leftovers", () => RemoveLeftovers(before, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    private bool Put(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        var folder = EnsureFolder(path);
        lock (LockOf(name))
            if (IsStored(name, path, content.Length)) return false;
        ThrowIfReserveReached(name, content.Length);

        var temporary = TemporaryIn(folder);
        try
        {
            WriteFlushed(temporary, content, cancellationToken);
            lock (LockOf(name))
            {
                if (_durability.TryPublish(temporary, path))
                {
                    // Its name may not outlive a power cut, so nobody may build on it.
                    FlushOrTakeBack(folder, () => File.Delete(path));
                    return true;
                }
                return IsStored(name, path, content.Length) ? false : throw DiskErrors.NameClash(_root, name);
            }
        }
        finally
        {
            IfPossible(() => File.Delete(temporary));
        }
    }

    private bool Replace(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        var folder = EnsureFolder(path);
        var temporary = TemporaryIn(folder);
        try
        {
            WriteFlushed(temporary, content, cancellationToken);
            lock (LockOf(name))
            {
                _durability.Replace(temporary, path);
                _durability.FlushFolder(folder); // After a failure either blob may be there; both are whole.
            }
            return true;
        }
        finally
        {
            IfPossible(() => File.Delete(temporary));
        }
    }

    /// <summary>Whether a blob of that name and length is there, durably: the process that put it there may have died
    /// before its last flush, so that flush is made good here.</summary>
    private bool IsStored(BlobName name, string path, int bytes)
    {
        if (FindLength(path) is not { } stored) return false;
        if (stored != bytes) throw BlobStoreErrors.Conflict(name, stored, bytes);
        _durability.FlushFolder(FolderOf(path));
        return true;
    }

    private void WriteFlushed(string temporary, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var file = CreateForOwner(temporary);
        RandomAccess.Write(file.SafeFileHandle, content.Span, fileOffset: 0);
        cancellationToken.ThrowIfCancellationRequested();
        _durability.FlushFile(file.SafeFileHandle);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void FlushOrTakeBack(string folder, Action takeBack)
    {
        try
        {
            _durability.FlushFolder(folder);
        }
        catch (Exception exception) when (DiskErrors.IsFromDisk(exception))
        {
            IfPossible(takeBack);
            throw;
        }
    }

    private int Read(BlobName name, long offset, Span<byte> destination)
    {
        try
        {
            using var file = OpenToRead(PathOf(name));
            var read = 0;
            while (read < destination.Length)
            {
                var more = RandomAccess.Read(file, destination[read..], offset + read);
                if (more == 0) break;
                read += more;
            }
            return read;
        }
        catch (Exception exception) when (IsMissing(PathOf(name), exception))
        {
            throw BlobStoreErrors.Missing(name, exception);
        }
        catch (Exception exception) when (DiskErrors.IsUnreadable(exception))
        {
            throw BlobStoreErrors.Unreadable(name.Value, exception);
        }
    }

    private long? FindLength(string path)
    {
        try
        {
            using var file = OpenToRead(path);
            return RandomAccess.GetLength(file);
        }
        catch (Exception exception) when (IsMissing(path, exception))
        {
            return null;
        }
        catch (Exception exception) when (DiskErrors.IsUnreadable(exception))
        {
            throw BlobStoreErrors.Unreadable(Path.GetRelativePath(_root, path), exception);
        }
    }

    /// <summary>Whether no blob is there. A store whose folder is gone holds no answer, which is not the
    /// same.</summary>
    private bool IsMissing(string path, Exception exception)
    {
        // The platform reports a folder under a file's name as a refused access.
        if (!DiskErrors.IsMissing(exception) && !Directory.Exists(path)) return false;
        return Directory.Exists(_root) ? true : throw DiskErrors.RootMissing(_root, exception);
    }

    private int RemoveLeftovers(DateTime before, CancellationToken cancellationToken)
    {
        var removed = 0;
        var hiddenToo = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        foreach (var path in Directory.EnumerateFiles(_root, TemporaryPrefix + "*", hiddenToo))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (File.GetLastWriteTimeUtc(path) >= before) continue;
            File.Delete(path);
            removed++;
        }
        return removed;
    }

    /// <summary>Makes the folder of a blob durable, from the root down.</summary>
    private string EnsureFolder(string path)
    {
        var folder = FolderOf(path);
        if (folder == _root)
        {
            // Never created again: what is missing may be a mount, and its blobs would go to the disk below.
            if (!Directory.Exists(_root)) throw DiskErrors.RootMissing(_root);
            return folder;
        }
        if (_durableFolders.ContainsKey(folder) && Directory.Exists(folder)) return folder;

        var parent = EnsureFolder(folder);
        _durability.CreateFolder(folder);
        FlushOrTakeBack(parent, () => Directory.Delete(folder)); // Only an empty one: nobody relies on that yet.
        if (_durableFolders.Count >= KnownFoldersMax) _durableFolders.Clear();
        _durableFolders[folder] = true;
        return folder;
    }

    private void CreateRoot(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = FolderOf(folder);
        CreateRoot(parent);
        _durability.CreateFolder(folder);
        _durability.FlushFolder(parent);
    }

    private void ThrowIfReserveReached(BlobName name, long bytes)
    {
        if (_reserve.Bytes == 0 || _reserve.IsOpenTo?.Invoke(name) == true) return;
        var free = _durability.GetFreeBytes(_root);
        if (free - bytes < _reserve.Bytes) throw DiskErrors.ReserveReached(_root, free, bytes, _reserve.Bytes);
    }

    private async Task<T> RunAsync<T>(string doing, Func<T> work, CancellationToken cancellationToken)
    {
        // Opening, flushing and publishing have no asynchronous form, so the whole call leaves the caller's thread.
        try
        {
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (DiskErrors.IsFromDisk(exception))
        {
            throw DiskErrors.Translate(doing, _root, exception);
        }
    }

    private string PathOf(BlobName name) => Path.Combine(_root, name.Value.Replace('/', Path.DirectorySeparatorChar));

    private static string FolderOf(string path) =>
        Path.GetDirectoryName(path) ?? throw new InvalidOperationException($"'{path}' lies in no folder.");

    private Lock LockOf(BlobName name) => _publishing[(uint)name.GetHashCode() % PublishingLocks];

    private static string TemporaryIn(string folder) =>
        Path.Combine(folder, TemporaryPrefix + RandomNumberGenerator.GetHexString(16, lowercase: true));

    // Opened for each read: that costs 12 µs, 2 % of reading a chunk of 1 MiB from memory; keeping handles gains that.
    // Sharing everything also spares the platform's advisory lock, which NFS would send to its server for each read.
    private static SafeFileHandle OpenToRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static FileStream CreateForOwner(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static void IfPossible(Action delete)
    {
        try
        {
            delete();
        }
        catch (Exception exception) when (DiskErrors.IsFromDisk(exception))
        {
            // The failure that led here is the one to report; a temporary file goes with the next leftovers.
        }
    }
}

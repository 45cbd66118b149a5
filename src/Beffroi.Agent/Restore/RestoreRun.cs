using System.Collections.Concurrent;
using Beffroi.Agent.Platform;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Restore;

/// <summary>Brings back a snapshot or a part of it.</summary>
/// <remarks>
/// <code>
/// catalogue (in order) ─▶ directories, links: at once
///                      └▶ pieces of files ─▶ windows of 16 MiB, three under way
///                                            └▶ verify, open, write at their place
/// </code>
/// <para>A file has a temporary name until it is whole, so a restore that was cut leaves whole files only, and the next
/// one takes up where it ended. Files that cannot be restored are reported one by one; the others are.</para>
/// </remarks>
internal sealed class RestoreRun(
    RestoreOptions options, CatalogueReader catalogue, RecordRef root, IRecordSource records, ITargetFileSystem target,
    RestoreProgress progress, Action<RestoreProblem> report) : IDisposable
{
    private const int WindowsMax = 3;

    private readonly BufferPool _pool = new();
    private readonly SemaphoreSlim _room = new(WindowsMax);
    private readonly List<Task> _underWay = [];
    private readonly LinkGroups _links = new();
    private readonly ConcurrentDictionary<RestoredFile, bool> _open = [];
    private FetchWindow _window = new();
    private EntryPath? _blocked;
    private bool _hasUnreadable;

    /// <summary>Restores everything asked for.</summary>
    /// <exception cref="VaultException">Nothing can go on: the server is gone, or the target is too small or not to be
    /// written.</exception>
    internal async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        await CountAsync(cancellationToken);
        if (options.IsDryRun) return;
        try
        {
            await RestoreAllAsync(cancellationToken);
        }
        finally
        {
            // After a failure: files that are not whole vanish again, once nobody writes to them any more.
            await Task.WhenAll(_underWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var file in _open.Keys) file.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private async Task RestoreAllAsync(CancellationToken cancellationToken)
    {
        await foreach (var entry in EntriesAsync(reportsUnreadable: true, cancellationToken))
        {
            await RestoreAsync(entry, cancellationToken);
        }
        for (IReadOnlyList<Entry> waiting = []; ;)
        {
            foreach (var entry in waiting) await RestoreAsync(entry, cancellationToken);
            if (!_window.IsEmpty) await DispatchAsync(cancellationToken);
            await Task.WhenAll(_underWay);
            waiting = _links.TakeWaiting();
            if (waiting.Count == 0) break;
        }
        target.Complete();
        if (options.Syncs) target.Flush();
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        var missing = options.Paths.ToHashSet();
        var links = new HashSet<ulong>();
        await foreach (var entry in EntriesAsync(reportsUnreadable: false, cancellationToken))
        {
            if (missing.Count > 0) missing.RemoveWhere(path => entry.Path.IsAtOrBelow(path));
            if (entry.Kind != EntryKind.File) continue;
            var isFurtherLink = entry.HardLinkGroup != 0 && !links.Add(entry.HardLinkGroup);
            progress.AddExpected(isFurtherLink ? 0 : BytesOf(entry));
        }
        // What cannot be listed may well be there: the rest is restored, and the damage reported.
        if (missing.Count > 0 && !_hasUnreadable)
            throw new VaultException(ErrorCode.PathNotInSnapshot, retryable: false,
                $"The snapshot has nothing at '/{missing.Min()}'. Nothing was written. List what it has with 'beffroi "
                + "ls SNAPSHOT'.");
        if (!options.IgnoresSpace && !options.IsDryRun) await CheckRoomAsync(cancellationToken);
    }

    private async Task CheckRoomAsync(CancellationToken cancellationToken)
    {
        var (needed, free) = (progress.BytesTotal, target.FreeBytes());
        // A restore that goes on needs room for the rest only. Each file is looked at, so only if it matters.
        if (needed > free && !options.Overwrites) needed -= await BytesThereAsync(cancellationToken);
        if (needed > free)
            throw new VaultException(ErrorCode.TargetTooSmall, retryable: false,
                $"The restore needs {needed:N0} bytes and the target has {free:N0} free. Nothing was written. Choose "
                + "another folder, restore a part (add paths), or add --ignore-space if you know better.");
    }

    private async Task<long> BytesThereAsync(CancellationToken cancellationToken)
    {
        var bytes = 0L;
        var links = new HashSet<ulong>();
        await foreach (var entry in EntriesAsync(reportsUnreadable: false, cancellationToken))
        {
            if (entry.Kind == EntryKind.File && target.Stat(entry.Path) is { } existing && IsSame(entry, existing)
                && (entry.HardLinkGroup == 0 || links.Add(entry.HardLinkGroup)))
                bytes += BytesOf(entry);
        }
        return bytes;
    }

    private static long BytesOf(Entry entry) => entry.Content.Pieces.Sum(piece => piece.Bytes);

    private async IAsyncEnumerable<Entry> EntriesAsync(
        bool reportsUnreadable,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<EntryPath> tops = options.Paths.Count == 0 ? [default] : EntryPath.Outermost(options.Paths);
        var above = new HashSet<EntryPath>();
        foreach (var top in tops)
        {
            foreach (var ancestor in NewAncestors(top, above))
            {
                if (await FindDirectoryAsync(ancestor, cancellationToken) is { } entry) yield return entry;
            }
            await foreach (var entry in catalogue.ReadAsync(root, top, Unreadable, cancellationToken))
            {
                if (entry.Kind != EntryKind.File || IsSampled(entry)) yield return entry;
            }
        }

        void Unreadable(EntryPath first, VaultException cause)
        {
            _hasUnreadable = true;
            if (!reportsUnreadable) return;
            progress.AddFailed();
            report(new RestoreProblem(
                first, cause.Code, $"The list of files from '/{first}' on cannot be read. {cause.Message}"));
        }
    }

    /// <summary>The folders that lead to a path, outermost first: they get their owner, mode and time back as
    /// well.</summary>
    private static Stack<EntryPath> NewAncestors(EntryPath top, HashSet<EntryPath> known)
    {
        var found = new Stack<EntryPath>();
        for (var path = top.IsEmpty ? top : top.Parent; !path.IsEmpty && known.Add(path); path = path.Parent)
            found.Push(path);
        return found;
    }

    private async ValueTask<Entry?> FindDirectoryAsync(EntryPath path, CancellationToken cancellationToken)
    {
        try
        {
            return await catalogue.FindAsync(root, path, cancellationToken) is { Kind: EntryKind.Directory } entry
                ? entry : null;
        }
        catch (VaultException exception) when (!exception.IsRetryable)
        {
            return null; // Its segment is damaged. The folder is made with what its user gets by default.
        }
    }

    // The same files at each run would prove little; the root differs with every snapshot that differs.
    private bool IsSampled(Entry entry) => options.SamplePercent >= 100
        || ((ulong)(uint)entry.Path.GetHashCode() ^ root.Id.Value.Prefix) % 100 < (ulong)options.SamplePercent;

    private async ValueTask RestoreAsync(Entry entry, CancellationToken cancellationToken)
    {
        if (_blocked is { } blocked && entry.Path.IsAtOrBelow(blocked))
        {
            progress.AddFailed(); // One message for the folder says it all.
            return;
        }
        try
        {
            if (entry.Kind == EntryKind.Directory) RestoreDirectory(entry);
            else if (entry.Kind == EntryKind.Socket) progress.AddSocket();
            else if (entry.Kind != EntryKind.File) Note(entry, target.CreateSpecial(entry));
            else if (_links.RightNameOf(entry) is { } name) Note(entry, target.CreateHardLink(entry.Path, name));
            else if (_links.DamageOf(entry) is { } damage) Fail(damage);
            else if (!_links.Defers(entry) && PlaceFor(entry) is { } placed)
                await RestoreFileAsync(placed, cancellationToken);
        }
        catch (FileSystemException exception) when (exception.Code != ErrorCode.TargetTooSmall)
        {
            Fail(new RestoreProblem(entry.Path, exception.Code, exception.Message));
        }
    }

    private void Fail(RestoreProblem problem)
    {
        progress.AddFailed();
        report(problem);
    }

    private void RestoreDirectory(Entry entry)
    {
        var outcome = target.CreateDirectory(entry);
        if (outcome == TargetOutcome.Conflict) _blocked = entry.Path;
        Note(entry, outcome);
    }

    private void Note(Entry entry, TargetOutcome outcome)
    {
        if (outcome is TargetOutcome.Conflict or TargetOutcome.NotRestored) progress.AddFailed();
        if (outcome == TargetOutcome.Created && entry.Kind == EntryKind.File) progress.AddFile(); // A further link.
        else if (outcome == TargetOutcome.Created) progress.AddOther();
        if (outcome == TargetOutcome.Same) progress.AddAlreadyThere();
        if (outcome != TargetOutcome.Exists || entry.Kind == EntryKind.Directory) return;
        if (options.Conflict == RestoreConflict.Skip) progress.AddAlreadyThere();
        else Fail(RestoredFile.Existing(entry.Path));
    }

    /// <summary>The file as it is to be restored, under another name perhaps; null when what is there stays.</summary>
    private Entry? PlaceFor(Entry entry)
    {
        if (options.Overwrites || target.Stat(entry.Path) is not { } existing) return entry;
        if (IsSame(entry, existing))
        {
            progress.AddAlreadyThere();
            _links.Found(entry);
            return null;
        }
        if (options.Conflict == RestoreConflict.Skip)
        {
            progress.AddAlreadyThere();
            return null;
        }
        var renamed = entry with { Path = KeepBothName.Of(entry.Path, options.RenamedAs) };
        if (options.Conflict == RestoreConflict.KeepBoth && target.Stat(renamed.Path) is null) return renamed;
        Fail(RestoredFile.Existing(entry.Path));
        return null;
    }

    private void Settle(RestoredFile file)
    {
        _open.TryRemove(file, out _);
        if (file.Failure is { } failure) _links.Failed(file.Entry, failure);
        else if (file.IsPublished) _links.Found(file.Entry);
    }

    private static bool IsSame(Entry entry, in FileStatus existing) => existing.Kind == EntryKind.File
        && existing.Bytes == entry.Bytes && existing.ModifiedNs == entry.ModifiedNs;

    private async ValueTask RestoreFileAsync(Entry entry, CancellationToken cancellationToken)
    {
        var file = new RestoredFile(entry, target, progress, report, Settle);
        _open.TryAdd(file, true);
        try
        {
            await AddPiecesAsync(file, stream: null, entry.Content, cancellationToken);
            if (target.KeepsWindowsMetadata && entry.Windows is { } windows)
            {
                foreach (var stream in windows.Streams)
                    await AddPiecesAsync(file, stream.Name, stream.Content, cancellationToken);
            }
        }
        catch (VaultException exception) when (
            !exception.IsRetryable && exception.Code is >= ErrorCode.RecordMalformed and < ErrorCode.StoreFull)
        {
            file.Expect();
            file.Fail(exception); // Its chunk list is damaged; the other files go on.
        }
        file.AllExpected();
    }

    private async ValueTask AddPiecesAsync(
        RestoredFile file, string? stream, Content content, CancellationToken cancellationToken)
    {
        var offset = 0L;
        await foreach (var piece in catalogue.PiecesAsync(content, cancellationToken))
        {
            file.Expect();
            _window.Add(file, stream, offset, piece, isSlice: content.Kind == ContentKind.Slice);
            offset += piece.Bytes;
            if (_window.IsFull) await DispatchAsync(cancellationToken);
        }
    }

    private async ValueTask DispatchAsync(CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        var window = _window;
        _window = new FetchWindow();
        _underWay.RemoveAll(task => task.IsCompletedSuccessfully);
        if (_underWay.Find(task => task.IsFaulted) is { } failed) await failed;
        _underWay.Add(Task.Run(() => RunAsync(window, cancellationToken), cancellationToken));
    }

    private async Task RunAsync(FetchWindow window, CancellationToken cancellationToken)
    {
        try
        {
            await window.ExecuteAsync(records, _pool, cancellationToken);
        }
        finally
        {
            _room.Release();
        }
    }
}

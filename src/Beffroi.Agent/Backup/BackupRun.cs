using System.Threading.Channels;
using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Platform;
using Beffroi.Agent.State;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Backup;

/// <summary>What a walk over the source gave, ready to be committed.</summary>
/// <param name="Root">Root segment of the catalogue, durable.</param>
/// <param name="Counters">What it counts.</param>
/// <param name="Upload">What was sent.</param>
internal sealed record BackupOutcome(RecordRef Root, CommitCounters Counters, UploadCounters Upload);

/// <summary>Brings one state of the source into the vault: everything of a backup but the commit.</summary>
/// <remarks>
/// <code>
/// walker ──(in catalogue order)──▶ catalogue writer ──▶ uploader
///    └──▶ readers ──▶ sealers ──────────────────────────▶ uploader
/// </code>
/// <para>The walker puts each object into the catalogue's queue before the reader's, and a bundle is handed over before
/// the walker waits; so the object that the catalogue waits for is always in some reader's hands, and nothing can lock
/// up.</para>
/// <para>All queues are bounded, and readers wait while too many buffers are lent: memory does not depend on the
/// source.</para>
/// </remarks>
internal sealed class BackupRun(
    BackupOptions options, BackupIdentity identity, ISourceFileSystem source, ExclusionRules rules, BackupState state,
    IVaultRemote remote, BackupProgress progress, Action<SourceProblem> report, TimeProvider time)
{
    // Two packs on their way and one in the making. With 40 MiB (and 32 instead of 16 idle) a first backup of 1 GiB
    // took the same CPU time and 124 instead of 101 MB of memory of its own.
    private const long LentBytesMax = 28 << 20;
    private const int CatalogueQueueMax = 4096;
    private const int ReadQueueMax = 32;

    // A killed run reads again what it had read in this time, beside what was not sent. A save costs one transaction.
    internal static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(3);

    private readonly EntryFactory _entries = new(source);
    private readonly BufferPool _pool = new(LentBytesMax);
    private readonly Channel<Pending> _order = Channel.CreateBounded<Pending>(CatalogueQueueMax);
    private readonly Channel<IReadOnlyList<FileJob>> _reads = Channel.CreateBounded<IReadOnlyList<FileJob>>(
        ReadQueueMax);
    private readonly List<FileJob> _bundle = [];
    private long _bundleBytes;
    private long _problems;

    /// <summary>Walks, reads, seals and sends until everything is durable.</summary>
    internal async Task<BackupOutcome> ExecuteAsync(CancellationToken cancellationToken)
    {
        await using var uploader = new RecordUploader(identity.Vault, remote, _pool);
        await using var sealing = new SealingPool(uploader, _pool, options.Codec, options.Sealers);
        using var catalogue = new CatalogueSink(uploader, _pool, options.Codec, identity.Machine);
        progress.Upload = () => uploader.Counters;
        var storer = new ContentStorer(sealing, catalogue, _pool, identity.Machine, identity.Group);
        var reader = new FileReader(source, _entries, storer, _pool, progress, Report, time);
        using var links = new LinkedFiles(reader);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var counting = options.CountsIn is { } counted
            ? Task.Run(() => Count(counted, stop.Token), CancellationToken.None) : Task.CompletedTask;
        var walking = Task.Run(() => WalkAsync(links, stop.Token), CancellationToken.None);
        var reading = Enumerable.Range(0, options.Readers)
            .Select(_ => Task.Run(() => ReadAsync(reader, stop.Token), CancellationToken.None));
        var writing = Task.Run(
            () => WriteAsync(new CatalogueWriter(catalogue), uploader, stop.Token), CancellationToken.None);
        var saving = SaveNowAndThenAsync(uploader, stop.Token);
        try
        {
            await AllOrStopAsync([walking, .. reading, writing], stop);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(counting, saving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            SaveDurable(uploader, all: false); // Also of a run that failed or was stopped.
        }

        var (root, counters) = await writing;
        await uploader.CompleteAsync();
        SaveDurable(uploader, all: true);
        state.Flush();
        return new BackupOutcome(root, counters with { NewBytes = uploader.Counters.NewBytes }, uploader.Counters);
    }

    /// <summary>Waits for all; the first failure stops the others and is the one that is thrown.</summary>
    private static async Task AllOrStopAsync(IReadOnlyList<Task> tasks, CancellationTokenSource stop)
    {
        var left = tasks.ToList();
        Task? failed = null;
        while (left.Count > 0)
        {
            var ended = await Task.WhenAny(left);
            left.Remove(ended);
            if (ended.IsCompletedSuccessfully) continue;
            failed ??= ended;
            await stop.CancelAsync();
        }
        if (failed is not null) await failed;
    }

    private void Count(ISourceFileSystem counted, CancellationToken cancellationToken)
    {
        var (files, bytes) = (0L, 0L);
        // Its problems are those that the real walk reports.
        var walker = new TreeWalker(counted, rules, state: null, options.StaysOnFileSystem, report: _ => { });
        foreach (var walked in walker.Walk(options.Roots))
        {
            if (cancellationToken.IsCancellationRequested) return;
            if (walked.Node.Kind != EntryKind.File) continue;
            files++;
            bytes += walked.Node.Status.Bytes;
        }
        progress.SetTotals(files, bytes);
    }

    private async Task WalkAsync(LinkedFiles links, CancellationToken cancellationToken)
    {
        try
        {
            var walker = new TreeWalker(source, rules, state, options.StaysOnFileSystem, Report)
            {
                DirectoryClosed = CloseDirectory,
            };
            foreach (var walked in walker.Walk(options.Roots))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (walked.Node.Kind == EntryKind.Directory) await FlushBundleAsync(cancellationToken);
                await DispatchAsync(walked, links, cancellationToken);
            }
            await FlushBundleAsync(cancellationToken);
        }
        finally
        {
            _order.Writer.TryComplete();
            _reads.Writer.TryComplete();
        }
    }

    private void CloseDirectory(DirectoryRows rows)
    {
        progress.Traces.AddGone(rows.UnseenCount);
        state.CloseDirectory(rows);
    }

    private async ValueTask DispatchAsync(WalkedNode walked, LinkedFiles links, CancellationToken cancellationToken)
    {
        if (walked.Node.Kind != EntryKind.File)
        {
            await EnqueueAsync(
                walked, Task.FromResult(TryCreate(walked, Content.Empty, isUnchanged: false)), cancellationToken);
            return;
        }
        progress.Traces.AddFile(
            walked.Path, walked.Node.Status.Bytes, walked.Known is not null, walked.IsUnchanged);
        if (links.TryLink(walked, cancellationToken) is { } linked)
        {
            await EnqueueAsync(walked, linked, cancellationToken);
            return;
        }
        var outcome = TryReuse(walked) is { } reused ? Task.FromResult<EntryOutcome?>(reused) : null;
        FileJob? job = null;
        if (outcome is null)
        {
            job = new FileJob(
                walked, new TaskCompletionSource<EntryOutcome?>(TaskCreationOptions.RunContinuationsAsynchronously));
            outcome = job.Done.Task;
        }
        await EnqueueAsync(walked, links.Add(walked.Node.Status, outcome), cancellationToken);
        if (job is not null) await ScheduleAsync(job, cancellationToken);
    }

    private async ValueTask EnqueueAsync(
        WalkedNode walked, Task<EntryOutcome?> outcome, CancellationToken cancellationToken)
    {
        if (_order.Writer.TryWrite(new Pending(walked, outcome))) return;
        await FlushBundleAsync(cancellationToken);
        await _order.Writer.WriteAsync(new Pending(walked, outcome), cancellationToken);
    }

    private async ValueTask ScheduleAsync(FileJob job, CancellationToken cancellationToken)
    {
        var bytes = job.Walked.Node.Status.Bytes;
        if (bytes >= FileReader.BundledBytesMax)
        {
            await _reads.Writer.WriteAsync([job], cancellationToken);
            return;
        }
        if (_bundleBytes + bytes > FileReader.BundleBytesMax) await FlushBundleAsync(cancellationToken);
        _bundle.Add(job);
        _bundleBytes += bytes;
        if (BundleRule.Ends(job.Walked.Path)) await FlushBundleAsync(cancellationToken);
    }

    private async ValueTask FlushBundleAsync(CancellationToken cancellationToken)
    {
        if (_bundle.Count == 0) return;
        IReadOnlyList<FileJob> jobs = [.. _bundle];
        _bundle.Clear();
        _bundleBytes = 0;
        await _reads.Writer.WriteAsync(jobs, cancellationToken);
    }

    private async Task ReadAsync(FileReader reader, CancellationToken cancellationToken)
    {
        await foreach (var jobs in _reads.Reader.ReadAllAsync(cancellationToken))
        {
            if (jobs.Count == 1) await reader.ReadAsync(jobs[0], cancellationToken);
            else await reader.ReadBundleAsync(jobs, cancellationToken);
        }
    }

    /// <summary>An outcome without reading, when the state vouches for the file.</summary>
    private EntryOutcome? TryReuse(WalkedNode walked)
    {
        if (options.ReadsAll || !walked.IsUnchanged || options.Reread.IsDue(walked.Path, walked.Node.Status.Bytes))
            return null;
        var content = walked.Known!.Content; // IsUnchanged says that something is known.
        var covered = content.Pieces.Sum(piece => piece.Bytes);
        if (covered == walked.Node.Status.Bytes) return TryCreate(walked, content, isUnchanged: true);
        // A sparse file: where its holes are is not remembered, and asking is cheap.
        try
        {
            using var file = source.OpenFile(walked.Node);
            var extents = file.FindExtents();
            if (extents is null || extents.Sum(extent => extent.Bytes) != covered) return null;
            var outcome = TryCreate(walked, content, isUnchanged: true);
            return outcome is null ? null : outcome with { Entry = outcome.Entry with { Extents = extents } };
        }
        catch (FileSystemException)
        {
            return null; // The reader meets the same, and reports it.
        }
    }

    private EntryOutcome? TryCreate(WalkedNode walked, Content content, bool isUnchanged)
    {
        try
        {
            var entry = _entries.Create(walked, content);
            // Streams have no state of their own: read again.
            if (entry.Windows?.Streams.Count > 0 && isUnchanged) return null;
            if (entry.Kind == EntryKind.File) progress.AddFile(walked.Path, entry.Bytes, isUnchanged);
            return new EntryOutcome(entry, Mark: default, Read: null, IsStale: false);
        }
        catch (FileSystemException exception)
        {
            Report(exception.AsProblem());
            return null;
        }
    }

    private async Task<(RecordRef Root, CommitCounters Counters)> WriteAsync(
        CatalogueWriter writer, RecordUploader uploader, CancellationToken cancellationToken)
    {
        var counters = new CommitCounters(0, 0, 0, 0, 0, 0);
        await foreach (var pending in _order.Reader.ReadAllAsync(cancellationToken))
        {
            var outcome = await pending.Outcome.WaitAsync(cancellationToken);
            if (outcome is null) continue;
            await writer.AddAsync(Fit(outcome.Entry), cancellationToken);
            counters = CountIn(counters, outcome.Entry);
            if (outcome.Read is { } read && NoteRead(pending.Walked, outcome, read) > SaveBatch)
                SaveDurable(uploader, all: false);
        }
        var root = await writer.FinishAsync(cancellationToken);
        return (root, counters with { Unreadable = Interlocked.Read(ref _problems) });
    }

    private Entry Fit(Entry entry)
    {
        var (fitting, leftOut) = EntryBounds.Fit(entry);
        if (leftOut.Count > 0)
            Report(new SourceProblem(entry.Path, SystemError: 0,
                $"'/{entry.Path}' has more extended attributes or streams beside its content than the catalogue can "
                + $"hold of one object. It is stored without {leftOut.Count} of them, the first named '{leftOut[0]}'; "
                + "keep what they hold in files."));
        return fitting;
    }

    private static CommitCounters CountIn(CommitCounters counters, Entry entry) => entry.Kind switch
    {
        EntryKind.File =>
            counters with { Files = counters.Files + 1, LogicalBytes = counters.LogicalBytes + entry.Bytes },
        EntryKind.Directory => counters with { Directories = counters.Directories + 1 },
        _ => counters with { Others = counters.Others + 1 },
    };

    // Rows wait here until the server has what they point at: a row must never promise what a crash could take away.
    private const int SaveBatch = 256;
    private readonly UnsavedRows _unsaved = new();

    /// <summary>Queues the row of a file that was read. Returns how many wait.</summary>
    private int NoteRead(WalkedNode walked, EntryOutcome outcome, FileStatus read)
    {
        progress.AddFile(walked.Path, outcome.Entry.Bytes, isUnchanged: false);
        if (outcome.IsStale || options.IsDryRun) return 0;
        var row = new StateRow
        {
            Name = walked.Path.Name,
            Kind = EntryKind.File,
            Bytes = read.Bytes,
            ModifiedNs = read.ModifiedNs,
            ChangedNs = read.ChangedNs,
            Inode = read.Inode,
            Device = read.Device,
            Content = outcome.Entry.Content,
        };
        _unsaved.Add(new UnsavedRow(walked.Path.Parent, row, outcome.Mark));
        return _unsaved.Count;
    }

    private async Task SaveNowAndThenAsync(RecordUploader uploader, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SavePeriod, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            SaveDurable(uploader, all: false);
            state.Flush();
        }
    }

    private void SaveDurable(RecordUploader uploader, bool all)
    {
        var durable = all ? RecordMark.Last : uploader.DurableUpTo;
        while (_unsaved.TryTake(durable, out var next)) state.Save(next.Directory, next.Row);
    }

    private void Report(SourceProblem problem)
    {
        Interlocked.Increment(ref _problems);
        report(problem);
    }

    private readonly record struct Pending(WalkedNode Walked, Task<EntryOutcome?> Outcome);
}

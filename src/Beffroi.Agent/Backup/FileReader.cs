using Beffroi.Agent.Platform;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Backup;

/// <summary>What became of one object.</summary>
/// <param name="Entry">What goes into the catalogue.</param>
/// <param name="Mark">Reached when all records of its content are durable.</param>
/// <param name="Read">State of the file when it was read; null when it was not read.</param>
/// <param name="IsStale">Whether the content may not be that of the file now: unreadable, changing, or changed just
/// before.</param>
internal sealed record EntryOutcome(Entry Entry, RecordMark Mark, FileStatus? Read, bool IsStale);

/// <summary>A file that waits to be read.</summary>
/// <param name="Walked">Which one.</param>
/// <param name="Done">Ends with its outcome; null when there is nothing to put into the catalogue.</param>
internal sealed record FileJob(WalkedNode Walked, TaskCompletionSource<EntryOutcome?> Done);

/// <summary>Reads files into the vault: opens, reads, looks whether it changed meanwhile. Any number of tasks at
/// once.</summary>
internal sealed class FileReader(
    ISourceFileSystem source, EntryFactory entries, ContentStorer storer, BufferPool pool, BackupProgress progress,
    Action<SourceProblem> report, TimeProvider time)
{
    /// <summary>Files below this share a record with their neighbours.</summary>
    internal const int BundledBytesMax = 16 << 10;

    /// <summary>Most bytes of files in one bundle: docs/format/chunking.md §2.</summary>
    internal const int BundleBytesMax = 256 << 10;

    // A file that changes under three readings in a row is a log or a database at work: more would not help.
    private const int Attempts = 3;

    // Two changes within one tick of the file system's clock look like one. The coarsest clock is that of FAT: 2 s.
    private const long TickNs = 2_000_000_000;

    /// <summary>Reads one file of any length. Returns when it was read; the job ends when its records have their
    /// numbers.</summary>
    internal async Task ReadAsync(FileJob job, CancellationToken cancellationToken)
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (await TryReadAsync(job, attempt == Attempts, cancellationToken)) return;
            }
        }
        catch (FileSystemException exception)
        {
            report(exception.AsProblem());
            job.Done.SetResult(FallBack(job.Walked));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            job.Done.TrySetException(exception); // The run ends with it, where the catalogue waits for this file.
        }
    }

    /// <summary>Reads small files of one directory into one record. Those that grew meanwhile are read alone.</summary>
    internal async Task ReadBundleAsync(IReadOnlyList<FileJob> jobs, CancellationToken cancellationToken)
    {
        await pool.WaitForRoomAsync(cancellationToken);
        var buffer = pool.Rent(BundleBytesMax);
        var members = new List<Member>(jobs.Count);
        var others = new List<FileJob>();
        var used = 0;
        foreach (var job in jobs)
        {
            if (TryReadMember(job, buffer, used) is not { } member)
            {
                others.Add(job);
                continue;
            }
            members.Add(member);
            used += member.Bytes;
        }
        if (used == 0) pool.Return(buffer);
        var record = used == 0 ? null : await storer.StoreBundleAsync(buffer, used, cancellationToken);
        _ = FinishAsync(members, record);
        foreach (var job in others) await ReadAsync(job, cancellationToken);
    }

    private async Task<bool> TryReadAsync(FileJob job, bool isLastAttempt, CancellationToken cancellationToken)
    {
        var path = job.Walked.Path;
        using var file = source.OpenFile(job.Walked.Node);
        var status = file.Status;
        var isJustChanged = IsJustChanged(status);
        file.AdviseSequential();
        // Once a file has changed under the reader, holes found before may hold data now: read it whole.
        IReadOnlyList<DataExtent>? extents = isLastAttempt ? null : file.FindExtents();
        var attributes = file.ReadExtendedAttributes();
        var contentSource = new FileContentSource(file, extents, progress);
        var stored = await storer.StoreAsync(
            contentSource, status.Bytes, ChunkClassRule.Of(path, status.Bytes), cancellationToken);
        var windows = await StoreStreamsAsync(job.Walked.Node, cancellationToken);
        var isChanged = file.Stat() != status.Identity;
        if (isChanged && !isLastAttempt) return false;
        if (isChanged) report(Changing(path));
        _ = FinishAsync(
            job, stored,
            entries.Create(path, status, attributes, Content.Empty) with { Extents = extents ?? [], Windows = windows },
            status, extents?.Sum(extent => extent.Bytes) ?? status.Bytes,
            isChanged || isJustChanged);
        return true;
    }

    private async Task<WindowsMetadata?> StoreStreamsAsync(SourceNode node, CancellationToken cancellationToken)
    {
        var windows = source.Examine(node).Windows;
        if (windows is null || windows.Streams.Count == 0) return windows;
        var streams = new List<AlternateStream>();
        foreach (var stream in windows.Streams)
        {
            using var file = source.OpenStream(node, stream.Name);
            var contentSource = new FileContentSource(file, extents: null, progress);
            var stored = await await storer.StoreAsync(
                contentSource, stream.Bytes, ChunkClass.Standard, cancellationToken);
            streams.Add(stream with { Bytes = stored.Bytes, Content = stored.Content });
        }
        return windows with { Streams = streams };
    }

    private static async Task FinishAsync(
        FileJob job, Task<StoredContent> stored, Entry entry, FileStatus status, long expectedBytes, bool isStale)
    {
        try
        {
            var content = await stored;
            job.Done.SetResult(new EntryOutcome(Fit(entry, content, expectedBytes), content.Mark, status, isStale));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            job.Done.SetException(exception);
        }
    }

    /// <summary>Makes the entry's lengths those of what was read: a file that changes has another length than its
    /// status said.</summary>
    private static Entry Fit(Entry entry, StoredContent stored, long expectedBytes) => stored.Bytes == expectedBytes
        ? entry with { Content = stored.Content }
        : entry with { Content = stored.Content, Bytes = stored.Bytes, Extents = [] };

    private Member? TryReadMember(FileJob job, byte[] buffer, int at)
    {
        try
        {
            using var file = source.OpenFile(job.Walked.Node);
            var isJustChanged = IsJustChanged(file.Status);
            var room = Math.Min(BundledBytesMax, BundleBytesMax - at);
            var target = buffer.AsSpan(RecordLimits.FixedHeaderBytes + at, room);
            var bytes = 0;
            for (int read; bytes < room && (read = file.Read(bytes, target[bytes..])) > 0;) bytes += read;
            var status = file.Status;
            if (bytes != status.Bytes || bytes == room || file.Stat() != status.Identity) return null;
            progress.AddRead(bytes);
            var entry = entries.Create(job.Walked.Path, status, file.ReadExtendedAttributes(), Content.Empty) with
            {
                Windows = source.Examine(job.Walked.Node).Windows,
            };
            return entry.Windows?.Streams.Count > 0 ? null : new Member(job, entry, status, at, bytes, isJustChanged);
        }
        catch (FileSystemException)
        {
            return null; // Read alone, it fails again and is reported there.
        }
    }

    private static async Task FinishAsync(List<Member> members, Task<StoredRecord>? record)
    {
        try
        {
            var stored = record is null ? default : await record;
            foreach (var member in members)
            {
                var content = member.Bytes == 0
                    ? Content.Empty
                    : new Content(
                        ContentKind.Slice, ChunkClass.Standard,
                        [new Piece(stored.Ref, (uint)member.Offset, member.Bytes)]);
                var entry = member.Entry with { Content = content };
                member.Job.Done.SetResult(new EntryOutcome(
                    entry, stored.Mark, member.Status, member.IsJustChanged));
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            foreach (var member in members) member.Job.Done.TrySetException(exception);
        }
    }

    /// <summary>What the last snapshot had under that path stays in this one: old is better than gone.</summary>
    private EntryOutcome? FallBack(WalkedNode walked)
    {
        if (walked.Known is not { } known || known.Kind != EntryKind.File) return null;
        var status = walked.Node.Status with
        {
            Kind = EntryKind.File,
            Bytes = known.Bytes,
            ModifiedNs = known.ModifiedNs,
        };
        var covered = known.Content.Pieces.Sum(piece => piece.Bytes);
        if (covered != known.Bytes) return null; // It was sparse, and its holes are not remembered.
        return new EntryOutcome(
            entries.Create(walked.Path, status, [], known.Content), Mark: default, Read: null, IsStale: true);
    }

    /// <summary>Whether the next change could leave the file's times as they are. Asked before it is read.</summary>
    private bool IsJustChanged(in FileStatus status)
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return IsNear(status.ChangedNs) || IsNear(status.ModifiedNs);

        bool IsNear(long changed) => changed > now - TickNs && changed < now + TickNs;
    }

    private static SourceProblem Changing(EntryPath path) => new(path, SystemError: 0,
        $"'/{path}' changed each of the {Attempts} times it was read. What was read last is in the snapshot and may "
        + "mix two states. If a program keeps it open (a database, a mail program), back up its own export or close it "
        + "first.", ErrorCode.FileChanging);

    private sealed record Member(
        FileJob Job, Entry Entry, FileStatus Status, int Offset, int Bytes, bool IsJustChanged);
}

using Beffroi.Agent.Platform;

namespace Beffroi.Agent.Backup;

/// <summary>The files of several names that a run has met: each is read once, by the first name by which that
/// works.</summary>
/// <remarks>Filled by the walker alone.</remarks>
internal sealed class LinkedFiles(FileReader reader) : IDisposable
{
    private readonly Dictionary<LinkedFile, Task<EntryOutcome?>> _outcomes = [];
    private readonly Dictionary<(ulong Device, ulong Inode), LinkedFile> _firstOfNumber = [];

    // A folder of thousands of names that cannot be read must not bring thousands of readers.
    private readonly SemaphoreSlim _oneReader = new(1);

    /// <summary>The outcome of another name of a file that was met before, or null for a new one.</summary>
    internal Task<EntryOutcome?>? TryLink(WalkedNode walked, CancellationToken cancellationToken)
    {
        var status = walked.Node.Status;
        return status.LinkCount > 1 && _outcomes.TryGetValue(new LinkedFile(status), out var known)
            ? Add(status, LinkAsync(walked, known, cancellationToken)) : null;
    }

    /// <summary>Notes the outcome that further names are to share. Returns the one to use.</summary>
    internal Task<EntryOutcome?> Add(in FileStatus status, Task<EntryOutcome?> outcome)
    {
        if (status.LinkCount < 2) return outcome;
        var file = new LinkedFile(status);
        var number = (status.Device, status.Inode);
        if (!_firstOfNumber.TryAdd(number, file) && _firstOfNumber[number] != file)
            outcome = RegroupAsync(outcome, file);
        return _outcomes[file] = outcome;
    }

    /// <inheritdoc/>
    public void Dispose() => _oneReader.Dispose();

    /// <summary>The same content under this name; read by it when the other name was gone or closed.</summary>
    private async Task<EntryOutcome?> LinkAsync(
        WalkedNode walked, Task<EntryOutcome?> known, CancellationToken cancellationToken)
    {
        var outcome = await known;
        var isUnread = outcome is null or { IsStale: true, Read: null };
        var shared = outcome is null ? null
            : outcome with { Entry = outcome.Entry with { Path = walked.Path }, Read = null, IsStale = isUnread };
        if (!isUnread) return shared;
        await _oneReader.WaitAsync(cancellationToken);
        var job = new FileJob(walked, new TaskCompletionSource<EntryOutcome?>());
        try
        {
            await reader.ReadAsync(job, cancellationToken);
        }
        finally
        {
            _oneReader.Release();
        }
        return await job.Done.Task ?? shared; // What the other name had before is better than nothing.
    }

    /// <summary>A file that has the number of one that was deleted during the run, or was changed in it, shares its
    /// number and not its content: a restore must not make them one.</summary>
    private static async Task<EntryOutcome?> RegroupAsync(Task<EntryOutcome?> outcome, LinkedFile file) =>
        await outcome is { } known ? known with { Entry = known.Entry with { HardLinkGroup = file.Group } } : null;

    // Not the change time: another name that comes or goes changes it, and the file stays the same.
    private readonly record struct LinkedFile(ulong Device, ulong Inode, long Bytes, long ModifiedNs)
    {
        internal LinkedFile(in FileStatus status)
            : this(status.Device, status.Inode, status.Bytes, status.ModifiedNs)
        {
        }

        internal ulong Group => EntryFactory.HardLinkGroupOf(
            EntryFactory.HardLinkGroupOf(Device, Inode), (ulong)ModifiedNs ^ (ulong)Bytes);
    }
}

using Beffroi.Agent.Platform;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Restore;

/// <summary>A file on its way back: its pieces arrive in any order and from several threads; the last one gives it its
/// name.</summary>
/// <remarks>A target that is full is thrown, from whatever call: each file after it would fail the same way.</remarks>
/// <param name="entry">What it was.</param>
/// <param name="target">Where it goes.</param>
/// <param name="progress">Counts it.</param>
/// <param name="report">Told why it could not be restored.</param>
/// <param name="settled">Called once it is whole, or given up.</param>
internal sealed class RestoredFile(
    Entry entry, ITargetFileSystem target, RestoreProgress progress, Action<RestoreProblem> report,
    Action<RestoredFile> settled)
    : IPieceReceiver, IDisposable
{
    private readonly Lock _gate = new();
    private ITargetFile? _file;
    private RestoreProblem? _failure;
    private int _piecesLeft = 1; // One stands for "not all pieces are known yet".

    internal Entry Entry { get; } = entry;

    /// <summary>Whether it has its name. For <c>settled</c>.</summary>
    internal bool IsPublished { get; private set; }

    /// <summary>Why it could not be restored, or null. For <c>settled</c>.</summary>
    internal RestoreProblem? Failure => _failure;

    /// <summary>Announces one more piece.</summary>
    internal void Expect()
    {
        lock (_gate) _piecesLeft++;
    }

    /// <summary>Says that all pieces were announced.</summary>
    internal void AllExpected() => Settle();

    /// <summary>Writes a piece at its place in the content.</summary>
    public void Write(string? stream, long contentOffset, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_failure is null) TryWrite(stream, contentOffset, bytes);
        }
        Settle();
    }

    /// <summary>Notes that a piece will never come.</summary>
    public void Fail(VaultException cause)
    {
        lock (_gate) _failure ??= new RestoreProblem(Entry.Path, cause.Code, cause.Message);
        Settle();
    }

    /// <summary>Gives up a file that is not whole; nothing of it stays.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
            _failure ??= new RestoreProblem(Entry.Path, ErrorCode.None, "The restore was stopped.");
        }
    }

    private void TryWrite(string? stream, long contentOffset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var file = _file ??= target.CreateFile(Entry.Path);
            if (stream is not null) file.WriteStream(stream, contentOffset, bytes);
            else WriteContent(file, contentOffset, bytes);
            progress.AddBytes(bytes.Length);
        }
        catch (FileSystemException exception) when (exception.Code != ErrorCode.TargetTooSmall)
        {
            _failure = new RestoreProblem(Entry.Path, exception.Code, exception.Message);
        }
    }

    private void WriteContent(ITargetFile file, long contentOffset, ReadOnlySpan<byte> bytes)
    {
        foreach (var (fileOffset, start, length) in DataExtent.Place(Entry.Extents, contentOffset, bytes.Length))
            file.Write(fileOffset, bytes.Slice(start, length));
    }

    private void Settle()
    {
        lock (_gate)
        {
            if (--_piecesLeft > 0) return;
            try
            {
                if (_failure is null) Publish();
            }
            catch (FileSystemException exception) when (exception.Code != ErrorCode.TargetTooSmall)
            {
                _failure = new RestoreProblem(Entry.Path, exception.Code, exception.Message);
            }
            finally
            {
                _file?.Dispose();
                _file = null;
                settled(this);
            }
            if (_failure is not { } failure) return;
            progress.AddFailed();
            report(failure);
        }
    }

    private void Publish()
    {
        _file ??= target.CreateFile(Entry.Path); // An empty file, or one that is all hole.
        _file.SetLength(Entry.Bytes);
        var outcome = _file.Publish(Entry);
        IsPublished = outcome == TargetOutcome.Created;
        if (IsPublished) progress.AddFile();
        else progress.AddFailed();
        if (outcome == TargetOutcome.Exists) report(Existing(Entry.Path));
    }

    /// <summary>The report of a file that stays as it is.</summary>
    internal static RestoreProblem Existing(EntryPath path) => new(path, ErrorCode.None,
        "It exists in the target and differs; it was kept. Restore into an empty folder, or add --overwrite to replace "
        + "it.");
}

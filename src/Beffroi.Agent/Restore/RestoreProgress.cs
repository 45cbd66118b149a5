namespace Beffroi.Agent.Restore;

/// <summary>What a restore has done so far; written by its tasks, read by whoever shows it.</summary>
internal sealed class RestoreProgress
{
    private long _filesTotal, _bytesTotal, _files, _bytes, _others, _alreadyThere, _failed, _sockets;

    /// <summary>Files to restore.</summary>
    internal long FilesTotal => Interlocked.Read(ref _filesTotal);

    /// <summary>Their length.</summary>
    internal long BytesTotal => Interlocked.Read(ref _bytesTotal);

    /// <summary>Files that are there now.</summary>
    internal long Files => Interlocked.Read(ref _files);

    /// <summary>Bytes written.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Directories, links and the like that are there now.</summary>
    internal long Others => Interlocked.Read(ref _others);

    /// <summary>Objects that were there already, files with the same length and time: an earlier restore that was
    /// cut.</summary>
    internal long AlreadyThere => Interlocked.Read(ref _alreadyThere);

    /// <summary>Objects that could not be restored.</summary>
    internal long Failed => Interlocked.Read(ref _failed);

    /// <summary>Sockets: the program that listens makes its own again, so they are no loss.</summary>
    internal long Sockets => Interlocked.Read(ref _sockets);

    internal void AddExpected(long bytes)
    {
        Interlocked.Increment(ref _filesTotal);
        Interlocked.Add(ref _bytesTotal, bytes);
    }

    internal void AddFile() => Interlocked.Increment(ref _files);

    internal void AddBytes(long bytes) => Interlocked.Add(ref _bytes, bytes);

    internal void AddOther() => Interlocked.Increment(ref _others);

    internal void AddAlreadyThere() => Interlocked.Increment(ref _alreadyThere);

    internal void AddSocket() => Interlocked.Increment(ref _sockets);

    internal void AddFailed() => Interlocked.Increment(ref _failed);
}

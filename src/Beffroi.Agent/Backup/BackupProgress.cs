using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Backup;

/// <summary>What a backup has done so far; written by its tasks, read by whoever shows it.</summary>
internal sealed class BackupProgress
{
    private long _files, _bytes, _readBytes, _unchangedFiles, _filesTotal, _bytesTotal;
    private EntryPath[] _current = [default];

    /// <summary>Files whose content is decided.</summary>
    internal long Files => Interlocked.Read(ref _files);

    /// <summary>Their length.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Bytes read from the disk.</summary>
    internal long ReadBytes => Interlocked.Read(ref _readBytes);

    /// <summary>Files that were not read because they are as they were.</summary>
    internal long UnchangedFiles => Interlocked.Read(ref _unchangedFiles);

    /// <summary>How many files there will be; 0 until the count is complete.</summary>
    internal long FilesTotal => Interlocked.Read(ref _filesTotal);

    /// <summary>How many bytes there will be; 0 until the count is complete.</summary>
    internal long BytesTotal => Interlocked.Read(ref _bytesTotal);

    /// <summary>The file worked on last.</summary>
    internal EntryPath Current => Volatile.Read(ref _current)[0];

    /// <summary>Traces of ransomware.</summary>
    internal RunTraces Traces { get; } = new();

    /// <summary>What went into the vault.</summary>
    internal Func<UploadCounters> Upload { get; set; } = () => default;

    internal void AddRead(long bytes) => Interlocked.Add(ref _readBytes, bytes);

    internal void AddFile(EntryPath path, long bytes, bool isUnchanged)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _bytes, bytes);
        if (isUnchanged) Interlocked.Increment(ref _unchangedFiles);
        else Volatile.Write(ref _current, [path]);
    }

    internal void SetTotals(long files, long bytes)
    {
        Interlocked.Exchange(ref _filesTotal, files);
        Interlocked.Exchange(ref _bytesTotal, bytes);
    }
}

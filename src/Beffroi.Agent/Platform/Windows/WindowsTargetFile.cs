using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>A file under a temporary name, with the streams beside it.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsTargetFile(WindowsTarget target, EntryPath path, string temporaryPath,
    SafeFileHandle handle, WindowsTarget.Place place) : ITargetFile
{
    private readonly Dictionary<string, SafeFileHandle> _streams = new(StringComparer.OrdinalIgnoreCase);
    private bool _isPublished;
    private bool _isSparse;
    private long _writtenEnd;

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        MakeSparseBefore(offset);
        WriteTo(handle, offset, bytes);
        _writtenEnd = Math.Max(_writtenEnd, offset + bytes.Length);
    }

    public void SetLength(long bytes)
    {
        MakeSparseBefore(bytes);
        Guard("given its length", () => RandomAccess.SetLength(handle, bytes));
    }

    public void WriteStream(string name, long offset, ReadOnlySpan<byte> bytes)
    {
        if (!_streams.TryGetValue(name, out var stream))
        {
            if (name.AsSpan().ContainsAny(":\\/")) throw WindowsPaths.Unwritable(path, $"given the stream {name}", 123);
            stream = Win32.CreateFileW($"{temporaryPath}:{name}", WindowsConstants.ReadWriteData,
                WindowsConstants.ShareRead | WindowsConstants.ShareWrite | WindowsConstants.ShareDelete, 0,
                WindowsConstants.CreateNew, WindowsConstants.BackupSemantics, 0);
            if (stream.IsInvalid) throw WindowsTarget.Refused(path, $"given the stream {name}");
            _streams.Add(name, stream);
        }
        WriteTo(stream, offset, bytes);
    }

    public TargetOutcome Publish(Entry metadata)
    {
        if (target.Syncs) WriteThrough();
        CloseStreams(); // The name cannot change while they are open.
        target.Metadata.Apply(metadata, handle);
        _isPublished = true; // Whatever the outcome, nothing of that temporary name is left.
        return target.Publish(path, handle);
    }

    public void Dispose()
    {
        if (handle.IsClosed) return;
        CloseStreams();
        if (!_isPublished) WindowsTarget.Discard(handle);
        handle.Dispose();
        place.Dispose();
    }

    private void CloseStreams()
    {
        foreach (var stream in _streams.Values) stream.Dispose();
        _streams.Clear();
    }

    /// <summary>A file with a hole is marked before, or NTFS writes zeros there.</summary>
    private void MakeSparseBefore(long offset)
    {
        if (_isSparse || offset - _writtenEnd < ExtentList.HoleBytesMin) return;
        _isSparse = true;
        int returned;
        _ = Win32.DeviceIoControl(handle, WindowsConstants.SetSparse, null, 0, null, 0, &returned, 0);
    }

    private void WriteTo(SafeFileHandle file, long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WindowsPaths.Unwritable(path, "written", exception.HResult & 0xFFFF);
        }
    }

    /// <summary>Before the name is there: the next restore takes a file of that name, length and time for
    /// whole.</summary>
    private void WriteThrough() => Guard("written to the disk", () =>
    {
        foreach (var stream in _streams.Values) RandomAccess.FlushToDisk(stream);
        RandomAccess.FlushToDisk(handle);
    });

    private void Guard(string action, Action body)
    {
        try
        {
            body();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WindowsPaths.Unwritable(path, action, exception.HResult & 0xFFFF);
        }
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;
using Microsoft.Win32.SafeHandles;
using static Beffroi.Agent.Platform.Windows.WindowsConstants;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>Restores below one directory of a Windows system.</summary>
/// <remarks>A directory that was checked to be no link stays open without sharing the right to delete: while it is open
/// nobody can rename it or put a link in its place, so paths below it are safe.</remarks>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsTarget : ITargetFileSystem
{
    private const int HeldMax = 4096;
    private const int TemporaryNameTriesMax = 1000;
    private const uint OpenObject = BackupSemantics | OpenReparsePoint;
    private const uint NewObjectAccess = WindowsRestoredMetadata.Access | ReadWriteData;

    private readonly TargetOptions _options;
    private readonly TargetProblems _problems;
    private readonly string _top;
    private readonly Lock _lock = new();
    private readonly Dictionary<EntryPath, SafeFileHandle> _held = [];
    private readonly HashSet<EntryPath> _impliedDirectories = [];
    private readonly List<Entry> _unfinished = [];
    private readonly SafeFileHandle _topHandle;
    private int _busy;
    private int _temporaryNumber;

    internal WindowsTarget(string directory, TargetOptions options, Action<TargetProblem> report)
    {
        _options = options;
        _problems = new TargetProblems(report);
        Metadata = new WindowsRestoredMetadata(_problems);
        _top = WindowsPaths.WithoutLimits(Path.GetFullPath(directory));
        WindowsPrivileges.Enable("SeRestorePrivilege");
        WindowsPrivileges.Enable("SeCreateSymbolicLinkPrivilege");
        _topHandle = Win32.CreateFileW(
            _top, ReadAttributes, ShareRead | ShareWrite, 0, OpenExisting, BackupSemantics, 0);
        if (_topHandle.IsInvalid) throw Refused(default, "opened");
        WindowsLeftovers.Remove(_top);
    }

    public bool KeepsWindowsMetadata => true;

    internal bool Syncs => _options.Syncs;

    internal WindowsRestoredMetadata Metadata { get; }

    public FileStatus? Stat(EntryPath path)
    {
        using var handle = Win32.CreateFileW(WindowsPaths.Below(_top, path), ReadAttributes,
            ShareRead | ShareWrite | ShareDelete, 0, OpenExisting, OpenObject, 0);
        return handle.IsInvalid ? null : WindowsStatus.Of(handle);
    }

    public TargetOutcome CreateDirectory(Entry directory)
    {
        using var place = Enter(directory.Path.Parent);
        var isNew = Win32.CreateDirectoryW(WindowsPaths.Below(_top, directory.Path), 0);
        if (!isNew && Marshal.GetLastPInvokeError() != AlreadyExists) throw Refused(directory.Path, "created");
        if (!TryHold(directory.Path))
            return _problems.Conflict(directory.Path, "Something that is no folder has its name.");
        if (!isNew) WindowsLeftovers.Remove(WindowsPaths.Below(_top, directory.Path));
        lock (_lock)
        {
            isNew |= _impliedDirectories.Remove(directory.Path);
            if (isNew || _options.Overwrites) _unfinished.Add(directory);
        }
        return isNew ? TargetOutcome.Created : TargetOutcome.Exists;
    }

    public ITargetFile CreateFile(EntryPath path)
    {
        var place = Enter(path.Parent);
        var handle = CreateTemporary(path, AttributeNormal, out var temporaryPath);
        if (!handle.IsInvalid) return new WindowsTargetFile(this, path, temporaryPath, handle, place);
        place.Dispose();
        throw Refused(path, "created");
    }

    public TargetOutcome CreateSpecial(Entry entry)
    {
        if (entry.Kind is not (EntryKind.SymbolicLink or EntryKind.ReparsePoint))
            return _problems.NotRestored(
                entry.Path, "Windows has no pipes, sockets and devices in folders: use Linux.");
        using var place = Enter(entry.Path.Parent);
        var isDirectory = ((entry.Windows?.Attributes ?? 0) & AttributeDirectory) != 0;
        using var handle = CreateTemporary(entry.Path, isDirectory ? AttributeDirectory : AttributeNormal, out _);
        if (handle.IsInvalid) throw Refused(entry.Path, "created");
        var data = entry.Kind == EntryKind.SymbolicLink
            ? ReparseData.OfLink(entry.LinkTarget.Span) : entry.LinkTarget.ToArray();
        int returned;
        fixed (byte* start = data)
            if (!Win32.DeviceIoControl(handle, SetReparsePoint, start, data.Length, null, 0, &returned, 0))
            {
                var why = $"Windows refused it: {WindowsPaths.Describe(Marshal.GetLastPInvokeError())}";
                Discard(handle);
                return _problems.NotRestored(entry.Path, $"{why} Run the restore as administrator.");
            }
        Metadata.Apply(entry, handle);
        var outcome = Publish(entry.Path, handle);
        return outcome == TargetOutcome.Exists && HasReparseData(entry.Path, data) ? TargetOutcome.Same : outcome;
    }

    public TargetOutcome CreateHardLink(EntryPath path, EntryPath existing)
    {
        using var place = Enter(path.Parent);
        using var source = Enter(existing.Parent);
        if (Stat(path) is { } there)
        {
            if (Stat(existing) is { } file && (file.Device, file.Inode) == (there.Device, there.Inode))
                return _options.Overwrites ? TargetOutcome.Created : TargetOutcome.Same;
            if (there.Kind == EntryKind.Directory || !_options.Overwrites) return InTheWay(path, there);
        }
        // Windows makes no link over what exists: it gets a name of its own first, which then replaces the other.
        var temporaryPath = "";
        for (var tries = 0; tries < TemporaryNameTriesMax; tries++)
        {
            temporaryPath = NextTemporaryPath(path.Parent);
            if (Win32.CreateHardLinkW(temporaryPath, WindowsPaths.Below(_top, existing), 0)) break;
            var error = Marshal.GetLastPInvokeError();
            if (error != AlreadyExists || tries == TemporaryNameTriesMax - 1)
                return _problems.NotRestored(
                    path, $"'{existing}' could get no second name: {WindowsPaths.Describe(error)}");
        }
        using var handle = Win32.CreateFileW(
            temporaryPath, Delete | ReadAttributes, ShareRead, 0, OpenExisting, OpenObject, 0);
        if (handle.IsInvalid) throw Refused(path, "created");
        return Publish(path, handle);
    }

    public long FreeBytes()
    {
        long available, total, free;
        return Win32.GetDiskFreeSpaceExW(_top, &available, &total, &free)
            ? available : throw Refused(default, "measured");
    }

    public void Complete()
    {
        _unfinished.Sort(static (left, right) => right.Path.CompareTo(left.Path));
        foreach (var directory in _unfinished) FinishDirectory(directory);
        _unfinished.Clear();
        _problems.ReportSummaries();
    }

    public void Flush()
    {
        // Only an administrator may flush a volume. The files are written through already; NTFS writes their names,
        // which it journals in order, within seconds.
    }

    public void Dispose()
    {
        foreach (var handle in _held.Values) handle.Dispose();
        _topHandle.Dispose();
    }

    /// <summary>Gives an object with a temporary name its own, or removes it.</summary>
    internal TargetOutcome Publish(EntryPath path, SafeFileHandle handle)
    {
        if (Rename(handle, WindowsPaths.Below(_top, path), _options.Overwrites)) return TargetOutcome.Created;
        var error = Marshal.GetLastPInvokeError();
        Discard(handle);
        if (Stat(path) is not { } existing) throw WindowsPaths.Unwritable(path, "given its name", error);
        return existing.Kind != EntryKind.Directory && _options.Overwrites
            ? throw WindowsPaths.Unwritable(path, "replaced", error) : InTheWay(path, existing);
    }

    private TargetOutcome InTheWay(EntryPath path, in FileStatus existing) => existing.Kind == EntryKind.Directory
        ? _problems.Conflict(path, "A folder has its name, and folders are never deleted.") : TargetOutcome.Exists;

    internal static void Discard(SafeFileHandle handle)
    {
        byte delete = 1;
        _ = Win32.SetFileInformationByHandle(handle, DispositionInfo, &delete, 1);
    }

    internal static FileSystemException Refused(EntryPath path, string action) =>
        WindowsPaths.Unwritable(path, action, Marshal.GetLastPInvokeError());

    /// <summary>Keeps the held directories held until disposed.</summary>
    internal sealed class Place(WindowsTarget target) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref target._busy);
    }

    private Place Enter(EntryPath directory)
    {
        lock (_lock)
        {
            if (_busy == 0 && _held.Count > HeldMax) ReleaseHeld();
            _busy++;
        }
        var place = new Place(this);
        foreach (var range in directory.Bytes.Span.Split((byte)0))
        {
            if (directory.IsEmpty) break;
            var prefix = new EntryPath(directory.Bytes[..range.End]);
            if (TryHold(prefix)) continue;
            if (Win32.CreateDirectoryW(WindowsPaths.Below(_top, prefix), 0))
                lock (_lock) _impliedDirectories.Add(prefix);
            if (TryHold(prefix)) continue;
            place.Dispose();
            throw WindowsPaths.Unwritable(directory, "opened", CannotResolveName);
        }
        return place;
    }

    /// <summary>Opens a directory for good unless that is done; false if there is none, or a link.</summary>
    private bool TryHold(EntryPath path)
    {
        lock (_lock)
        {
            if (_held.ContainsKey(path)) return true;
            var handle = Win32.CreateFileW(WindowsPaths.Below(_top, path), ReadAttributes | ListDirectory,
                ShareRead | ShareWrite, 0, OpenExisting, OpenObject, 0);
            if (!handle.IsInvalid && WindowsStatus.Of(handle)?.Kind == EntryKind.Directory)
            {
                _held.Add(path, handle);
                return true;
            }
            handle.Dispose();
            return false;
        }
    }

    private void ReleaseHeld()
    {
        foreach (var handle in _held.Values) handle.Dispose();
        _held.Clear();
    }

    private SafeFileHandle CreateTemporary(EntryPath path, uint attributes, out string temporaryPath)
    {
        for (var tries = 1; ; tries++)
        {
            temporaryPath = NextTemporaryPath(path.Parent);
            var handle = attributes == AttributeDirectory
                ? CreateDirectoryHandle(temporaryPath)
                : Win32.CreateFileW(
                    temporaryPath, NewObjectAccess, ShareRead, 0, CreateNew, OpenObject | attributes, 0);
            if (!handle.IsInvalid || tries == TemporaryNameTriesMax
                || Marshal.GetLastPInvokeError() is not (FileExists or AlreadyExists)) return handle;
        }
    }

    private string NextTemporaryPath(EntryPath directory)
    {
        var name = TemporaryNames.Of(Environment.ProcessId, Interlocked.Increment(ref _temporaryNumber));
        return $@"{WindowsPaths.Below(_top, directory)}\{name}";
    }

    /// <summary>Whether that name is a link, or another reparse point, of the same data.</summary>
    private bool HasReparseData(EntryPath path, ReadOnlySpan<byte> data)
    {
        using var handle = Win32.CreateFileW(WindowsPaths.Below(_top, path), ReadAttributes,
            ShareRead | ShareWrite | ShareDelete, 0, OpenExisting, OpenObject, 0);
        var buffer = new byte[ReparseData.BytesMax];
        int length;
        fixed (byte* start = buffer)
            return !handle.IsInvalid
                && Win32.DeviceIoControl(handle, GetReparsePoint, null, 0, start, buffer.Length, &length, 0)
                && data.SequenceEqual(buffer.AsSpan(0, length));
    }

    private static SafeFileHandle CreateDirectoryHandle(string path) => !Win32.CreateDirectoryW(path, 0)
        ? new SafeFileHandle(-1, ownsHandle: false)
        : Win32.CreateFileW(path, NewObjectAccess, ShareRead, 0, OpenExisting, OpenObject, 0);

    /// <summary>FILE_RENAME_INFO: replace (4, padded to 8), root (8), length of the name (4), the name.</summary>
    private static bool Rename(SafeFileHandle handle, string path, bool replace)
    {
        const int NameOffset = 20;
        var buffer = new byte[NameOffset + (path.Length * 2) + 2];
        buffer[0] = replace ? (byte)1 : (byte)0;
        BitConverter.TryWriteBytes(buffer.AsSpan(16), path.Length * 2);
        MemoryMarshal.AsBytes(path.AsSpan()).CopyTo(buffer.AsSpan(NameOffset));
        fixed (byte* start = buffer)
            return Win32.SetFileInformationByHandle(handle, RenameInfo, start, buffer.Length);
    }

    private void FinishDirectory(Entry directory)
    {
        using var place = Enter(directory.Path.Parent);
        using var handle = Win32.CreateFileW(WindowsPaths.Below(_top, directory.Path),
            WindowsRestoredMetadata.Access & ~Delete, ShareRead | ShareWrite, 0, OpenExisting, OpenObject, 0);
        if (!handle.IsInvalid && WindowsStatus.Of(handle)?.Kind == EntryKind.Directory)
            Metadata.Apply(directory, handle);
        else _problems.Add(directory.Path, "metadata", "The folder could not be opened again, or was replaced.");
    }

}

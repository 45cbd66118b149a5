using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Microsoft.Win32.SafeHandles;
using static Beffroi.Agent.Platform.Windows.WindowsConstants;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>Reads the trees of a Windows system; the children of the top are its fixed drives.</summary>
/// <remarks>With the backup privilege access lists do not stand in the way. The number of hard links and the exact
/// volume are known of opened files only: <see cref="ISourceFile.Status"/>.</remarks>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsSource : ISourceFileSystem
{
    private const int RecordsBufferBytes = 64 * 1024;
    private const uint ShareAll = ShareRead | ShareWrite | ShareDelete;

    private readonly Action<SourceProblem> _report;
    private readonly IReadOnlyDictionary<string, string> _volumes;

    /// <param name="volumes">Drives ("C:") to be read from a snapshot, whose device path is given.</param>
    /// <param name="report">Told what was left out, on the thread of the call.</param>
    internal WindowsSource(IReadOnlyDictionary<string, string> volumes, Action<SourceProblem> report)
    {
        _volumes = volumes;
        _report = report;
        WindowsPrivileges.Enable("SeBackupPrivilege");
    }

    public SourceNode Stat(EntryPath path)
    {
        if (path.IsEmpty) return new SourceNode(null, default, new FileStatus { Kind = EntryKind.Directory });
        using var handle = Open(path, ReadAttributes, OpenReparsePoint, "found");
        return new SourceNode(new WindowsDirectory(path.Parent), path.Name, StatusOf(handle, path));
    }

    public IReadOnlyList<SourceNode> List(SourceNode directory)
    {
        var path = directory.Path;
        if (path.IsEmpty) return Drives();
        using var handle = Open(path, ListDirectory | ReadAttributes, OpenReparsePoint, "listed");
        HandleInformation information;
        if (!Win32.GetFileInformationByHandle(handle, &information)) throw Refused(path, "listed");
        if ((information.Attributes & AttributeReparsePoint) != 0 && WindowsStatus.IsLink(WindowsStatus.TagOf(handle)))
            throw Replaced(path);
        var self = new WindowsDirectory(path);
        var children = new List<SourceNode>();
        var buffer = new byte[RecordsBufferBytes];
        fixed (byte* start = buffer)
        {
            while (Win32.GetFileInformationByHandleEx(handle, IdBothDirectoryInfo, start, buffer.Length))
                AddChildren(self, information.VolumeSerial, start, children);
            if (Marshal.GetLastPInvokeError() != NoMoreFiles) throw Refused(path, "listed");
        }
        children.Sort(static (left, right) => left.Name.Span.SequenceCompareTo(right.Name.Span));
        return children;
    }

    public ISourceFile OpenFile(SourceNode file)
    {
        var path = file.Path;
        // A file whose tag is not a link (deduplicated, compressed by the system) is read through that tag's filter.
        var flag = file.Status.ReparseTag == 0 ? OpenReparsePoint : 0;
        var handle = Open(path, GenericRead, flag | SequentialScan, "opened");
        var status = StatusOf(handle, path);
        if (status.Kind == EntryKind.File) return new WindowsSourceFile(path, handle, status);
        handle.Dispose();
        throw Replaced(path);
    }

    public ISourceFile OpenStream(SourceNode file, string streamName)
    {
        var path = file.Path;
        var name = $"{WindowsPaths.ToSystem(path, _volumes)}:{streamName}";
        var handle = Win32.CreateFileW(
            name, GenericRead, ShareAll, 0, OpenExisting, BackupSemantics | OpenReparsePoint | SequentialScan, 0);
        if (handle.IsInvalid) throw Refused(path, $"opened (stream {streamName})");
        return new WindowsSourceFile(path, handle, StatusOf(handle, path));
    }

    public ReadOnlyMemory<byte> ReadLink(SourceNode link)
    {
        var path = link.Path;
        using var handle = Open(path, ReadAttributes, OpenReparsePoint, "read as a link");
        var buffer = new byte[ReparseData.BytesMax];
        int length;
        fixed (byte* start = buffer)
            if (!Win32.DeviceIoControl(handle, GetReparsePoint, null, 0, start, buffer.Length, &length, 0))
                throw Refused(path, "read as a link");
        if (link.Kind != EntryKind.SymbolicLink) return buffer.AsMemory(0, length);
        return ReparseData.LinkTarget(buffer.AsSpan(0, length)) ?? throw Replaced(path);
    }

    public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(SourceNode node) => [];

    public NodeDetails Examine(SourceNode node)
    {
        var path = node.Path;
        using var handle = Open(path, ReadAttributes | ReadControl, OpenReparsePoint, "examined");
        HandleInformation information;
        if (!Win32.GetFileInformationByHandle(handle, &information)) throw Refused(path, "examined");
        return new NodeDetails(information.LinkCount, new WindowsMetadata
        {
            Attributes = node.Status.Attributes,
            CreatedNs = node.Status.CreatedNs,
            SecurityDescriptor = ReadSecurity(handle, path),
            Streams = node.Kind == EntryKind.File ? WindowsStreams.List(handle) : [],
        });
    }

    public string? UserName(uint userId) => null;

    public string? GroupName(uint groupId) => null;

    public string? PseudoFileSystem(SourceNode node) => null;

    public void Dispose()
    {
        // Nothing is kept open between calls.
    }

    private static List<SourceNode> Drives() =>
    [
        .. DriveInfo.GetDrives().Where(drive => drive.DriveType == DriveType.Fixed && drive.IsReady)
            .Select(drive => Encoding.UTF8.GetBytes(drive.Name.TrimEnd('\\')))
            .Select(name => new SourceNode(
                new WindowsDirectory(default), name, new FileStatus { Kind = EntryKind.Directory })),
    ];

    private SafeFileHandle Open(EntryPath path, uint access, uint flags, string action)
    {
        var handle = Win32.CreateFileW(WindowsPaths.ToSystem(path, _volumes), access, ShareAll, 0, OpenExisting,
            BackupSemantics | flags, 0);
        return handle.IsInvalid ? throw Refused(path, action) : handle;
    }

    private static FileStatus StatusOf(SafeFileHandle handle, EntryPath path) =>
        WindowsStatus.Of(handle) ?? throw Refused(path, "examined");

    private void AddChildren(WindowsDirectory directory, uint volume, byte* records, List<SourceNode> children)
    {
        for (var position = records; ;)
        {
            var record = (DirectoryRecord*)position;
            var name = new ReadOnlySpan<char>(position + DirectoryRecord.NameOffset, (int)record->NameBytes / 2);
            if (name is not ("." or "..")) AddChild(directory, volume, *record, name, children);
            if (record->NextOffset == 0) return;
            position += record->NextOffset;
        }
    }

    private void AddChild(WindowsDirectory directory, uint volume, in DirectoryRecord record, ReadOnlySpan<char> name,
        List<SourceNode> children)
    {
        var bytes = WindowsNames.ToBytes(name);
        var isTooLong = directory.Path.Bytes.Length + 1 + bytes.Length > EntryPath.BytesMax;
        if (isTooLong || !name.SequenceEqual(WindowsNames.ToWindows(bytes)))
        {
            Leave(directory, name, "Windows itself can open nothing of that name. Rename it with a special tool.");
            return;
        }
        var status = WindowsStatus.Of(record, volume);
        const uint Elsewhere = AttributeOffline | AttributeRecallOnOpen | AttributeRecallOnRead;
        if (status.Kind == EntryKind.File && (status.Attributes & Elsewhere) != 0)
            Leave(directory, name, "Its content is in the cloud only, and a backup does not fetch it. Keep it on this "
                + "computer (\"always keep on this device\") to have it backed up.");
        else children.Add(new SourceNode(directory, bytes, status));
    }

    private void Leave(WindowsDirectory directory, ReadOnlySpan<char> name, string why) => _report(new SourceProblem(
        directory.Path, 0, $"'{name}' in {directory.Path} was left out: {why}", ErrorCode.FileUnreadable));

    private ReadOnlyMemory<byte> ReadSecurity(SafeFileHandle handle, EntryPath path)
    {
        var error = WindowsSecurity.Read(handle, out var descriptor);
        if (error != 0)
            _report(new SourceProblem(path, error, $"The security descriptor of {path} could not be read: "
                + $"{WindowsPaths.Describe(error)} The rest of it is stored without."));
        return descriptor;
    }

    private static FileSystemException Refused(EntryPath path, string action) =>
        WindowsPaths.Unreadable(path, action, Marshal.GetLastPInvokeError());

    private static FileSystemException Replaced(EntryPath path) => new(ErrorCode.FileChanging, path, 0,
        $"{path} is something else than when its directory was listed. A program replaced it during the backup; the "
        + "next run will store what it is then.");

    private sealed class WindowsDirectory(EntryPath path) : SourceDirectory(path);
}

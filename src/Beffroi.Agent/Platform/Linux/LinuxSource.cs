using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Reads the trees of a Linux system. The root is "/".</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxSource : ISourceFileSystem
{
    private readonly Action<SourceProblem> _report;
    private readonly DirectoryHandles _handles;
    private readonly LinuxAccounts _accounts = new();
    private readonly uint _user = Libc.geteuid();
    private volatile bool _mayHideAccess = true;

    /// <param name="report">Told what was left out, on the thread of the call.</param>
    internal LinuxSource(Action<SourceProblem> report)
    {
        _report = report;
        var top = Posix.OpenAt(AtFlags.CurrentDirectory, "/"u8, OpenFlags.PathOnly | OpenFlags.Directory);
        if (top < 0) throw LinuxErrors.Unreadable(default, "opened", -top);
        _handles = new DirectoryHandles(new LinuxDirectory(top));
    }

    public SourceNode Stat(EntryPath path)
    {
        var parent = path.IsEmpty ? null : DirectoryAt(path.Parent);
        var name = path.IsEmpty ? ReadOnlyMemory<byte>.Empty : path.Name;
        var status = default(FileStatus);
        var result = WithParent(parent, name.Span, (directory, own) => Posix.StatAt(directory, own, out status));
        if (result < 0) throw LinuxErrors.Unreadable(path, "found", -result);
        return new SourceNode(parent, name, status);
    }

    public IReadOnlyList<SourceNode> List(SourceNode directory)
    {
        var parent = (LinuxDirectory?)directory.Directory;
        var path = directory.Path;
        var self = parent is null
            ? _handles.Top : new LinuxDirectory(parent, directory.Name, path, followsLinks: false);
        // A descriptor of its own, because the position in a directory belongs to the descriptor.
        var descriptor = WithParent(parent, directory.Name.Span,
            (above, name) => OpenHidden(above, name, OpenFlags.Directory, directory.Status.UserId));
        if (descriptor < 0) throw LinuxErrors.Unreadable(path, "listed", -descriptor);
        var children = new List<SourceNode>();
        var result = DirectoryEntries.ForEach(
            descriptor, (name, text) => AddChild(self, descriptor, name, text, children));
        if (parent is null) Posix.Close(descriptor);
        else _handles.Donate(self, descriptor);
        if (result < 0) throw LinuxErrors.Unreadable(path, "listed", -result);
        children.Sort(static (left, right) => left.Name.Span.SequenceCompareTo(right.Name.Span));
        return children;
    }

    public ISourceFile OpenFile(SourceNode file)
    {
        var parent = (LinuxDirectory?)file.Directory ?? throw new ArgumentException("A directory.", nameof(file));
        var above = _handles.Borrow(parent);
        if (above < 0) throw LinuxErrors.Unreadable(file.Path, "opened", -above);
        var descriptor = OpenHidden(above, file.Name.Span, OpenFlags.NonBlocking, file.Status.UserId);
        // EAGAIN: another program, a file server for instance, holds a lease and is now asked to give it up.
        if (descriptor == -Errno.Again) descriptor = OpenLeased(above, file.Name.Span);
        _handles.Release(parent);
        if (descriptor < 0) throw LinuxErrors.Unreadable(file.Path, "opened", -descriptor);
        var result = Posix.Stat(descriptor, out var status);
        if (result >= 0 && status.Kind == EntryKind.File) return new LinuxSourceFile(file, descriptor, status, _report);
        Posix.Close(descriptor);
        throw result < 0
            ? LinuxErrors.Unreadable(file.Path, "opened", -result) : LinuxErrors.Replaced(file.Path, status.Kind);
    }

    public ISourceFile OpenStream(SourceNode file, string streamName) =>
        throw new NotSupportedException("Linux has no named streams.");

    public ReadOnlyMemory<byte> ReadLink(SourceNode link)
    {
        byte[] target = [];
        var result = WithParent((LinuxDirectory?)link.Directory, link.Name.Span,
            (directory, name) => Posix.ReadLinkAt(directory, name, out target));
        return result >= 0 ? target : throw LinuxErrors.Unreadable(link.Path, "read as a link", -result);
    }

    public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(SourceNode node)
    {
        IReadOnlyList<ExtendedAttribute> found = [];
        var result = WithParent((LinuxDirectory?)node.Directory, node.Name.Span, (directory, name) =>
        {
            found = ReadAttributesAt(directory, name, node);
            return 0;
        });
        if (result < 0) LinuxExtendedAttributes.Report(_report, node, null, -result);
        return found;
    }

    public NodeDetails Examine(SourceNode node) => new(node.Status.LinkCount, Windows: null);

    public string? UserName(uint userId) => _accounts.UserName(userId);

    public string? GroupName(uint groupId) => _accounts.GroupName(groupId);

    public string? PseudoFileSystem(SourceNode node)
    {
        var descriptor = WithParent((LinuxDirectory?)node.Directory, node.Name.Span,
            (directory, name) => Posix.OpenAt(directory, name, OpenFlags.PathOnly | OpenFlags.NoFollow));
        if (descriptor < 0) return null; // Gone or refused: reading it will say so.
        StatFs answer;
        var result = Libc.fstatfs(descriptor, &answer);
        Posix.Close(descriptor);
        const string MountTable = "/proc/self/mountinfo";
        var mounts = File.Exists(MountTable) ? File.ReadLines(MountTable) : [];
        return result < 0 ? null : PseudoFileSystems.NameOf(answer.Type, node.Status.Device, mounts);
    }

    public void Dispose() => _handles.Dispose();

    private delegate int AtCall(int directory, ReadOnlySpan<byte> name);

    /// <summary>Makes a call relative to the directory that holds the object; the top is "." of itself.</summary>
    private int WithParent(LinuxDirectory? parent, ReadOnlySpan<byte> name, AtCall call)
    {
        var directory = parent ?? _handles.Top;
        var descriptor = _handles.Borrow(directory);
        if (descriptor < 0) return descriptor;
        var result = call(descriptor, parent is null ? "."u8 : name);
        _handles.Release(directory);
        return result;
    }

    private LinuxDirectory DirectoryAt(EntryPath path)
    {
        var directory = _handles.Top;
        if (path.IsEmpty) return directory;
        var bytes = path.Bytes;
        foreach (var part in bytes.Span.Split((byte)0))
        {
            var prefix = new EntryPath(bytes[..part.End]);
            directory = new LinuxDirectory(directory, bytes[part], prefix, followsLinks: true);
        }
        return directory;
    }

    /// <summary>Opens for reading without leaving a trace in the access time, where the kernel allows that.</summary>
    private int OpenHidden(int directory, ReadOnlySpan<byte> name, int flags, uint owner)
    {
        // EPERM comes for files of others without CAP_FOWNER: learnt once, so that a second call is not made each time.
        flags |= OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoTerminal;
        if (!_mayHideAccess && owner != _user) return Posix.OpenAt(directory, name, flags);
        var descriptor = Posix.OpenAt(directory, name, flags | OpenFlags.NoAccessTime);
        if (descriptor != -Errno.Perm) return descriptor;
        descriptor = Posix.OpenAt(directory, name, flags);
        if (descriptor >= 0) _mayHideAccess = false;
        return descriptor;
    }

    /// <summary>Waits for a lease to end (45 s at most by default), but only on what surely is a regular
    /// file.</summary>
    private static int OpenLeased(int directory, ReadOnlySpan<byte> name)
    {
        var pinned = Posix.OpenAt(directory, name, OpenFlags.PathOnly | OpenFlags.NoFollow);
        if (pinned < 0) return pinned;
        var result = Posix.Stat(pinned, out var status);
        var path = Encoding.UTF8.GetBytes($"/proc/self/fd/{pinned}");
        if (result >= 0) result = status.Kind == EntryKind.File
            ? Posix.OpenAt(AtFlags.CurrentDirectory, path, OpenFlags.ReadOnly) : -Errno.Stale;
        Posix.Close(pinned);
        return result;
    }

    private void AddChild(
        LinuxDirectory directory, int descriptor, ReadOnlySpan<byte> name, byte* text, List<SourceNode> children)
    {
        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)) return;
        var result = Posix.StatAt(descriptor, text, out var status);
        // A broken file system in user space may invent a name that is none; a deep tree may pass the format's bound.
        if (name.IsEmpty || name.Contains((byte)'/')) result = -Errno.Invalid;
        if (directory.Path.Bytes.Length + 1 + name.Length > EntryPath.BytesMax) result = -Errno.NameTooLong;
        if (result >= 0) children.Add(new SourceNode(directory, name.ToArray(), status));
        else if (result != -Errno.NoEntry) ReportChild(directory, name, -result);
    }

    private void ReportChild(LinuxDirectory directory, ReadOnlySpan<byte> name, int errno) => _report(new SourceProblem(
        directory.Path, errno, $"An object in /{directory.Path} was left out, named "
        + $"'{Encoding.UTF8.GetString(name)}': {Posix.Describe(errno)}. Look at this computer's file system."));

    /// <summary>Reads by a name below /proc/self/fd: before Linux 6.13 no call does that relative to a
    /// descriptor.</summary>
    [SkipLocalsInit]
    private IReadOnlyList<ExtendedAttribute> ReadAttributesAt(int directory, ReadOnlySpan<byte> name, SourceNode node)
    {
        var text = stackalloc byte[512];
        var path = new Span<byte>(text, 512);
        if (!System.Text.Unicode.Utf8.TryWrite(path, $"/proc/self/fd/{directory}/", out var length)) return [];
        if (name.Length >= path.Length - length) return [];
        Posix.Terminate(name, text + length);
        return LinuxExtendedAttributes.Read(-1, text, node, _report);
    }
}

using System.Runtime.Versioning;
using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Restores below one directory of a Linux system.</summary>
/// <remarks>Each name is opened from its parent's descriptor without following links. All but directories is made under
/// a temporary name, given its metadata, and then renamed.</remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxTarget : ITargetFileSystem
{
    private const int KnownDirectoriesMax = 4096; // About 1 MB; forgotten ones are simply opened again.
    private const int TemporaryNameTriesMax = 1000; // Leftovers of a run of the same process number.
    private const uint OwnerOnly = 0x180; // 0600 until the metadata are applied.

    // 01700 until the metadata are applied. The sticky bit, useless on a folder of one user, is the mark by which the
    // next run knows a folder of a run that was killed, and completes it. It needs no file beside the tree, and comes
    // with the folder in one call.
    private const uint UnfinishedDirectory = 0x3C0, UnfinishedMask = 0x3FF;

    private readonly TargetOptions _options;
    private readonly TargetProblems _problems;
    private readonly DirectoryHandles _handles;
    private readonly Lock _lock = new();
    private readonly Dictionary<EntryPath, LinuxDirectory> _known = [];
    private readonly HashSet<EntryPath> _impliedDirectories = [];
    private readonly List<Unfinished> _unfinished = [];
    private int _temporaryNumber;

    /// <param name="directory">Existing directory; links on the way to it are followed, because the person chose
    /// it.</param>
    internal LinuxTarget(string directory, TargetOptions options, Action<TargetProblem> report)
    {
        _options = options;
        _problems = new TargetProblems(report);
        Metadata = new LinuxMetadata(options, _problems);
        var path = Encoding.UTF8.GetBytes(Path.GetFullPath(directory));
        var top = Posix.OpenAt(AtFlags.CurrentDirectory, path, OpenFlags.ReadOnly | OpenFlags.Directory);
        if (top < 0) throw LinuxErrors.Unwritable(EntryPath.FromSlashes(path), "opened", -top);
        _handles = new DirectoryHandles(new LinuxDirectory(top));
        LinuxLeftovers.Remove(top);
    }

    public bool KeepsWindowsMetadata => false;

    internal LinuxMetadata Metadata { get; }

    public FileStatus? Stat(EntryPath path)
    {
        var parent = DirectoryOf(path.Parent);
        var descriptor = _handles.Borrow(parent);
        if (descriptor < 0) return null;
        var result = Posix.StatAt(descriptor, path.Name.Span, out var status);
        _handles.Release(parent);
        return result < 0 ? null : status;
    }

    public TargetOutcome CreateDirectory(Entry directory)
    {
        using var place = PlaceFor(directory.Path);
        var result = Posix.MakeDirectoryAt(place.Descriptor, directory.Path.Name.Span, UnfinishedDirectory);
        if (result < 0 && result != -Errno.Exists) throw LinuxErrors.Unwritable(directory.Path, "created", -result);
        var self = DirectoryOf(directory.Path);
        var descriptor = _handles.Borrow(self);
        if (descriptor < 0) return _problems.Conflict(directory.Path, "Something that is no folder has its name.");
        var isNew = result >= 0;
        if (!isNew) LinuxLeftovers.Remove(descriptor);
        var hasItsTime = false;
        if (!isNew && Posix.Stat(descriptor, out var existing) >= 0)
        {
            isNew = (existing.Mode & UnfinishedMask) == UnfinishedDirectory;
            hasItsTime = existing.ModifiedNs == directory.ModifiedNs;
        }
        _handles.Release(self);
        lock (_lock)
        {
            isNew |= _impliedDirectories.Remove(directory.Path);
            if (isNew || _options.Overwrites || hasItsTime)
                _unfinished.Add(new Unfinished(directory, self.Identity, !isNew && !_options.Overwrites));
            return isNew ? TargetOutcome.Created : TargetOutcome.Exists;
        }
    }

    public ITargetFile CreateFile(EntryPath path)
    {
        var place = PlaceFor(path);
        var descriptor = CreateTemporary(out var name, name => Posix.OpenAt(place.Descriptor, name,
            OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow | OpenFlags.ReadWrite, OwnerOnly));
        if (descriptor >= 0) return new LinuxTargetFile(this, path, place, name, descriptor);
        place.Dispose();
        throw LinuxErrors.Unwritable(path, "created", -descriptor);
    }

    public TargetOutcome CreateSpecial(Entry entry)
    {
        if (entry.Kind == EntryKind.ReparsePoint)
            return _problems.NotRestored(entry.Path, "Reparse points exist on Windows only: restore it there.");
        using var place = PlaceFor(entry.Path);
        var result = CreateTemporary(out var name, name => MakeAt(place.Descriptor, name, entry));
        if (result is -Errno.Perm or -Errno.Access && entry.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice)
            return _problems.NotRestored(entry.Path, "Only root may create devices: run the restore as root.");
        if (result < 0) throw LinuxErrors.Unwritable(entry.Path, "created", -result);
        ApplyToSpecial(entry, place.Descriptor, name);
        var outcome = PublishAt(entry.Path, place.Descriptor, name);
        return outcome == TargetOutcome.Exists && IsSame(entry, place.Descriptor) ? TargetOutcome.Same : outcome;
    }

    public TargetOutcome CreateHardLink(EntryPath path, EntryPath existing)
    {
        using var place = PlaceFor(path);
        var directory = DirectoryOf(existing.Parent);
        var source = _handles.Borrow(directory);
        var result = CreateTemporary(out var name, name => source < 0
            ? source : Posix.HardLinkAt(source, existing.Name.Span, place.Descriptor, name));
        if (source >= 0) _handles.Release(directory);
        if (result < 0)
            return _problems.NotRestored(path, $"'/{existing}' could get no second name: {Posix.Describe(-result)}.");
        var outcome = PublishAt(path, place.Descriptor, name);
        if (outcome == TargetOutcome.Exists && Stat(path) is { } there && Stat(existing) is { } file
            && (there.Device, there.Inode) == (file.Device, file.Inode)) return TargetOutcome.Same;
        // Renaming onto another name of the same file does nothing at all, not even remove the old name.
        if (_options.Overwrites) _ = Posix.UnlinkAt(place.Descriptor, name);
        return outcome;
    }

    public long FreeBytes()
    {
        StatFs answer;
        var result = Posix.Result(Libc.fstatfs(_handles.Top.Descriptor, &answer));
        if (result < 0) throw LinuxErrors.Unwritable(default, "measured", -result);
        return answer.BlocksAvailable * (answer.FragmentBytes > 0 ? answer.FragmentBytes : answer.BlockBytes);
    }

    public void Complete()
    {
        // A path sorts behind that of its directory, so the reverse order is deepest first.
        _unfinished.Sort(static (left, right) => right.Directory.Path.CompareTo(left.Directory.Path));
        foreach (var unfinished in _unfinished) FinishDirectory(unfinished);
        _unfinished.Clear();
        foreach (var path in _impliedDirectories) Unmark(path);
        _impliedDirectories.Clear();
        _problems.ReportSummaries();
    }

    public void Flush()
    {
        var result = Posix.Result(Libc.syncfs(_handles.Top.Descriptor));
        if (result < 0) throw LinuxErrors.Unwritable(default, "made durable", -result);
    }

    public void Dispose() => _handles.Dispose();

    /// <summary>Gives what has a temporary name its own, or removes it.</summary>
    internal TargetOutcome PublishAt(EntryPath path, int directory, ReadOnlySpan<byte> temporaryName)
    {
        var name = path.Name.Span;
        var result = Posix.RenameAt(directory, temporaryName, name, _options.Overwrites);
        if (result is -Errno.Invalid or -Errno.NoSystemCall && !_options.Overwrites)
            result = PublishWithoutRenameAt2(directory, temporaryName, name);
        if (result >= 0) return TargetOutcome.Created;
        _ = Posix.UnlinkAt(directory, temporaryName);
        if (result is not (-Errno.Exists or -Errno.IsDirectory or -Errno.NotEmpty))
            throw LinuxErrors.Unwritable(path, "given its name", -result);
        _ = Posix.StatAt(directory, name, out var existing);
        return existing.Kind == EntryKind.Directory
            ? _problems.Conflict(path, "A folder has its name, and folders are never deleted.") : TargetOutcome.Exists;
    }

    /// <summary>For file systems that cannot rename without replacing: a link cannot replace either.</summary>
    private static int PublishWithoutRenameAt2(int directory, ReadOnlySpan<byte> oldName, ReadOnlySpan<byte> name)
    {
        var result = Posix.HardLinkAt(directory, oldName, directory, name);
        if (result >= 0) return Posix.UnlinkAt(directory, oldName);
        if (result == -Errno.Exists) return result;
        // No hard links either. Between the two calls someone else's new file could be replaced: a narrow chance.
        return Posix.StatAt(directory, name, out _) >= 0
            ? -Errno.Exists : Posix.RenameAt(directory, oldName, name, replace: true);
    }

    /// <summary>The open directory in which something is made, until it is disposed.</summary>
    internal sealed class Place(DirectoryHandles handles, LinuxDirectory directory, int descriptor) : IDisposable
    {
        internal int Descriptor => descriptor;

        public void Dispose() => handles.Release(directory);
    }

    private Place PlaceFor(EntryPath path)
    {
        var parent = DirectoryOf(path.Parent);
        var descriptor = _handles.Borrow(parent);
        if (descriptor == -Errno.NoEntry) descriptor = CreateMissing(parent);
        return descriptor >= 0
            ? new Place(_handles, parent, descriptor) : throw LinuxErrors.Unwritable(path, "created", -descriptor);
    }

    /// <summary>Creates the directories that lead to one, and borrows it.</summary>
    private int CreateMissing(LinuxDirectory directory)
    {
        var chain = new Stack<LinuxDirectory>();
        for (var step = directory; step.Parent is not null; step = step.Parent) chain.Push(step);
        var descriptor = -Errno.NoEntry;
        while (chain.TryPop(out var next))
        {
            var above = _handles.Borrow(next.Parent!);
            if (above < 0) return above;
            var result = Posix.MakeDirectoryAt(above, next.Name.Span, UnfinishedDirectory);
            _handles.Release(next.Parent!);
            if (result < 0 && result != -Errno.Exists) return result;
            if (result >= 0) lock (_lock) _impliedDirectories.Add(next.Path);
            descriptor = _handles.Borrow(next);
            if (descriptor < 0) return descriptor;
            if (next != directory) _handles.Release(next);
        }
        return descriptor;
    }

    private LinuxDirectory DirectoryOf(EntryPath path)
    {
        if (path.IsEmpty) return _handles.Top;
        lock (_lock)
        {
            if (_known.TryGetValue(path, out var known)) return known;
            if (_known.Count >= KnownDirectoriesMax) _known.Clear();
            var directory = _handles.Top;
            var bytes = path.Bytes;
            foreach (var part in bytes.Span.Split((byte)0))
            {
                var prefix = new EntryPath(bytes[..part.End]);
                if (!_known.TryGetValue(prefix, out var next))
                    _known[prefix] = next = new LinuxDirectory(directory, bytes[part], prefix, followsLinks: false);
                directory = next;
            }
            return directory;
        }
    }

    private delegate int Making(ReadOnlySpan<byte> name);

    private int CreateTemporary(out byte[] name, Making make)
    {
        var result = -Errno.Exists;
        name = [];
        for (var tries = 0; result == -Errno.Exists && tries < TemporaryNameTriesMax; tries++)
        {
            name = Encoding.UTF8.GetBytes(
                TemporaryNames.Of(Environment.ProcessId, Interlocked.Increment(ref _temporaryNumber)));
            result = make(name);
        }
        return result;
    }

    private static int MakeAt(int directory, ReadOnlySpan<byte> name, Entry entry)
    {
        uint Major() => (uint)(entry.DeviceNumber >> 32);
        uint Minor() => (uint)entry.DeviceNumber;
        // The layout of dev_t in the C library: 12 low bits of major, 8 of minor, then the higher ones.
        ulong Device() => (Major() & 0xFFFUL) << 8 | Minor() & 0xFFUL
            | (Minor() & 0xFFFFFF00UL) << 12 | (Major() & 0xFFFFF000UL) << 32;
        return entry.Kind switch
        {
            EntryKind.SymbolicLink => Posix.SymbolicLinkAt(LinkTargetOf(entry), directory, name),
            EntryKind.Fifo => Posix.MakeNodeAt(directory, name, ModeBits.Fifo | OwnerOnly, 0),
            EntryKind.CharacterDevice =>
                Posix.MakeNodeAt(directory, name, ModeBits.CharacterDevice | OwnerOnly, Device()),
            EntryKind.BlockDevice => Posix.MakeNodeAt(directory, name, ModeBits.BlockDevice | OwnerOnly, Device()),
            _ => throw new ArgumentOutOfRangeException(nameof(entry), entry.Kind, "It is made another way."),
        };
    }

    /// <summary>Whether that name has the same kind of object, with the same target or number.</summary>
    private static bool IsSame(Entry entry, int directory)
    {
        if (Posix.StatAt(directory, entry.Path.Name.Span, out var existing) < 0 || existing.Kind != entry.Kind)
            return false;
        if (entry.Kind != EntryKind.SymbolicLink) return existing.DeviceNumber == entry.DeviceNumber;
        return Posix.ReadLinkAt(directory, entry.Path.Name.Span, out var target) >= 0
            && LinkTargetOf(entry).SequenceEqual(target);
    }

    /// <summary>A link from Windows parts names with backslashes; with slashes those of its own folder lead
    /// on.</summary>
    private static ReadOnlySpan<byte> LinkTargetOf(Entry entry)
    {
        if (entry.Windows is null) return entry.LinkTarget.Span;
        var target = entry.LinkTarget.ToArray();
        target.AsSpan().Replace((byte)'\\', (byte)'/');
        return target;
    }

    private void ApplyToSpecial(Entry entry, int directory, ReadOnlySpan<byte> name)
    {
        Metadata.ReportForeignParts(entry);
        var pinned = Posix.OpenAt(directory, name, OpenFlags.PathOnly | OpenFlags.NoFollow);
        // Only if it surely is what was just made, and not someone's file put there under its name.
        if (pinned >= 0 && Posix.Stat(pinned, out var status) >= 0
            && status.Kind == entry.Kind && status.LinkCount == 1)
            Metadata.ApplyToPinned(entry, pinned);
        else _problems.Add(entry.Path, "metadata", "It was replaced while it was restored. Restore it again.");
        if (pinned >= 0) Posix.Close(pinned);
    }

    /// <summary>A directory that still gets its metadata, or its time back that new files took away.</summary>
    private readonly record struct Unfinished(
        Entry Directory, (ulong Device, ulong Inode)? Identity, bool OnlyTime);

    private void FinishDirectory(Unfinished unfinished)
    {
        var (entry, identity, onlyTime) = unfinished;
        var directory = DirectoryOf(entry.Path.Parent);
        var above = _handles.Borrow(directory);
        if (above >= 0)
        {
            var descriptor = Posix.OpenAt(
                above, entry.Path.Name.Span, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
            _handles.Release(directory);
            above = descriptor;
        }
        if (above >= 0 && Posix.Stat(above, out var status) >= 0 && (status.Device, status.Inode) == identity)
        {
            if (!onlyTime) Metadata.Apply(entry, above);
            else if (status.ModifiedNs != entry.ModifiedNs) Metadata.ApplyTime(entry, above);
        }
        else if (above >= 0) _problems.Add(entry.Path, "metadata", "The folder was replaced while it was restored.");
        else _problems.Add(entry.Path, "metadata", $"The folder could not be opened: {Posix.Describe(-above)}.");
        if (above >= 0) Posix.Close(above);
        if (!onlyTime) Metadata.ReportForeignParts(entry);
    }

    /// <summary>For a directory that leads to a file, and of which the snapshot says nothing readable.</summary>
    private void Unmark(EntryPath path)
    {
        var directory = DirectoryOf(path);
        var pinned = _handles.Borrow(directory);
        if (pinned < 0) return;
        var descriptor = Posix.OpenAt(pinned, "."u8, OpenFlags.ReadOnly | OpenFlags.Directory);
        _handles.Release(directory);
        if (descriptor < 0) return;
        _ = Libc.fchmod(descriptor, UnfinishedDirectory & ~ModeBits.Sticky);
        Posix.Close(descriptor);
    }

}

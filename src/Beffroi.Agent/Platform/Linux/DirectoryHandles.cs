using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>A directory and how to open it again: from its parent, by its name.</summary>
/// <remarks>No path is ever handed to the kernel, so neither depth nor length is limited.</remarks>
internal sealed class LinuxDirectory : SourceDirectory
{
    /// <summary>The top, which is open from the start and stays so.</summary>
    internal LinuxDirectory(int descriptor) : base(default)
    {
        Descriptor = descriptor;
        Borrowers = 1;
    }

    internal LinuxDirectory(LinuxDirectory parent, ReadOnlyMemory<byte> name, EntryPath path, bool followsLinks)
        : base(path) => (Parent, Name, FollowsLinks) = (parent, name, followsLinks);

    internal LinuxDirectory? Parent { get; }

    internal ReadOnlyMemory<byte> Name { get; }

    /// <summary>Whether its name may be a link: only above the paths that a person gave.</summary>
    internal bool FollowsLinks { get; }

    // All below is guarded by the lock of DirectoryHandles.
    internal int Descriptor { get; set; } = -1;

    internal int Borrowers { get; set; }

    internal long LastUse { get; set; }

    internal (ulong Device, ulong Inode)? Identity { get; set; }
}

/// <summary>Keeps the directories in use open, a bounded number of others too, and reopens the rest on
/// demand.</summary>
/// <remarks>A directory that was opened once must be the same object when it is reopened: the answer is ESTALE when it
/// was swapped meanwhile. Safe for several threads.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class DirectoryHandles(LinuxDirectory top) : IDisposable
{
    private const int OpenMax = 64; // Far below the usual limit of 1,024 descriptors; a walk needs a handful.

    private readonly Lock _lock = new();
    private readonly List<LinuxDirectory> _open = [top];
    private long _clock;

    internal LinuxDirectory Top => top;

    /// <summary>A descriptor good for the *at calls, until <see cref="Release"/>; or minus errno.</summary>
    internal int Borrow(LinuxDirectory directory)
    {
        if (TryBorrowOpen(directory, out var descriptor)) return descriptor;
        var closed = new Stack<LinuxDirectory>();
        var step = directory;
        for (; !TryBorrowOpen(step, out descriptor); step = step.Parent!) closed.Push(step); // The top is always open.
        while (closed.TryPop(out var next))
        {
            descriptor = OpenStep(descriptor, next);
            Release(step);
            if (descriptor < 0) return descriptor;
            step = next;
        }
        return descriptor;
    }

    internal void Release(LinuxDirectory directory)
    {
        lock (_lock) directory.Borrowers--;
    }

    /// <summary>Takes over a descriptor of the directory that someone opened anyway.</summary>
    internal void Donate(LinuxDirectory directory, int descriptor)
    {
        if (Admit(directory, descriptor) >= 0) Release(directory);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var directory in _open) CloseLocked(directory);
            _open.Clear();
        }
    }

    private bool TryBorrowOpen(LinuxDirectory directory, out int descriptor)
    {
        lock (_lock)
        {
            descriptor = directory.Descriptor;
            if (descriptor < 0) return false;
            directory.Borrowers++;
            directory.LastUse = ++_clock;
            return true;
        }
    }

    private int OpenStep(int parent, LinuxDirectory directory)
    {
        // O_PATH needs no right to read the directory, only to pass through it.
        var follow = directory.FollowsLinks ? 0 : OpenFlags.NoFollow;
        var descriptor = Posix.OpenAt(
            parent, directory.Name.Span, OpenFlags.PathOnly | OpenFlags.Directory | follow);
        return descriptor < 0 ? descriptor : Admit(directory, descriptor);
    }

    /// <summary>Checks the identity and borrows; closes the descriptor on failure or if another thread was
    /// quicker.</summary>
    private int Admit(LinuxDirectory directory, int descriptor)
    {
        var result = Posix.Stat(descriptor, out var status);
        lock (_lock)
        {
            var identity = (status.Device, status.Inode);
            if (result >= 0 && directory.Identity is { } known && known != identity) result = -Errno.Stale;
            if (result < 0 || directory.Descriptor >= 0) Posix.Close(descriptor);
            if (result < 0) return result;
            if (directory.Descriptor < 0)
            {
                if (_open.Count >= OpenMax) EvictLocked();
                _open.Add(directory);
                directory.Descriptor = descriptor;
                directory.Identity = identity;
            }
            directory.Borrowers++;
            directory.LastUse = ++_clock;
            return directory.Descriptor;
        }
    }

    private void EvictLocked()
    {
        LinuxDirectory? oldest = null;
        foreach (var candidate in _open)
            if (candidate.Borrowers == 0 && (oldest is null || candidate.LastUse < oldest.LastUse)) oldest = candidate;
        if (oldest is null) return; // All in use: one more descriptor for a while.
        CloseLocked(oldest);
        _open.Remove(oldest);
    }

    private static void CloseLocked(LinuxDirectory directory)
    {
        Posix.Close(directory.Descriptor);
        directory.Descriptor = -1;
    }
}

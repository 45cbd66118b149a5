using System.Runtime.InteropServices;

namespace Beffroi.Vault.Stores.Disk;

/// <summary>What POSIX has and the platform's library does not: flushing a folder, and publishing without
/// replacing.</summary>
internal static partial class UnixCalls
{
    // The folder's own flag, O_DIRECTORY, differs from one processor to the next; a folder opens read-only without it.
    private const int OpenReadOnly = 0;
    private const int AtCurrentFolder = -100; // AT_FDCWD on Linux; the paths are absolute, so it is not looked at.
    private const uint RenameNoReplace = 1;

    /// <summary>fsync of the folder. A failure is reported once by the kernel and never asked for again.</summary>
    internal static void FlushFolder(string path)
    {
        var descriptor = Open(path, OpenReadOnly);
        if (descriptor < 0) throw Failure("open", path);
        try
        {
            if (FileSync(descriptor) != 0) throw Failure("flush", path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Renames without replacing where kernel and file system can (Linux, local disks), and otherwise makes a
    /// second name (NFS, macOS); the first name then stays for the caller to delete.</summary>
    internal static bool TryRenameOrLink(string temporary, string target) =>
        (OperatingSystem.IsLinux() ? TryRename(temporary, target) : null) ?? TryLink(temporary, target);

    private static bool? TryRename(string temporary, string target)
    {
        try
        {
            if (RenameAt2(AtCurrentFolder, temporary, AtCurrentFolder, target, RenameNoReplace) == 0) return true;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // Musl before 1.2.4 and glibc before 2.28 lack it.
        }
        return Marshal.GetLastPInvokeError() switch
        {
            DiskErrors.NameTaken => false,
            DiskErrors.CallUnknown or DiskErrors.ArgumentInvalid => null,
            _ => throw Failure("publish", target),
        };
    }

    /// <summary>link(2): fails when the name is taken, on every POSIX file system that has hard links.</summary>
    internal static bool TryLink(string temporary, string target)
    {
        if (Link(temporary, target) == 0) return true;
        return Marshal.GetLastPInvokeError() == DiskErrors.NameTaken ? false : throw Failure("publish", target);
    }

    private static IOException Failure(string doing, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"Cannot {doing} '{path}': {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string added);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromFolder, string from, int toFolder, string to, uint flags);
}

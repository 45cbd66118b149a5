using Microsoft.Win32.SafeHandles;

namespace Beffroi.Vault.Stores.Disk;

/// <summary>The real file system.</summary>
internal sealed class SystemDurability : IDurability
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly);
    }

    // On macOS this is F_FULLFSYNC: there fsync alone leaves the data in the drive's cache.
    public void FlushFile(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public void FlushFolder(string path)
    {
        // Windows flushes a directory only through a handle that ordinary accounts cannot open; NTFS logs its names.
        if (!OperatingSystem.IsWindows()) UnixCalls.FlushFolder(path);
    }

    public bool TryPublish(string temporary, string target) =>
        OperatingSystem.IsWindows() ? TryMove(temporary, target) : UnixCalls.TryRenameOrLink(temporary, target);

    public void Replace(string temporary, string target) => File.Move(temporary, target, overwrite: true);

    public long GetFreeBytes(string folder) =>
        new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder) ?? folder : folder).AvailableFreeSpace;

    // Only on Windows is File.Move without overwriting one atomic step; elsewhere it looks first and renames then.
    private static bool TryMove(string temporary, string target)
    {
        try
        {
            File.Move(temporary, target, overwrite: false);
            return true;
        }
        catch (IOException exception) when (DiskErrors.IsNameTaken(exception))
        {
            return false;
        }
    }
}

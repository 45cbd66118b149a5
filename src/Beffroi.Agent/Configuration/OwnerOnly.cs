using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Windows;
using Beffroi.Vault;

namespace Beffroi.Agent.Configuration;

/// <summary>Folders and files that nobody but their owner may read: they hold keys. What somebody else could have
/// written there is not used: as root or SYSTEM the agent would do what it says.</summary>
/// <remarks>POSIX: 0700 and 0600. Windows: the folder is closed to all but SYSTEM and the administrators, and files
/// inherit that; in %ProgramData% by itself every user of the computer reads, and makes folders of any free
/// name.</remarks>
internal static class OwnerOnly
{
    private const UnixFileMode FolderRights = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileRights = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a folder, or closes an existing one. For folders of the agent's own, never for a
    /// parent.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.PlaceUntrusted"/>: it is somebody else's.</exception>
    internal static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            if (WindowsSecurity.CreateFolder(path) is { } fault) throw UntrustedFolder(path, fault);
            return;
        }
        Directory.CreateDirectory(path, FolderRights);
        DemandFolder(path);
        if ((File.GetUnixFileMode(path) & ~FolderRights) != 0) File.SetUnixFileMode(path, FolderRights);
    }

    /// <summary>Creates an empty file, or closes an existing one; its content stays.</summary>
    internal static void CreateFile(string path)
    {
        using (Open(path, FileMode.OpenOrCreate)) { }
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~FileRights) != 0)
            File.SetUnixFileMode(path, FileRights);
    }

    /// <summary>Opens a file for writing, emptied if it was there.</summary>
    internal static FileStream Overwrite(string path)
    {
        CreateFile(path); // Closed to others before the first byte, also if a former one was open to them.
        return Open(path, FileMode.Create);
    }

    /// <summary>Reads a file of such a folder.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.PlaceUntrusted"/>: somebody else may have written
    /// it.</exception>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not read it.</exception>
    internal static byte[] Read(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) DemandFolder(folder);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        // Of the open file: another one may get its name meanwhile.
        if (WriteAccess.FaultOfFile(file.SafeFileHandle, path) is { } fault) throw UntrustedFile(path, fault);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileRights;
        return new FileStream(path, options);
    }

    private static void DemandFolder(string path)
    {
        if (WriteAccess.FaultOfFolder(path) is { } fault) throw UntrustedFolder(path, fault);
    }

    private static VaultException UntrustedFolder(string path, string fault) => new(
        ErrorCode.PlaceUntrusted, retryable: false,
        $"The agent's folder {path} {fault}. Somebody else may have put anything into it, so the agent uses nothing of "
        + "it and changed nothing. As an administrator, look at what it holds and move the folder away: the agent "
        + "makes its own at its next start." + (OperatingSystem.IsWindows() ? ""
            : $" If all of it is right: chown root '{path}'; chmod 700 '{path}'."));

    private static VaultException UntrustedFile(string path, string fault) => new(
        ErrorCode.PlaceUntrusted, retryable: false,
        $"The agent's file {path} {fault}. Somebody else may have written it, so the agent does not use it. As an "
        + "administrator, look at it and remove it. If it is right: " + (OperatingSystem.IsWindows()
            ? $"icacls \"{path}\" /setowner *S-1-5-32-544, then icacls \"{path}\" /reset."
            : $"chown root '{path}'; chmod 600 '{path}'."));
}

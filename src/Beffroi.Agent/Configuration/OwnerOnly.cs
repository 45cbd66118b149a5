using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Beffroi.Agent.Configuration;

/// <summary>Folders and files that nobody but their owner may read: they hold keys.</summary>
/// <remarks>POSIX: 0700 and 0600. Windows: the folder is closed to all but SYSTEM, the administrators and its creator,
/// and files inherit that; %ProgramData% by itself lets every user of the computer read.</remarks>
internal static class OwnerOnly
{
    private const UnixFileMode FolderRights = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileRights = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a folder, or closes an existing one. For folders of the agent's own, never for a
    /// parent.</summary>
    internal static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            CreateWindowsFolder(path);
            return;
        }
        Directory.CreateDirectory(path, FolderRights);
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

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileRights;
        return new FileStream(path, options);
    }

    [SupportedOSPlatform("windows")]
    private static void CreateWindowsFolder(string path)
    {
        var folder = Directory.CreateDirectory(path);
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        WellKnownSidType[] allowed =
        [
            WellKnownSidType.LocalSystemSid, WellKnownSidType.BuiltinAdministratorsSid,
            WellKnownSidType.CreatorOwnerSid,
        ];
        foreach (var sid in allowed)
            security.AddAccessRule(new FileSystemAccessRule(
                new SecurityIdentifier(sid, null), FileSystemRights.FullControl,
                InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None,
                AccessControlType.Allow));
        folder.SetAccessControl(security);
    }
}

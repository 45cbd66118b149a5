using System.Runtime.Versioning;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Turns an errno into a failure that says what to do.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxErrors
{
    /// <param name="action">Completes "could not be …": "listed", "opened".</param>
    internal static FileSystemException Unreadable(EntryPath path, string action, int errno) =>
        new(CodeOf(errno), path, errno, $"/{path} could not be {action}: {Posix.Describe(errno)}. {Advice(errno)}");

    internal static FileSystemException Replaced(EntryPath path, EntryKind kind) => new(
        ErrorCode.FileChanging, path, 0, $"/{path} was a file when its directory was listed and is now a {kind}. "
        + "A program replaced it during the backup; the next run will store what it is then.");

    /// <param name="action">Completes "could not be …": "created", "written".</param>
    internal static FileSystemException Unwritable(EntryPath path, string action, int errno) => new(
        errno is Errno.NoSpace or Errno.QuotaExceeded ? ErrorCode.TargetTooSmall : ErrorCode.TargetUnwritable,
        path, errno,
        $"/{path} could not be {action} in the restore target: {Posix.Describe(errno)}. {TargetAdvice(errno)}");

    private static string TargetAdvice(int errno) => errno switch
    {
        Errno.NoSpace or Errno.QuotaExceeded => "Free some room there, or restore to another disk.",
        Errno.Perm or Errno.Access => "Run the agent as root, or restore to a folder of your own.",
        Errno.LinkLoop or Errno.NotDirectory or Errno.Stale =>
            "A link or a file stands where a folder must be; nothing is written through it. Choose an empty folder.",
        Errno.NameTooLong => "Its name is too long for that file system: restore to another one.",
        _ => "Look at the file system of the restore target, or choose another one.",
    };

    private static ErrorCode CodeOf(int errno) => errno switch
    {
        Errno.NoEntry or Errno.NotDirectory => ErrorCode.SourceMissing,
        Errno.LinkLoop or Errno.Stale => ErrorCode.FileChanging,
        _ => ErrorCode.FileUnreadable,
    };

    private static string Advice(int errno) => errno switch
    {
        Errno.Perm or Errno.Access => "Run the agent as root, or exclude this path.",
        Errno.NoEntry or Errno.NotDirectory => "It was deleted or renamed, or the path is misspelt.",
        Errno.LinkLoop or Errno.Stale => "A program replaced it during the backup; the next run will store it.",
        5 => "The disk failed to read it: check this computer's disk and its journal.",
        _ => "Look at this computer's file system, or exclude this path.",
    };
}

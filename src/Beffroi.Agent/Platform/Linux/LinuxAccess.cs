using System.Runtime.Versioning;
using System.Text;
using Beffroi.Vault.Catalogue;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Whose files and folders are, and who may change them; see <see cref="WriteAccess"/>.</summary>
internal static class LinuxAccess
{
    private const uint Root = 0;

    // Of the group and of all others. An access list that lets somebody write shows in the group's bit.
    private const uint OthersWrite = 0x12;

    /// <param name="nameOf">Name of an account.</param>
    internal static string? FaultOf(FileStatus status, uint[] trusted, Func<uint, string?> nameOf) =>
        !trusted.Contains(status.UserId) ? $"belongs to {nameOf(status.UserId) ?? $"account {status.UserId}"}"
        : (status.Mode & OthersWrite) != 0
            ? $"may be changed by other accounts (its mode is {Convert.ToString(status.Mode, 8)})"
        : null;

    /// <remarks>A link is followed, if a trusted account made it: data folders are moved to other disks so.</remarks>
    [SupportedOSPlatform("linux")]
    internal static string? FaultOfFolder(string path)
    {
        var name = Encoding.UTF8.GetBytes(path);
        Check(Posix.StatAt(AtFlags.CurrentDirectory, name, out var self), path);
        if (self.Kind == EntryKind.SymbolicLink && !RootAndSelf.Contains(self.UserId))
            return FaultOf(self, RootAndSelf, new LinuxAccounts().UserName);
        var descriptor = Posix.OpenAt(AtFlags.CurrentDirectory, name, OpenFlags.PathOnly | OpenFlags.Directory);
        Check(descriptor, path);
        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        return FaultOfFile(folder);
    }

    [SupportedOSPlatform("linux")]
    internal static string? FaultOfFile(SafeFileHandle file)
    {
        Check(Posix.Stat((int)file.DangerousGetHandle(), out var status), "An open file");
        return FaultOf(status, RootAndSelf, new LinuxAccounts().UserName);
    }

    [SupportedOSPlatform("linux")]
    internal static string? FaultOfProgram(string path)
    {
        Check(Posix.StatAt(AtFlags.CurrentDirectory, Encoding.UTF8.GetBytes(path), out var status), path);
        return FaultOf(status, [Root], new LinuxAccounts().UserName);
    }

    [SupportedOSPlatform("linux")]
    private static uint[] RootAndSelf => [Root, Libc.geteuid()];

    [SupportedOSPlatform("linux")]
    private static void Check(int result, string path)
    {
        if (result >= 0) return;
        var message = $"{path}: {Posix.Describe(-result)}";
        throw -result switch
        {
            Errno.NoEntry or Errno.NotDirectory => new DirectoryNotFoundException(message),
            Errno.Access or Errno.Perm => new UnauthorizedAccessException(message),
            _ => new IOException(message),
        };
    }
}

using System.Text;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>Paths of entries as Windows takes them. The first name is a drive (<c>C:</c>), or <c>UNC</c> before server
/// and share.</summary>
/// <remarks>Always with <c>\\?\</c>: no limit of 260, and no name is reinterpreted.</remarks>
internal static class WindowsPaths
{
    private const string Literal = @"\\?\", LiteralShare = @"\\?\UNC\";

    /// <param name="volumes">Where a drive is to be read instead: its snapshot.</param>
    internal static string ToSystem(EntryPath path, IReadOnlyDictionary<string, string> volumes)
    {
        var text = new StringBuilder();
        var bytes = path.Bytes.Span;
        foreach (var range in bytes.Split((byte)0))
        {
            var part = bytes[range];
            if (text.Length > 0) text.Append('\\').Append(WindowsNames.ToWindows(part));
            else if (part.SequenceEqual("UNC"u8)) text.Append(Literal).Append("UNC");
            else text.Append(VolumeOf(Encoding.UTF8.GetString(part), volumes));
        }
        return path.Depth == 1 ? text.Append('\\').ToString() : text.ToString();
    }

    /// <summary>A path below a directory of Windows, each name in the form that Windows can have.</summary>
    internal static string Below(string directory, EntryPath path)
    {
        var text = new StringBuilder(directory.TrimEnd('\\'));
        if (path.IsEmpty) return text.ToString();
        var bytes = path.Bytes.Span;
        foreach (var range in bytes.Split((byte)0)) text.Append('\\').Append(WindowsNames.ToWindows(bytes[range]));
        return text.ToString();
    }

    /// <summary>A full path as a person writes it, as the path of an entry. A drive is one whatever the case of its
    /// letter, so it has one spelling: else a backup of <c>c:</c> would share nothing with one of <c>C:</c>.</summary>
    internal static EntryPath FromSystem(string fullPath)
    {
        if (fullPath.StartsWith(LiteralShare, StringComparison.OrdinalIgnoreCase))
            fullPath = @"\\" + fullPath[LiteralShare.Length..];
        else if (fullPath.StartsWith(Literal, StringComparison.Ordinal)) fullPath = fullPath[Literal.Length..];
        var isShare = fullPath.StartsWith(@"\\", StringComparison.Ordinal);
        var path = isShare ? default(EntryPath).Append("UNC"u8) : default;
        foreach (var name in fullPath.Split('\\', '/'))
            if (name.Length > 0) path = path.Append(path.IsEmpty ? DriveOf(name) : WindowsNames.ToBytes(name));
        return path;
    }

    /// <summary>The same with the prefix that switches all limits off.</summary>
    internal static string WithoutLimits(string fullPath) =>
        fullPath.StartsWith(Literal, StringComparison.Ordinal) ? fullPath
        : fullPath.StartsWith(@"\\", StringComparison.Ordinal) ? Literal + "UNC" + fullPath[1..]
        : Literal + fullPath;

    internal static FileSystemException Unreadable(EntryPath path, string action, int error) => new(
        error switch
        {
            WindowsConstants.FileNotFound or WindowsConstants.PathNotFound => ErrorCode.SourceMissing,
            _ => ErrorCode.FileUnreadable,
        },
        path, error, $"{path} could not be {action}: {Describe(error)} {Advice(error)}");

    internal static FileSystemException Unwritable(EntryPath path, string action, int error) => new(
        error == WindowsConstants.DiskFull ? ErrorCode.TargetTooSmall : ErrorCode.TargetUnwritable, path, error,
        $"'{path}' could not be {action} in the restore target: {Describe(error)} "
        + "Run the agent as administrator, or restore to another folder.");

    internal static string Describe(int error) =>
        $"{System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error).TrimEnd()} (error {error})";

    private static string Advice(int error) => error switch
    {
        WindowsConstants.AccessDenied => "Run the agent as administrator, or exclude this path.",
        WindowsConstants.SharingViolation => "A program keeps it open: back up with volume snapshots, or close it.",
        WindowsConstants.FileNotFound or WindowsConstants.PathNotFound => "It was deleted or renamed, or is misspelt.",
        _ => "Look at this computer's file system, or exclude this path.",
    };

    private static byte[] DriveOf(string name) => Encoding.UTF8.GetBytes(name.ToUpperInvariant());

    private static string VolumeOf(string drive, IReadOnlyDictionary<string, string> volumes) =>
        volumes.TryGetValue(drive.ToUpperInvariant(), out var device) ? device : Literal + drive;
}

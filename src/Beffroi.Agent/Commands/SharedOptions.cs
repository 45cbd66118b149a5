using System.CommandLine;
using Beffroi.Agent.Platform.Windows;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Commands;

/// <summary>Options that several commands share, so that they are named and explained alike.</summary>
internal static class SharedOptions
{
    internal static Option<bool> Json() => new("--json")
    {
        Description = "Write JSON, one object a line, to standard output.",
    };

    internal static Option<string?> RecoveryKey() => new("--recovery-key")
    {
        Description =
            "Recovery kit (or a text file with its words): read the vault without server and enrolment. Needs --packs.",
        HelpName = "FILE",
    };

    internal static Option<string?> Packs() => new("--packs")
    {
        Description =
            "Folder with the vault's blobs: a store (with 't' in it) or one vault (with 'p' and 's'). Needs "
            + "--recovery-key.",
        HelpName = "DIR",
    };

    internal static Argument<string> Snapshot() => new("SNAPSHOT")
    {
        Description = "A snapshot's id, the start of one, or 'latest'.",
    };

    /// <summary>Whether there is something of that path, be it a link to nowhere.</summary>
    internal static bool Exists(string path) =>
        File.Exists(path) || Directory.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>A path on this system, absolute or from the current folder, as the catalogue writes it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: it is empty.</exception>
    internal static EntryPath LocalPath(string path)
    {
        if (path.Length == 0)
            throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                "A path of the command line is empty: is a variable of a script not set? Nothing was done.");
        var full = Path.GetFullPath(path);
        return OperatingSystem.IsWindows()
            ? WindowsPaths.FromSystem(full)
            : EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(full));
    }

    /// <summary>A path within a snapshot, with slashes; a leading one does not matter. On Windows backslashes part
    /// names too, elsewhere a name may hold them.</summary>
    internal static EntryPath SnapshotPath(string path)
    {
        try
        {
            var slashed = OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;
            return EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(slashed));
        }
        catch (VaultException exception)
        {
            throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                $"'{path}' is no path within a snapshot. Write it as 'beffroi ls' shows it, without '.' and '..'.",
                exception);
        }
    }
}

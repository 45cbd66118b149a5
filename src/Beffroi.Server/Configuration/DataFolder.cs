using Beffroi.Vault;

namespace Beffroi.Server.Configuration;

/// <summary>Where the server keeps what. docs/operations/server.md says what is lost with each part.</summary>
internal sealed record DataFolder(string Root)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Passable = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    internal string Database => Path.Combine(Root, "db");
    internal string Blobs => Path.Combine(Root, "blobs");
    internal string KeyFile => Path.Combine(Root, "keys", "server.json");
    internal string Tls => Path.Combine(Root, "tls");
    internal string Run => Path.Combine(Root, "run");
    internal string Kits => Path.Combine(Root, "kits");
    internal string JournalMark => Path.Combine(Root, "journal-mark");
    internal string Installers => Path.Combine(Root, "installers");
    internal string Documents => Path.Combine(Root, "documents");

    /// <summary>Files that were handed in, between their check and their import.</summary>
    internal string Imports => Path.Combine(Documents, "imports");

    /// <summary>Settings that stay with the data when the program is replaced.</summary>
    internal string Settings => Path.Combine(Root, "appsettings.json");

    /// <summary>Where the data lies when nothing says otherwise.</summary>
    internal static string Default => Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows()
        ? "/var/lib/beffroi"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "beffroi-server");

    /// <summary>Creates what is missing.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: the folder cannot be used.</exception>
    internal void Create()
    {
        try
        {
            // As root the private PostgreSQL has another account, which must pass through the folder; each part is
            // closed.
            var outer = Environment.IsPrivilegedProcess ? Passable : OwnerOnly;
            CreateOne(Root, outer);
            CreateOne(Run, outer);
            foreach (var part in new[] { Blobs, Path.GetDirectoryName(KeyFile)!, Tls, Kits, Documents })
                CreateOne(part, OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VaultException(
                ErrorCode.UsageInvalid,
                retryable: false,
                $"The data folder '{Root}' cannot be used: {exception.Message} Choose another one with --data, or give "
                    + "it to "
                    + $"the account '{Environment.UserName}'.",
                exception);
        }
    }

    private static void CreateOne(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        Directory.CreateDirectory(path, mode);
        var missing = mode & ~File.GetUnixFileMode(path);
        if (missing != UnixFileMode.None) File.SetUnixFileMode(path, File.GetUnixFileMode(path) | mode);
    }
}

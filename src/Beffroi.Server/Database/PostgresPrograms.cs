using System.Globalization;
using Beffroi.Vault;

namespace Beffroi.Server.Database;

/// <summary>Where PostgreSQL's programs are, and of which release.</summary>
internal sealed record PostgresPrograms(string Folder, int Major)
{
    internal const int MajorMin = 15;

    internal string InitDb => Path.Combine(Folder, "initdb");
    internal string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>Finds the release that made the cluster in <paramref name="cluster"/>, or the newest one for a new
    /// cluster.</summary>
    /// <param name="configured">The only folder to look into, if the configuration names one.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.DatabaseUnavailable"/>: it is not installed.</exception>
    internal static PostgresPrograms Find(string? configured, string cluster)
    {
        List<PostgresPrograms> installed = [.. Candidates(configured).Select(Inspect).OfType<PostgresPrograms>()];
        if (MajorOf(cluster) is not { } needed)
        {
            return installed.Where(programs => programs.Major >= MajorMin).MaxBy(programs => programs.Major)
                ?? throw NotInstalled(configured);
        }
        return installed.Find(programs => programs.Major == needed) ?? throw WrongMajor(cluster, needed, installed);
    }

    private static int? MajorOf(string cluster)
    {
        var file = Path.Combine(cluster, "PG_VERSION");
        return File.Exists(file) ? int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture) : null;
    }

    private static IEnumerable<string> Candidates(string? configured)
    {
        if (configured is not null) return [configured];

        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return
        [
            .. SubfoldersOf("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")), // Debian, Ubuntu.
            .. SubfoldersOf("/usr").Where(folder => folder.Contains("pgsql-", StringComparison.Ordinal))
                // The packages of postgresql.org for Red Hat and others.
                .Select(folder => Path.Combine(folder, "bin")),
            .. path.Where(Path.IsPathRooted),
        ];
    }

    private static string[] SubfoldersOf(string folder) =>
        Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];

    /// <summary>The folder's name tells the release where packages put it; elsewhere the program is asked.</summary>
    private static PostgresPrograms? Inspect(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "pg_ctl")) || !File.Exists(Path.Combine(folder, "initdb"))) return null;

        var named = Path.GetFileName(Path.GetDirectoryName(folder)) ?? "";
        var digits = named.StartsWith("pgsql-", StringComparison.Ordinal) ? named["pgsql-".Length..] : named;
        if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var major))
            return new PostgresPrograms(folder, major);

        var (exitCode, output) = PostgresCommand.Run(account: null, Path.Combine(folder, "pg_ctl"), "--version");
        var version = output.Split(' ', '\n').FirstOrDefault(word => word.Length > 0 && char.IsAsciiDigit(word[0]));
        return exitCode == 0 && int.TryParse(version?.Split('.')[0], CultureInfo.InvariantCulture, out major)
            ? new PostgresPrograms(folder, major)
            : null;
    }

    private static VaultException NotInstalled(string? configured) => new(
        ErrorCode.DatabaseUnavailable,
        retryable: false,
        $"No PostgreSQL {MajorMin} or newer was found "
            + $"{(configured is null ? "on this machine" : $"in '{configured}'")}. Install "
            + "the package postgresql, or give the server a database of its own with BEFFROI__CONNECTIONSTRING.");

    private static VaultException WrongMajor(string cluster, int needed, List<PostgresPrograms> installed) => new(
        ErrorCode.DatabaseUnavailable,
        retryable: false,
        $"The private database in '{cluster}' was made by PostgreSQL {needed}, but this machine has "
            + (installed.Count == 0 ? "none" : string.Join(", ", installed.Select(programs => programs.Major).Order()))
            + $". Install the package postgresql-{needed} again; to change to a newer release see 'PostgreSQL upgrade' "
            + "in "
            + "docs/operations/server.md. Nothing was changed.");
}

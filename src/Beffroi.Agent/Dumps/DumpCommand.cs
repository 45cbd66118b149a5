using System.Globalization;
using System.Text.RegularExpressions;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Dumps;

/// <summary>The command line of a dump. Built here from a few words of the plan: a server that was taken over can name
/// a database, but neither a program nor an option of one.</summary>
/// <param name="WritesFile">Whether the program writes the file by itself; else it writes to standard output.</param>
internal sealed partial record DumpCommand(string Program, IReadOnlyList<string> Arguments, bool WritesFile)
{
    /// <summary>The command line for a dump.</summary>
    /// <param name="file">Where the database is written to.</param>
    /// <param name="hasProgram">Whether a program is on this computer.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.DumpFailed"/>: the plan's words are not fit for a command
    /// line, or <c>agent.json</c> has no such command.</exception>
    internal static DumpCommand Of(DumpMessage dump, LocalDump local, string file, Func<string, bool> hasProgram)
    {
        if (dump.Kind == "custom") return Custom(dump, local);
        foreach (var word in new[] { dump.Host, dump.User, dump.Kind == "firebird" ? null : dump.Database })
            if (word is not null && !Word().IsMatch(word)) throw Unfit(dump, word);
        return dump.Kind switch
        {
            "postgresql" => new DumpCommand("pg_dump", PostgreSql(dump), WritesFile: false),
            "mysql" => new DumpCommand(
                hasProgram("mariadb-dump") ? "mariadb-dump" : "mysqldump", MySql(dump), WritesFile: false),
            "sqlserver" => new DumpCommand("sqlcmd", SqlServer(dump, file), WritesFile: true),
            _ => new DumpCommand("gbak", Firebird(dump, file), WritesFile: true),
        };
    }

    private static DumpCommand Custom(DumpMessage dump, LocalDump local) => local.Command.Count > 0
        ? new DumpCommand(local.Command[0], [.. local.Command.Skip(1)], WritesFile: false)
        : throw new VaultException(ErrorCode.DumpFailed, retryable: false,
            $"The plan has a dump '{dump.Name}' of kind 'custom', and agent.json has no command of that name. Add it "
            + $"under 'dumps' → '{dump.Name}' → 'command'.");

    // Uncompressed: unchanged parts of the next dump are then found again, and compressed once they are stored.
    private static List<string> PostgreSql(DumpMessage dump) =>
    [
        "--format=custom", "--compress=0", "--no-password", .. Connection(dump, "--host", "--port", "--username"),
        $"--dbname={Database(dump)}",
    ];

    private static List<string> MySql(DumpMessage dump) =>
    [
        "--single-transaction", "--routines", "--events", "--triggers", "--skip-dump-date",
        .. Connection(dump, "--host", "--port", "--user"), Database(dump),
    ];

    private static List<string> SqlServer(DumpMessage dump, string file)
    {
        var port = dump.Port is { } number ? string.Create(CultureInfo.InvariantCulture, $",{number}") : "";
        var quoted = file.Replace("'", "''", StringComparison.Ordinal);
        return
        [
            "-b", "-S", $"{dump.Host ?? "."}{port}", .. dump.User is { } user ? new[] { "-U", user } : ["-E"],
            "-Q", $"BACKUP DATABASE [{Database(dump)}] TO DISK = N'{quoted}' WITH INIT, COPY_ONLY, CHECKSUM",
        ];
    }

    private static List<string> Firebird(DumpMessage dump, string file)
    {
        if (dump.Database is not { } path || !FilePath().IsMatch(path)) throw Unfit(dump, dump.Database);
        var port = dump.Port is { } number ? string.Create(CultureInfo.InvariantCulture, $"/{number}") : "";
        return
        [
            "-backup_database", .. dump.User is { } user ? new[] { "-user", user } : [],
            dump.Host is { } host ? $"{host}{port}:{path}" : path, file,
        ];
    }

    private static IEnumerable<string> Connection(DumpMessage dump, string host, string port, string user)
    {
        if (dump.Host is not null) yield return $"{host}={dump.Host}";
        if (dump.Port is { } number) yield return string.Create(CultureInfo.InvariantCulture, $"{port}={number}");
        if (dump.User is not null) yield return $"{user}={dump.User}";
    }

    private static string Database(DumpMessage dump) => dump.Database ?? throw Unfit(dump, null);

    private static VaultException Unfit(DumpMessage dump, string? word) => new(
        ErrorCode.DumpFailed, retryable: false,
        $"The dump '{dump.Name}' of the plan cannot be run: '{word}' is not fit for a command line. Letters, digits "
        + "and ._- are. Have the plan corrected in the portal.");

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"^(/|[A-Za-z]:[\\/])[A-Za-z0-9._/\\ -]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex FilePath();
}

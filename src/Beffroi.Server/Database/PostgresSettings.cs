using System.Security.Cryptography;
using System.Text;

namespace Beffroi.Server.Database;

/// <summary>The private cluster's settings: reachable through one socket by one account, durable, modest in
/// memory.</summary>
internal static class PostgresSettings
{
    internal const string Role = "beffroi";

    private const string Socket = ".s.PGSQL.5432";

    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int SocketPathBytesMax = 107; // sun_path of Linux has 108 with the final zero.

    /// <summary>Folder of the socket: in the data folder, or where a long path would not fit, a short one named after
    /// it.</summary>
    internal static string SocketFolder(string runFolder)
    {
        var near = Path.Combine(runFolder, "pg");
        if (Encoding.UTF8.GetByteCount(Path.Combine(near, Socket)) <= SocketPathBytesMax) return near;

        var name = "beffroi-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(near)))[..16];

        // Never in /tmp as root: another account could lay a link there first and be given what it points to.
        var parent = Environment.IsPrivilegedProcess ? "/run" : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return Path.Combine(Directory.Exists(parent) ? parent : Path.GetTempPath(), name);
    }

    /// <summary>How the socket is reached. Kerberos is not tried: Npgsql 10.0.0 would begin each session with it,
    /// even on a socket (npgsql #6506).</summary>
    internal static string ConnectionString(string socketFolder, string database) =>
        $"Host={socketFolder};Port=5432;Username={Role};Database={database};Maximum Pool Size=40;"
            + "GSS Encryption Mode=Disable;Application Name=beffroi-server";

    /// <summary>Writes the three files anew at each start, and when a running cluster is taken over, so that a newer
    /// program brings newer settings.</summary>
    internal static void Write(string cluster, string socketFolder)
    {
        Replace(cluster, "postgresql.conf", MainFile(socketFolder));
        Replace(
            cluster, "pg_hba.conf",
            $"# Written at each start by beffroi-server.\nlocal all {Role} peer map=beffroi\n");

        // Only the account that runs the server, as the kernel says, is let in: no password is needed or kept.
        Replace(
            cluster, "pg_ident.conf",
            $"# Written at each start by beffroi-server.\nbeffroi \"{Environment.UserName}\" {Role}\n");
    }

    /// <summary>Puts a file in place of what has its name. Never through it: the folder is another account's when the
    /// server is root, and a link there could lead to any file of the system.</summary>
    private static void Replace(string cluster, string name, string text)
    {
        var aside = Path.Combine(cluster, $".{name}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write))
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file.SafeFileHandle, Readable);
            file.Write(Encoding.UTF8.GetBytes(text));
        }
        File.Move(aside, Path.Combine(cluster, name), overwrite: true);
    }

    private static string MainFile(string socketFolder) => $"""
        # Written at each start by beffroi-server. Put settings of your own into local.conf beside this file.
        listen_addresses = ''
        unix_socket_directories = '{socketFolder.Replace("'", "''", StringComparison.Ordinal)}'
        unix_socket_permissions = 0700
        port = 5432
        max_connections = 60
        shared_buffers = 64MB
        work_mem = 8MB
        maintenance_work_mem = 64MB
        effective_cache_size = 512MB
        max_wal_size = 1GB
        wal_compression = on
        checkpoint_timeout = 15min
        fsync = on
        full_page_writes = on
        synchronous_commit = on
        # A transaction that was forgotten must not hold its locks for ever. A commit rests in one while the object
        # store is asked: six calls of 107 s each with all their repetitions.
        idle_in_transaction_session_timeout = 30min
        max_wal_senders = 0
        wal_level = minimal
        jit = off
        random_page_cost = 1.1
        timezone = 'UTC'
        log_timezone = 'UTC'
        log_line_prefix = '%m [%p] '
        log_min_messages = warning
        log_checkpoints = off
        include_if_exists = 'local.conf'

        """;
}

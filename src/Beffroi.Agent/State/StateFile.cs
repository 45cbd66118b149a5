using Beffroi.Agent.State.Sqlite;
using Beffroi.Vault;

namespace Beffroi.Agent.State;

/// <summary>Whom a state belongs to. Records of another vault or device are not there for this one.</summary>
internal readonly record struct StateOwner(VaultId Vault, DeviceId Device);

/// <summary>The state's file: its tables, and what becomes of one that cannot be used.</summary>
internal static class StateFile
{
    /// <summary>Version of the tables, in the file's user_version. Raise it with any change: old files are rebuilt, not
    /// migrated.</summary>
    internal const int SchemaVersion = 3;

    private const string Schema = """
        CREATE TABLE owner (vault BLOB NOT NULL, device BLOB NOT NULL);
        CREATE TABLE directories (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, run INTEGER NOT NULL);
        CREATE TABLE files (
            directory INTEGER NOT NULL, name BLOB NOT NULL,
            device INTEGER NOT NULL, inode INTEGER NOT NULL, run INTEGER NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (directory, name)) WITHOUT ROWID;
        CREATE TABLE gone (directory INTEGER NOT NULL, name BLOB NOT NULL, PRIMARY KEY (directory, name)) WITHOUT ROWID;
        CREATE TABLE damaged (id BLOB PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER, outcome INTEGER NOT NULL,
            snapshot BLOB, files INTEGER NOT NULL, bytes INTEGER NOT NULL, warnings INTEGER NOT NULL);
        """;

    /// <summary>Where an unusable file goes. One is kept, for whoever looks into the fault.</summary>
    internal static string AsideOf(string path) => path + ".aside";

    /// <summary>Opens the file; one that is damaged, of another version or of another owner is set aside and made
    /// anew.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="owner">Whose records it names.</param>
    /// <param name="warn">Takes one line when a file was set aside.</param>
    /// <exception cref="SqliteException">It cannot be opened for a reason that a new file would share.</exception>
    internal static SqliteDatabase Open(string path, StateOwner owner, Action<string> warn)
    {
        if (TryOpen(path, owner, out var reason) is { } database) return database;
        SetAside(path);
        warn(AsideMessage(path, reason));
        return TryOpen(path, owner, out reason)
            ?? throw new SqliteException(SqliteNative.Corrupt, $"a new file cannot be used either: {reason}");
    }

    /// <summary>Moves the file away with what its log holds. No connection may be open.</summary>
    internal static void SetAside(string path)
    {
        // The log goes first: left behind, it would be taken for the log of the file that comes next.
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        if (File.Exists(path)) File.Move(path, AsideOf(path), overwrite: true);
    }

    internal static string AsideMessage(string path, string reason) =>
        $"The agent's notes on backed-up files ({path}) {reason}. They were set aside as "
        + $"{Path.GetFileName(AsideOf(path))} and are written anew: this backup reads every file again, sends only "
        + "what the vault lacks, and no data is lost.";

    /// <summary>Returns null, with the reason, when the file is of no use.</summary>
    private static SqliteDatabase? TryOpen(string path, StateOwner owner, out string reason)
    {
        SqliteDatabase? database = null;
        try
        {
            database = SqliteDatabase.Open(path);
            reason = Prepare(database, owner);
            if (reason.Length == 0) return database;
        }
        catch (SqliteException failure) when (failure.IsCorruption)
        {
            reason = $"are damaged: {failure.Message}";
        }
        catch (SqliteException)
        {
            database?.Dispose();
            throw;
        }
        database?.Dispose();
        return null;
    }

    /// <summary>Creates the tables of a new file or checks those of an old one; says why it is unusable, or
    /// nothing.</summary>
    private static string Prepare(SqliteDatabase database, StateOwner owner)
    {
        var version = database.UserVersion;
        if (version == 0 && IsBlank(database)) Create(database, owner);
        else if (version != SchemaVersion) return $"have format {version}, this program uses format {SchemaVersion}";
        return OwnerOf(database) == owner ? "" : "belong to another enrolment";
    }

    private static bool IsBlank(SqliteDatabase database)
    {
        using var statement = database.Prepare("SELECT 1 FROM sqlite_master LIMIT 1");
        return !statement.Step();
    }

    private static void Create(SqliteDatabase database, StateOwner owner)
    {
        database.Begin(); // All or nothing: a half-made file would have version 0 and tables.
        database.Execute(Schema);
        using (var insert = database.Prepare("INSERT INTO owner VALUES (?, ?)"))
            insert.Bind(1, owner.Vault.Value.ToByteArray()).Bind(2, owner.Device.Value.ToByteArray()).Run();
        database.UserVersion = SchemaVersion;
        database.Commit();
    }

    private static StateOwner? OwnerOf(SqliteDatabase database)
    {
        using var statement = database.Prepare("SELECT vault, device FROM owner");
        if (!statement.Step() || statement.Blob(0).Length != 16 || statement.Blob(1).Length != 16) return null;
        return new StateOwner(new VaultId(new Guid(statement.Blob(0))), new DeviceId(new Guid(statement.Blob(1))));
    }
}

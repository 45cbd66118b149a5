using System.Runtime.InteropServices;
using System.Text;
using Beffroi.Agent.Configuration;

namespace Beffroi.Agent.State.Sqlite;

/// <summary>One open database file. One thread at a time.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    // Another command's short read may hold a lock while the log is folded in; longer than this is a fault.
    private const int BusyMilliseconds = 5_000;

    private readonly SqliteHandle _handle;
    private readonly List<SqliteStatement> _statements = [];

    private SqliteDatabase(SqliteHandle handle) => _handle = handle;

    /// <summary>Opens or creates a database that only its owner may read.</summary>
    /// <remarks>Write-ahead log with synchronous NORMAL: a power cut may lose the last transactions, never the order of
    /// them, and a commit costs no wait for the disk. For a cache that is right.</remarks>
    /// <exception cref="SqliteException">The file cannot be opened, or is no database.</exception>
    /// <exception cref="Vault.VaultException">There is no SQLite on this system.</exception>
    internal static SqliteDatabase Open(string path)
    {
        SqliteNative.Require();
        OwnerOnly.CreateFile(path); // SQLite gives the log and the shared memory beside it the same rights.
        var result = SqliteNative.Open(path, out var handle, SqliteNative.OpenReadWrite | SqliteNative.OpenNoMutex, 0);
        var database = new SqliteDatabase(handle);
        try
        {
            database.Check(result);
            database.Check(SqliteNative.BusyTimeout(handle, BusyMilliseconds));
            database.Execute("""
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = NORMAL;
                PRAGMA journal_size_limit = 16777216;
                PRAGMA cache_size = -8192;
                PRAGMA cell_size_check = ON;
                """);
            return database;
        }
        catch (SqliteException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The number that a program may keep in the file's header; 0 in a new file.</summary>
    internal int UserVersion
    {
        get
        {
            using var statement = Prepare("PRAGMA user_version");
            return statement.Step() ? (int)statement.Int64(0) : 0;
        }
        set => Execute(FormattableString.Invariant($"PRAGMA user_version = {value}"));
    }

    /// <summary>Rows that the last INSERT, UPDATE or DELETE touched.</summary>
    internal int Changes => SqliteNative.Changes(_handle);

    /// <summary>Runs statements that give no rows and take no values.</summary>
    internal void Execute(string sql) => Check(SqliteNative.Execute(_handle, sql, 0, 0, 0));

    /// <summary>Starts a transaction that may write. There is no nesting.</summary>
    internal void Begin() => Execute("BEGIN IMMEDIATE");

    /// <summary>Ends the transaction and keeps what it wrote.</summary>
    internal void Commit() => Execute("COMMIT");

    /// <summary>Compiles a statement, to be stepped many times; it ends with the database at the latest.</summary>
    internal unsafe SqliteStatement Prepare(string sql)
    {
        var utf8 = Encoding.UTF8.GetBytes(sql);
        fixed (byte* text = utf8)
        {
            Check(SqliteNative.Prepare(
                _handle, text, utf8.Length, SqliteNative.PreparePersistent, out var pointer, 0));
            var statement = new SqliteStatement(this, pointer);
            _statements.Add(statement);
            return statement;
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.ToArray()) statement.Dispose();
        _handle.Dispose();
    }

    internal void Forget(SqliteStatement statement) => _statements.Remove(statement);

    /// <exception cref="SqliteException">The result is an error.</exception>
    internal void Check(int result)
    {
        if (result is SqliteNative.Ok or SqliteNative.Row or SqliteNative.Done) return;
        throw Failure(result);
    }

    private unsafe SqliteException Failure(int result)
    {
        if (_handle.IsInvalid) return new SqliteException(result, "out of memory");
        var extended = SqliteNative.ExtendedErrorCode(_handle);
        var message = Marshal.PtrToStringUTF8((nint)SqliteNative.ErrorMessage(_handle)) ?? "unknown error";
        return new SqliteException((extended & 0xFF) == (result & 0xFF) ? extended : result, message);
    }
}

namespace Beffroi.Agent.State.Sqlite;

/// <summary>What SQLite refused. It stays inside the state, which makes a warning of it: a cache may fail, a backup
/// not.</summary>
/// <param name="result">Extended result code, https://sqlite.org/rescode.html.</param>
/// <param name="message">SQLite's own words.</param>
internal sealed class SqliteException(int result, string message) : Exception($"{message} (SQLite {result})")
{
    /// <summary>Extended result code.</summary>
    internal int Result { get; } = result;

    /// <summary>Whether the file is no sound database, so that opening it again is useless.</summary>
    internal bool IsCorruption => (Result & 0xFF) is SqliteNative.Corrupt or SqliteNative.NotADatabase
        || Result == SqliteNative.ShortRead;
}

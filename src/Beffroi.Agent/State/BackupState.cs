using Beffroi.Agent.State.Sqlite;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.State;

/// <summary>What this device has backed up already, so that an unchanged file need not be read. A cache: any fault of
/// it is one warning and more reading, never a failed backup nor lost data.</summary>
/// <remarks>
/// <para>A run: <see cref="BeginRun"/>; for each directory <see cref="LoadDirectory"/>, one question per name, then
/// <see cref="CloseDirectory"/>; <see cref="Save"/> for each file once its records are durable;
/// <see cref="EndRun"/>.</para>
/// <para>Any thread may call. One process at a time: the holder of the run lock. Others only
/// <see cref="ReadHistory"/>.</para>
/// </remarks>
internal sealed class BackupState : IDisposable
{
    // A killed run loses the rows since the last commit, and the next one reads those files again: bounded both in
    // files and in bytes. 10,000 rows are about 2.5 MB.
    private const int WritesPerCommit = 10_000;
    private const long BytesPerCommit = 1L << 30;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private Tables? _tables;
    private long _run;
    private int _pendingWrites;
    private long _pendingBytes;
    private bool _isInTransaction;

    private BackupState(string path, TimeProvider time, Action<string> warn)
    {
        _path = path;
        _time = time;
        _warn = warn;
    }

    /// <summary>Opens the state of one enrolment; what cannot be used is set aside and begun anew.</summary>
    /// <param name="path">The file; its folder exists and is the owner's only.</param>
    /// <param name="owner">Vault and device.</param>
    /// <param name="time">Clock of the history.</param>
    /// <param name="warn">Takes one line when the state, or a part of its content, is lost.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.LibraryMissing"/>: no SQLite on this system.</exception>
    internal static BackupState Open(string path, StateOwner owner, TimeProvider time, Action<string> warn)
    {
        var state = new BackupState(path, time, warn);
        try
        {
            state._tables = new Tables(StateFile.Open(path, owner, warn));
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            warn(UnusableMessage(path, failure));
        }
        return state;
    }

    /// <summary>Begins a run and returns its number; 0 when the state is unusable.</summary>
    internal long BeginRun() => Guard(0L, tables =>
    {
        EnsureTransaction(tables);
        tables.Files.ClearGone();
        _run = tables.Runs.Begin(_time.GetUtcNow());
        Commit(tables); // So that 'status' sees that a run is on.
        return _run;
    });

    /// <summary>What is known of the files of one directory; empty for a new one. Call it for every directory that the
    /// source has, before listing it: one that was not loaded counts as gone when the run ends.</summary>
    internal DirectoryRows LoadDirectory(EntryPath directory) => Guard(new DirectoryRows(0), tables =>
    {
        EnsureTransaction(tables);
        var rows = tables.Files.Load(directory, _run);
        CountWrite(tables, bytes: 0);
        return rows;
    });

    /// <summary>Tells that the directory was listed to its end: names nobody asked for are deleted when the run
    /// completes. Not for a directory of which only some files are in the scope.</summary>
    internal void CloseDirectory(DirectoryRows rows)
    {
        if (!rows.HasUnseen) return; // The usual case: no lock, no transaction.
        Guard(0, tables =>
        {
            EnsureTransaction(tables);
            _pendingWrites += tables.Files.AddGone(rows);
            return 0;
        });
    }

    /// <summary>Remembers a file. Only once the server has said that every record of its content is durable.</summary>
    internal void Save(EntryPath directory, StateRow row) => Guard(0, tables =>
    {
        EnsureTransaction(tables);
        tables.Files.Save(directory, row, _run);
        CountWrite(tables, row.Bytes);
        return 0;
    });

    /// <summary>Deletes the files whose content needs one of these records, since the vault lacks them; also those with
    /// a chunk list, which may. Directories that are loaded already still show them. Returns how many files.</summary>
    internal int ForgetRecords(IReadOnlySet<RecordId> records) => Guard(0, tables =>
    {
        EnsureTransaction(tables);
        var count = tables.Files.Forget(records, andLists: true);
        Commit(tables);
        return count;
    });

    /// <summary>The same for the records that the vault has damaged, all of them. Files with a chunk list go when a
    /// record is new among them, and not again at each run until it is healed.</summary>
    internal int ForgetDamaged(IReadOnlySet<RecordId> damaged) => Guard(0, tables =>
    {
        EnsureTransaction(tables);
        var hasNew = tables.Damage.Replace(damaged);
        var count = damaged.Count == 0 ? 0 : tables.Files.Forget(damaged, andLists: hasNew);
        Commit(tables);
        return count;
    });

    /// <summary>Ends the run. When it completed, files and directories that it has not met below
    /// <paramref name="roots"/> are deleted; otherwise all rows stay.</summary>
    internal void EndRun(RunResult result, IReadOnlyList<EntryPath> roots) => Guard(0, tables =>
    {
        EnsureTransaction(tables);
        if (result.Outcome is RunOutcome.Completed or RunOutcome.CompletedWithWarnings)
        {
            tables.Files.Sweep(roots, _run);
        }
        tables.Runs.End(_run, _time.GetUtcNow(), result);
        Commit(tables);
        return 0;
    });

    /// <summary>Writes what is pending.</summary>
    internal void Flush() => Guard(0, tables =>
    {
        Commit(tables);
        return 0;
    });

    /// <summary>Writes what is pending and closes the file.</summary>
    public void Dispose()
    {
        Flush();
        lock (_gate)
        {
            _tables?.Database.Dispose();
            _tables = null;
        }
    }

    /// <summary>The last runs, newest first; none when there is no usable state. Safe beside a run, and changes
    /// nothing.</summary>
    internal static IReadOnlyList<RunRecord> ReadHistory(string path, int count) =>
        ReadRuns(path, [], runs => runs.Last(count));

    /// <summary>The last run that gave a snapshot, however long ago; null when there is none, or no usable
    /// state.</summary>
    internal static RunRecord? ReadLastCompleted(string path) => ReadRuns(path, null, runs => runs.LastCompleted());

    private static T ReadRuns<T>(string path, T fallback, Func<RunTable, T> read)
    {
        if (!File.Exists(path)) return fallback;
        try
        {
            using var database = SqliteDatabase.Open(path);
            return database.UserVersion == StateFile.SchemaVersion ? read(new RunTable(database)) : fallback;
        }
        catch (SqliteException)
        {
            return fallback; // The next run finds the same, sets the file aside and says so.
        }
    }

    private void EnsureTransaction(Tables tables)
    {
        if (_isInTransaction) return;
        tables.Database.Begin();
        _isInTransaction = true;
    }

    private void CountWrite(Tables tables, long bytes)
    {
        _pendingBytes += bytes;
        if (++_pendingWrites >= WritesPerCommit || _pendingBytes >= BytesPerCommit) Commit(tables);
    }

    private void Commit(Tables tables)
    {
        if (!_isInTransaction) return;
        tables.Database.Commit();
        _isInTransaction = false;
        _pendingWrites = 0;
        _pendingBytes = 0;
    }

    private T Guard<T>(T fallback, Func<Tables, T> work)
    {
        lock (_gate)
        {
            if (_tables is null) return fallback;
            try
            {
                return work(_tables);
            }
            catch (SqliteException failure)
            {
                GiveUp(_tables, failure);
                return fallback;
            }
        }
    }

    /// <summary>From here on the state knows nothing and notes nothing.</summary>
    private void GiveUp(Tables tables, SqliteException failure)
    {
        _tables = null;
        tables.Database.Dispose(); // Rolls back.
        _warn(failure.IsCorruption && TrySetAside()
            ? StateFile.AsideMessage(_path, $"are damaged: {failure.Message}")
            : UnusableMessage(_path, failure));
    }

    private bool TrySetAside()
    {
        try
        {
            StateFile.SetAside(_path);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string UnusableMessage(string path, Exception failure) =>
        $"The agent's notes on backed-up files ({path}) cannot be used: {failure.Message}. Files are read again "
        + "instead, by this backup and the next; no data is lost. Check the rights of the folder and the free space of "
        + "its disk.";

    private sealed class Tables(SqliteDatabase database)
    {
        internal SqliteDatabase Database { get; } = database;
        internal FileTable Files { get; } = new(database);
        internal DamageTable Damage { get; } = new(database);
        internal RunTable Runs { get; } = new(database);
    }
}

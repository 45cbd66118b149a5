using System.Buffers;
using Beffroi.Agent.State.Sqlite;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.State;

/// <summary>The tables of directories and files. Statements are compiled once; transactions are the caller's.</summary>
internal sealed class FileTable(SqliteDatabase database)
{
    private const int ForgetBatch = 10_000;

    private readonly SqliteStatement _findDirectory = database.Prepare(
        "SELECT id, run FROM directories WHERE path = ?");
    private readonly SqliteStatement _addDirectory = database.Prepare(
        "INSERT INTO directories (path, run) VALUES (?, ?)");
    private readonly SqliteStatement _touchDirectory = database.Prepare(
        "UPDATE directories SET run = ?2 WHERE id = ?1");
    private readonly SqliteStatement _load = database.Prepare(
        "SELECT name, device, inode, run, body FROM files WHERE directory = ? ORDER BY name");
    private readonly SqliteStatement _save = database.Prepare(
        "REPLACE INTO files (directory, name, device, inode, run, body) VALUES (?, ?, ?, ?, ?, ?)");
    private readonly SqliteStatement _addGone = database.Prepare("REPLACE INTO gone (directory, name) VALUES (?, ?)");
    private readonly SqliteStatement _page = database.Prepare(
        "SELECT directory, name, body FROM files WHERE (directory, name) > (?, ?) ORDER BY directory, name LIMIT ?");
    private readonly SqliteStatement _delete = database.Prepare("DELETE FROM files WHERE directory = ? AND name = ?");

    // Saves come directory by directory, mostly.
    private (EntryPath Path, long Id) _lastDirectory;

    /// <summary>Loads the files of a directory, and notes that the directory is still there in this run.</summary>
    internal DirectoryRows Load(EntryPath directory, long run)
    {
        var (id, lastRun) = FindDirectory(directory);
        var rows = new DirectoryRows(id);
        if (id == 0) return rows;
        if (lastRun != run) _touchDirectory.Bind(1, id).Bind(2, run).Run();
        _load.Bind(1, id);
        while (_load.Step())
            rows.Add(_load.Blob(0), (ulong)_load.Int64(1), (ulong)_load.Int64(2), _load.Int64(3), _load.Blob(4));
        return rows;
    }

    /// <summary>Adds or replaces a file.</summary>
    internal void Save(EntryPath directory, StateRow row, long run)
    {
        var id = DirectoryId(directory, run);
        var body = ArrayPool<byte>.Shared.Rent(RowCodec.BytesMax(row.Content));
        var length = RowCodec.Write(row, body);
        _save.Bind(1, id).Bind(2, row.Name.Span).Bind(3, (long)row.Device).Bind(4, (long)row.Inode).Bind(5, run)
            .Bind(6, body.AsSpan(0, length)).Run();
        ArrayPool<byte>.Shared.Return(body);
    }

    /// <summary>Notes names that the source no longer has; <see cref="Sweep"/> may delete them. Returns how
    /// many.</summary>
    internal int AddGone(DirectoryRows rows)
    {
        var count = 0;
        foreach (var name in rows.Unseen())
        {
            _addGone.Bind(1, rows.Directory).Bind(2, name.Span).Run();
            count++;
        }
        return count;
    }

    /// <summary>Forgets the names noted by a run that did not end.</summary>
    internal void ClearGone() => database.Execute("DELETE FROM gone");

    /// <summary>Deletes what a run has not met below its roots, and the names noted as gone.</summary>
    internal void Sweep(IReadOnlyList<EntryPath> roots, long run)
    {
        const string unseen = "run < ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3)";
        using var files = database.Prepare(
            $"DELETE FROM files WHERE directory IN (SELECT id FROM directories WHERE {unseen})");
        using var directories = database.Prepare($"DELETE FROM directories WHERE {unseen}");
        foreach (var root in roots)
        {
            BindRange(files.Bind(1, run), root).Run();
            BindRange(directories.Bind(1, run), root).Run();
        }
        using var gone = database.Prepare(
            "DELETE FROM files WHERE run < ? AND (directory, name) IN (SELECT directory, name FROM gone)");
        gone.Bind(1, run).Run();
        ClearGone();
        _lastDirectory = default;
    }

    /// <summary>Deletes the files whose content needs one of these records, page by page, and those with a chunk list
    /// if <paramref name="andLists"/>. Returns how many.</summary>
    internal int Forget(IReadOnlySet<RecordId> records, bool andLists)
    {
        var (count, directory, name) = (0, long.MinValue, Array.Empty<byte>());
        var doomed = new List<(long Directory, byte[] Name)>();
        while (true)
        {
            _page.Bind(1, directory).Bind(2, (ReadOnlySpan<byte>)name).Bind(3, ForgetBatch);
            var read = 0;
            for (; _page.Step(); read++)
            {
                (directory, name) = (_page.Int64(0), _page.Blob(1).ToArray());
                if (RowCodec.Uses(_page.Blob(2), records, andLists)) doomed.Add((directory, name));
            }
            foreach (var row in doomed) _delete.Bind(1, row.Directory).Bind(2, (ReadOnlySpan<byte>)row.Name).Run();
            count += doomed.Count;
            doomed.Clear();
            if (read < ForgetBatch) return count;
        }
    }

    // A path, then a zero byte, then what lies below: all of it comes before the path followed by a one.
    private static SqliteStatement BindRange(SqliteStatement statement, EntryPath root) => root.IsEmpty
        ? statement.Bind(2, ReadOnlySpan<byte>.Empty).BindNull(3)
        : statement.Bind(2, root.Bytes.Span).Bind(3, (ReadOnlySpan<byte>)[.. root.Bytes.Span, 1]);

    private (long Id, long Run) FindDirectory(EntryPath directory)
    {
        _findDirectory.Bind(1, directory.Bytes.Span);
        if (!_findDirectory.Step()) return (0, 0);
        var found = (_findDirectory.Int64(0), _findDirectory.Int64(1));
        _findDirectory.Reset();
        return found;
    }

    private long DirectoryId(EntryPath directory, long run)
    {
        if (_lastDirectory.Id != 0 && _lastDirectory.Path == directory) return _lastDirectory.Id;
        var (id, _) = FindDirectory(directory);
        if (id == 0)
        {
            _addDirectory.Bind(1, directory.Bytes.Span).Bind(2, run).Run();
            (id, _) = FindDirectory(directory);
        }
        _lastDirectory = (directory, id);
        return id;
    }
}

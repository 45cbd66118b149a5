using Beffroi.Agent.State.Sqlite;
using Beffroi.Vault;

namespace Beffroi.Agent.State;

/// <summary>The tables of runs and of the last roots. Transactions are the caller's.</summary>
internal sealed class RunTable(SqliteDatabase database)
{
    // Three years of nights; a line costs 100 bytes.
    private const int RunsKept = 1_000;

    // RunOutcome.Completed and RunOutcome.CompletedWithWarnings.
    private const string Completed = "outcome IN (1, 2)";

    private const string Columns = "number, started, ended, outcome, snapshot, files, bytes, warnings";

    /// <summary>Notes a start, and that runs without an end were interrupted. Returns the run's number.</summary>
    internal long Begin(DateTimeOffset started)
    {
        using var interrupt = database.Prepare("UPDATE runs SET outcome = ? WHERE outcome = ?");
        interrupt.Bind(1, (long)RunOutcome.Interrupted).Bind(2, (long)RunOutcome.Running).Run();
        var number = LastNumber() + 1;
        using var insert = database.Prepare(
            "INSERT INTO runs (number, started, outcome, files, bytes, warnings) VALUES (?, ?, ?, 0, 0, 0)");
        insert.Bind(1, number).Bind(2, started.UtcTicks).Bind(3, (long)RunOutcome.Running).Run();
        // The last completed one stays however old it is: without it an unmounted disk looks like an empty one.
        using var prune = database.Prepare(
            $"DELETE FROM runs WHERE number <= ? AND number <> (SELECT max(number) FROM runs WHERE {Completed})");
        prune.Bind(1, number - RunsKept).Run();
        return number;
    }

    /// <summary>Notes an end.</summary>
    internal void End(long number, DateTimeOffset ended, RunResult result)
    {
        using var update = database.Prepare(
            """
            UPDATE runs SET ended = ?2, outcome = ?3, snapshot = ?4, files = ?5, bytes = ?6, warnings = ?7
            WHERE number = ?1
            """);
        update.Bind(1, number).Bind(2, ended.UtcTicks).Bind(3, (long)result.Outcome);
        if (result.Snapshot is { } snapshot) update.Bind(4, (ReadOnlySpan<byte>)snapshot.Value.ToArray());
        update.Bind(5, result.Files).Bind(6, result.Bytes).Bind(7, result.Warnings).Run();
    }

    /// <summary>The last runs, newest first.</summary>
    internal IReadOnlyList<RunRecord> Last(int count)
    {
        using var select = database.Prepare($"SELECT {Columns} FROM runs ORDER BY number DESC LIMIT ?");
        select.Bind(1, count);
        var runs = new List<RunRecord>();
        while (select.Step()) runs.Add(Read(select));
        return runs;
    }

    /// <summary>The last run that gave a snapshot, or null.</summary>
    internal RunRecord? LastCompleted()
    {
        using var select = database.Prepare(
            $"SELECT {Columns} FROM runs WHERE {Completed} ORDER BY number DESC LIMIT 1");
        return select.Step() ? Read(select) : null;
    }

    private long LastNumber()
    {
        using var select = database.Prepare("SELECT max(number) FROM runs");
        return select.Step() ? select.Int64(0) : 0;
    }

    private static RunRecord Read(SqliteStatement row) => new(
        row.Int64(0), At(row.Int64(1)), row.IsNull(2) ? null : At(row.Int64(2)),
        new RunResult((RunOutcome)row.Int64(3), Snapshot(row.Blob(4)), row.Int64(5), row.Int64(6), row.Int64(7)));

    private static SnapshotId? Snapshot(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Digest256.Bytes ? new SnapshotId(new Digest256(bytes)) : null;

    private static DateTimeOffset At(long utcTicks) =>
        new(Math.Clamp(utcTicks, DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
}

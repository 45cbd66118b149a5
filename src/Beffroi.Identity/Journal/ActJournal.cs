using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Beffroi.Identity.Journal;

/// <summary>Writes privileged acts of all modules into <c>identity.journal</c>, each chained to the last.</summary>
public sealed class ActJournal
{
    // Entries are numbered and chained one after the other; "journal" as seven ASCII bytes.
    private const long AppendLock = 0x6A6F75726E616C;

    private readonly TimeProvider _time;

    internal ActJournal(TimeProvider time) => _time = time;

    /// <summary>Appends in the transaction that <paramref name="db"/> has open, whatever module's it is: act and entry
    /// stand or fall together. To be called last: until the transaction ends, no other act is written.</summary>
    /// <exception cref="InvalidOperationException">No transaction is open.</exception>
    public async Task AppendAsync(DbContext db, PrivilegedAct act, CancellationToken cancellationToken)
    {
        var transaction = db.Database.CurrentTransaction?.GetDbTransaction() as NpgsqlTransaction
            ?? throw new InvalidOperationException("An act and its entry need one transaction.");
        await db.SaveChangesAsync(cancellationToken);
        var connection = transaction.Connection!; // Open: the transaction is.
        var (lastId, lastHash) = await ReadTailAsync(connection, cancellationToken);
        var entry = new JournalEntry
        {
            Id = lastId + 1,
            At = ToMilliseconds(_time.GetUtcNow()),
            Actor = act.Actor,
            Act = act.Act,
            MemberId = act.Member,
            Origin = act.Origin,
            Detail = ToJson(act.Detail),
            Version = EntryHash.VersionNow,
            PreviousHash = lastHash,
        };
        entry.Hash = EntryHash.Of(entry);
        await InsertAsync(connection, entry, cancellationToken);
    }

    /// <summary>The newest entry, locked against others until the transaction ends. Through a function: row-level
    /// security may hide the entry from who appends the next one.</summary>
    private static async Task<(long Id, byte[] Hash)> ReadTailAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var turn = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection))
        {
            turn.Parameters.AddWithValue(AppendLock);
            await turn.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var tail = new NpgsqlCommand("select id, hash from identity.journal_tail()", connection);
        await using var reader = await tail.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1))
            : (0, new byte[32]);
    }

    private static async Task InsertAsync(
        NpgsqlConnection connection, JournalEntry entry, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand(
            "insert into identity.journal "
                + "(id, at, actor, act, member_id, origin, detail, version, previous_hash, hash) "
                + "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            connection);
        insert.Parameters.AddWithValue(entry.Id);
        insert.Parameters.AddWithValue(entry.At);
        insert.Parameters.AddWithValue(entry.Actor);
        insert.Parameters.AddWithValue(entry.Act);
        insert.Parameters.Add(new NpgsqlParameter
        {
            Value = (object?)entry.MemberId?.Value ?? DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Uuid,
        });
        insert.Parameters.Add(new NpgsqlParameter
        {
            Value = (object?)entry.Origin ?? DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Text,
        });
        insert.Parameters.Add(new NpgsqlParameter { Value = entry.Detail, NpgsqlDbType = NpgsqlDbType.Jsonb });
        insert.Parameters.AddWithValue(entry.Version);
        insert.Parameters.AddWithValue(entry.PreviousHash);
        insert.Parameters.AddWithValue(entry.Hash);
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string ToJson(IReadOnlyDictionary<string, string> detail)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in detail) writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static DateTimeOffset ToMilliseconds(DateTimeOffset instant) =>
        DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());
}

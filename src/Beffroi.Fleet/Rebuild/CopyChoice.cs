using Beffroi.Fleet.Records;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Fleet.Rebuild;

/// <summary>Looks which copy of a record to list when several packs hold one, within the transaction of
/// <see cref="IndexTables"/>. Without this look a rebuild could undo what an agent has healed.</summary>
internal sealed class CopyChoice(
    NpgsqlConnection connection, IBlobStore blobs, VaultId vault, DateTimeOffset now)
{
    /// <summary>Adds damaged copies to the table <c>known_damage</c> and quarantines their packs.</summary>
    /// <returns>How many were found.</returns>
    internal async Task<int> RunAsync(
        IReadOnlyDictionary<SecretId, short> secrets, CancellationToken cancellationToken)
    {
        var damaged = await FindAsync(secrets, cancellationToken);
        if (damaged.Count == 0) return 0;

        await using var batch = new NpgsqlBatch(connection);
        var note = new NpgsqlBatchCommand(
            "insert into known_damage (id, pack_ordinal) select id, pack from unnest($1, $2) as n (id, pack)");
        note.Parameters.Add(new NpgsqlParameter
        {
            Value = damaged.Select(each => each.Record.Value.ToArray()).ToArray(),
        });
        note.Parameters.Add(new NpgsqlParameter { Value = damaged.Select(each => each.Pack).ToArray() });
        var quarantine = new NpgsqlBatchCommand(
            "update fleet.packs set quarantined_at = coalesce(quarantined_at, $2) where ordinal = any($1)");
        quarantine.Parameters.Add(new NpgsqlParameter { Value = damaged.Select(each => each.Pack).ToArray() });
        quarantine.Parameters.Add(new NpgsqlParameter { Value = now });
        batch.BatchCommands.Add(note);
        batch.BatchCommands.Add(quarantine);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return damaged.Count;
    }

    /// <summary>Reads the copies of each record that lies in several packs, until one is sound.</summary>
    /// <returns>The damaged ones, with the ordinals of their packs.</returns>
    private async Task<List<(RecordId Record, long Pack)>> FindAsync(
        IReadOnlyDictionary<SecretId, short> secrets, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select r.id, p.ordinal, p.pack_id, r."offset", r.length, r.type, r.secret_ordinal
            from found_records r join fleet.packs p on p.vault_id = '{vault}' and p.pack_id = r.pack_id
            where r.id in (select id from found_records group by id having count(*) > 1)
                and not exists (select from known_damage d where d.id = r.id and d.pack_ordinal = p.ordinal)
            order by r.id, p.ordinal
            """,
            connection);
        command.CommandTimeout = 0;
        var names = secrets.ToDictionary(each => each.Value, each => each.Key);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(RecordId, long)> damaged = [];
        RecordId? settled = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var entry = new PackEntry(
                new RecordId(new Digest256(reader.GetFieldValue<byte[]>(0))), reader.GetInt32(3), reader.GetInt32(4),
                (RecordType)reader.GetInt16(5), names[reader.GetInt16(6)]);
            if (settled == entry.Id) continue;

            var pack = new PackId(new Digest256(reader.GetFieldValue<byte[]>(2)));
            if (await RecordCopies.IsSoundAsync(blobs, vault, pack, entry, cancellationToken)) settled = entry.Id;
            else damaged.Add((entry.Id, reader.GetInt64(1)));
        }
        return damaged;
    }
}

using Beffroi.Fleet.MemberLog;
using Beffroi.Fleet.Records;
using Beffroi.Intake;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;
using Npgsql;

namespace Beffroi.Fleet.RecordIndex;

/// <summary>The index in <c>fleet.packs</c> and the vaults' partitions of <c>fleet.records</c>, one question for many
/// records.</summary>
internal sealed class PostgresRecordIndex(NpgsqlDataSource database, TimeProvider time) : IRecordIndex
{
    public async Task<bool[]> HaveAsync(KnownDevice device, RecordId[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select i.n from unnest($1) with ordinality as i (id, n)
            join {RecordsTable.PartitionOf(device.Vault)} r on r.vault_id = $2 and r.id = i.id
            where r.secret_ordinal = any($3) and not r.damaged
            """);
        AddParameters(command, BytesOf(ids), device.Vault.Value, OrdinalsOf(device));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new bool[ids.Length];
        while (await reader.ReadAsync(cancellationToken)) stored[reader.GetInt64(0) - 1] = true;
        return stored;
    }

    public async Task<IReadOnlyList<RecordLocation>> FindAsync(
        KnownDevice device, RecordId[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select r.id, p.pack_id, r."offset", r.length, r.type, r.damaged from unnest($1) as i (id)
            join {RecordsTable.PartitionOf(device.Vault)} r on r.vault_id = $2 and r.id = i.id
            join fleet.packs p on p.ordinal = r.pack_ordinal
            where r.secret_ordinal = any($3)
            """);
        AddParameters(command, BytesOf(ids), device.Vault.Value, OrdinalsOf(device));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<RecordLocation> found = new(ids.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new RecordLocation(
                new RecordId(new Digest256(reader.GetFieldValue<byte[]>(0))),
                new PackId(new Digest256(reader.GetFieldValue<byte[]>(1))),
                reader.GetInt32(2), reader.GetInt32(3), (RecordType)reader.GetInt16(4), reader.GetBoolean(5)));
        }
        return found;
    }

    public async Task<IReadOnlyList<RecordId>> ListDamagedAsync(
        KnownDevice device, int countMax, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select id from {RecordsTable.PartitionOf(device.Vault)}
            where damaged and vault_id = $1 and secret_ordinal = any($2) limit $3
            """);
        AddParameters(command, device.Vault.Value, OrdinalsOf(device), countMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<RecordId> damaged = [];
        while (await reader.ReadAsync(cancellationToken))
            damaged.Add(new RecordId(new Digest256(reader.GetFieldValue<byte[]>(0))));
        return damaged;
    }

    public async Task<ListedPack?> FindPackAsync(VaultId vault, PackId pack, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select bytes, quarantined_at is not null from fleet.packs where vault_id = $1 and pack_id = $2");
        AddParameters(command, vault.Value, pack.Value.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new ListedPack(reader.GetInt32(0), reader.GetBoolean(1))
            : null;
    }

    public async Task InsertPackAsync(
        KnownDevice device, VerifiedPack pack, int bytes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await DemandNoRebuildAsync(connection, device.Vault, cancellationToken);
        var insert = new PackInsert(connection, device.Vault, pack, device.Secrets);
        var isNew = await insert.InsertPackAsync(bytes, time.GetUtcNow(), cancellationToken);
        await insert.InsertRecordsAsync(cancellationToken);

        // Last: it locks the vault's row, for which all other uploads of the member wait.
        if (isNew) await CountAsync(connection, device, bytes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task MarkDamagedAsync(
        VaultId vault, PackId pack, IReadOnlyCollection<RecordId>? records, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var quarantine = new NpgsqlCommand(
            """
            update fleet.packs set quarantined_at = coalesce(quarantined_at, $3) where vault_id = $1 and pack_id = $2
            returning ordinal
            """,
            connection);
        AddParameters(quarantine, vault.Value, pack.Value.ToArray(), time.GetUtcNow());
        if (await quarantine.ExecuteScalarAsync(cancellationToken) is not long ordinal) return;

        await using var mark = new NpgsqlCommand(
            $"""
            update {RecordsTable.PartitionOf(vault)} set damaged = true
            where vault_id = $1 and pack_ordinal = $2 {(records is null ? "" : "and id = any($3)")}
            """,
            connection);
        AddParameters(mark, vault.Value, ordinal);
        if (records is not null) AddParameters(mark, (object)BytesOf(records));
        await mark.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task DemandNoRebuildAsync(
        NpgsqlConnection connection, VaultId vault, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_xact_lock_shared($1)", connection);
        AddParameters(command, VaultLocks.OfIndex(vault));
        if (await command.ExecuteScalarAsync(cancellationToken) is true) return;

        throw new VaultException(
            ErrorCode.DatabaseUnavailable, retryable: true,
            "The index of this vault is being rebuilt. The agent sends the pack again by itself.");
    }

    /// <summary>Counts the bytes against the quota. In the same transaction: of two uploads at once only what fits
    /// stays.</summary>
    private static async Task CountAsync(
        NpgsqlConnection connection, KnownDevice device, int bytes, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "update fleet.vaults set used_bytes = used_bytes + $2 where id = $1 and used_bytes + $2 <= quota_bytes",
            connection);
        AddParameters(command, device.Vault.Value, (long)bytes);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 1) return;

        throw new VaultException(
            ErrorCode.QuotaExceeded, retryable: false,
            $"The pack has {bytes} bytes, more than the quota of {device.Terms.QuotaBytes} leaves. What is stored "
                + "stays; ask your operator for more room.");
    }

    private static short[] OrdinalsOf(KnownDevice device) => [.. device.Secrets.Values];

    private static byte[][] BytesOf(IEnumerable<RecordId> ids) => [.. ids.Select(id => id.Value.ToArray())];

    private static void AddParameters(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
    }
}

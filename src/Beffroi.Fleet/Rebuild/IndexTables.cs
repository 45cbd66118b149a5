using Beffroi.Fleet.Records;
using Beffroi.Fleet.Snapshots;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Stores;
using Npgsql;
using NpgsqlTypes;

namespace Beffroi.Fleet.Rebuild;

/// <summary>Replaces what the index lists for one vault, within the caller's transaction.</summary>
/// <remarks>Packs that were listed before keep their ordinal, their day and their quarantine, and their records keep
/// their marks of damage; on an empty database a check with --read-data finds damage again. Of a record that lies in
/// several packs, the copies are read until one is sound (<see cref="CopyChoice"/>).</remarks>
internal sealed class IndexTables(
    NpgsqlConnection connection, IBlobStore blobs, VaultId vault, DateTimeOffset now, RebuildTally tally)
{
    private readonly string _partition = RecordsTable.PartitionOf(vault);

    internal async Task ReplacePacksAsync(IAsyncEnumerable<FoundPack> packs, CancellationToken cancellationToken)
    {
        var secrets = await ReadSecretsAsync(cancellationToken);
        await ExecuteAsync(
            """
            create temporary table found_packs (pack_id bytea, kind smallint, bytes integer, record_count integer)
                on commit drop;
            create temporary table found_records (pack_id bytea, id bytea, "offset" integer, length integer,
                                                  type smallint, secret_ordinal smallint) on commit drop;
            """,
            cancellationToken);
        await foreach (var pack in packs)
        {
            if (pack.Footer is not null && pack.Footer.Entries.All(entry => secrets.ContainsKey(entry.Secret)))
                await StageAsync(pack, secrets, cancellationToken);
            else tally.Unreadable.Add(
                new UnreadableBlob(vault, pack.Name.Value, pack.Reason ?? "it names a secret that the log does not"));
        }
        await ListPacksAsync(cancellationToken);
        tally.DamagedCopies += await new CopyChoice(connection, blobs, vault, now).RunAsync(secrets, cancellationToken);
        await ListRecordsAsync(cancellationToken);
        await ExecuteAsync("drop table found_packs; drop table found_records;", cancellationToken);
    }

    internal async Task ReplaceSnapshotsAsync(CommitBlobs commits, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            $"""
            update fleet.devices set last_sequence = 0, last_commit_id = null, last_snapshot_at = null
                where vault_id = '{vault}';
            delete from fleet.snapshots where vault_id = '{vault}';
            """,
            cancellationToken);
        var devices = await ReadDevicesAsync(cancellationToken);
        tally.Devices += devices.Count;
        Dictionary<DeviceId, long> last = [];

        // In the order of their names: a device's commits come one after the other, each after the one it follows on.
        await foreach (var blob in blobs.ListAsync(BlobNames.CommitPrefix(vault), startAfter: null, cancellationToken))
        {
            var (receipt, reason) = await commits.TryReadAsync(blob.Name, cancellationToken);
            if (receipt is not null) reason = Misplaced(receipt.Machine, devices, last);
            if (reason is not null)
            {
                tally.Unusable.Add(new UnreadableBlob(vault, blob.Name.Value, reason));
                continue;
            }
            // Not null: there would be a reason.
            await SnapshotRows.InsertAsync(connection, receipt!, cancellationToken);
            last[receipt!.Machine.Commit.Device] = receipt.Machine.Commit.Sequence;
            tally.Snapshots++;
        }
    }

    /// <summary>Counts the bytes in use. Last: the vault's row is locked from here on, and each root key that is opened
    /// writes to it.</summary>
    internal Task CountUsageAsync(CancellationToken cancellationToken) => ExecuteAsync(
        $"""
        update fleet.vaults
        set used_bytes = (select coalesce(sum(bytes), 0) from fleet.packs where vault_id = '{vault}')
        where id = '{vault}'
        """,
        cancellationToken);

    /// <summary>Why a commit cannot be listed. One whose predecessor was lost can: its signatures stand for
    /// themselves.</summary>
    private static string? Misplaced(SignedCommit machine, HashSet<DeviceId> devices, Dictionary<DeviceId, long> last)
    {
        if (!devices.Contains(machine.Commit.Device)) return "the log does not know its device";

        return last.GetValueOrDefault(machine.Commit.Device) < machine.Commit.Sequence
            ? null
            : "its device has another snapshot of this number";
    }

    private async Task StageAsync(
        FoundPack pack, Dictionary<SecretId, short> secrets, CancellationToken cancellationToken)
    {
        var (id, footer) = (pack.Id.Value.ToArray(), pack.Footer!); // Not null: the caller has looked.
        await using (var command = new NpgsqlCommand("insert into found_packs values ($1, $2, $3, $4)", connection))
        {
            foreach (var value in new object[] { id, (short)footer.Kind, pack.Bytes, footer.Entries.Count })
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy found_records from stdin (format binary)", cancellationToken);
        foreach (var entry in footer.Entries)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(id, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(entry.Id.Value.ToArray(), NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(entry.Offset, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(entry.Bytes, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync((short)entry.Type, NpgsqlDbType.Smallint, cancellationToken);
            await copy.WriteAsync(secrets[entry.Secret], NpgsqlDbType.Smallint, cancellationToken);
        }
        await copy.CompleteAsync(cancellationToken);
        tally.Packs++;
    }

    /// <summary>Puts the packs that were found in the place of those that were listed, and empties the
    /// partition.</summary>
    private async Task ListPacksAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            $"""
            create temporary table known_damage on commit drop
                as select id, pack_ordinal from {_partition} where damaged;
            delete from {_partition};
            delete from fleet.packs p where p.vault_id = '{vault}'
                and not exists (select from found_packs f where f.pack_id = p.pack_id);
            """,
            cancellationToken);
        await using var packs = new NpgsqlCommand(
            $"""
            insert into fleet.packs (pack_id, vault_id, kind, bytes, record_count, received_at)
            select pack_id, '{vault}', kind, bytes, record_count, $1 from found_packs
            on conflict (vault_id, pack_id) do nothing
            """,
            connection);
        packs.Parameters.Add(new NpgsqlParameter { Value = now });
        await packs.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Lists the records that were found. Of one in several packs the first one listed counts, unless it is
    /// known to be damaged there.</summary>
    private async Task ListRecordsAsync(CancellationToken cancellationToken)
    {
        tally.Records += await ExecuteAsync(
            $"""
            insert into {_partition} (vault_id, id, pack_ordinal, "offset", length, type, secret_ordinal, damaged)
            select distinct on (r.id) p.vault_id, r.id, p.ordinal, r."offset", r.length, r.type, r.secret_ordinal,
                                      d.id is not null
            from found_records r join fleet.packs p on p.vault_id = '{vault}' and p.pack_id = r.pack_id
            left join known_damage d on d.id = r.id and d.pack_ordinal = p.ordinal
            order by r.id, d.id is not null, p.ordinal
            """,
            cancellationToken);
        await ExecuteAsync("drop table known_damage", cancellationToken);
    }

    private async Task<Dictionary<SecretId, short>> ReadSecretsAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select secret_id, ordinal from fleet.secrets where vault_id = '{vault}'", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<SecretId, short> secrets = [];
        while (await reader.ReadAsync(cancellationToken))
            secrets.Add(new SecretId(reader.GetGuid(0)), reader.GetInt16(1));
        return secrets;
    }

    private async Task<HashSet<DeviceId>> ReadDevicesAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select id from fleet.devices where vault_id = '{vault}'", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        HashSet<DeviceId> devices = [];
        while (await reader.ReadAsync(cancellationToken)) devices.Add(new DeviceId(reader.GetGuid(0)));
        return devices;
    }

    /// <summary>Runs statements of this class; the vault's id in them is a Guid, which needs no escape.</summary>
    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.CommandTimeout = 0;
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

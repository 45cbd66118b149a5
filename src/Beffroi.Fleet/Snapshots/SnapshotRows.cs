using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Npgsql;
using NpgsqlTypes;

namespace Beffroi.Fleet.Snapshots;

/// <summary>Writes and reads the rows of <c>fleet.snapshots</c>.</summary>
internal static class SnapshotRows
{
    private const string Insert = """
        insert into fleet.snapshots (id, vault_id, device_id, sequence, received_at, claimed_at, ended_at, root_id,
                                     files, directories, logical_bytes, stored_bytes, warnings, object_name)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """;

    private const string Advance =
        "update fleet.devices set last_sequence = $2, last_commit_id = $3, last_snapshot_at = $4 where id = $1";

    /// <summary>Lists a commit, and makes it the last one of its device.</summary>
    internal static async Task InsertAsync(
        NpgsqlConnection connection, Receipt receipt, CancellationToken cancellationToken)
    {
        var (commit, id) = (receipt.Machine.Commit, receipt.Machine.Id.Value.ToArray());
        var counters = commit.Counters;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(
            Insert, id, commit.Vault.Value, commit.Device.Value, commit.Sequence, receipt.Received, commit.Started,
            commit.Ended, commit.Root.Value.ToArray(), counters.Files, counters.Directories, counters.LogicalBytes,
            counters.NewBytes, counters.Unreadable, NameOf(receipt.Machine).Value));
        batch.BatchCommands.Add(Command(Advance, commit.Device.Value, commit.Sequence, id, receipt.Received));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The snapshots of a device, newest first.</summary>
    internal static async Task<IReadOnlyList<SnapshotMessage>> ListAsync(
        NpgsqlDataSource database, DeviceId device, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select id, sequence, claimed_at, ended_at, received_at, files, directories, logical_bytes,
                   stored_bytes, warnings
            from fleet.snapshots where device_id = $1 order by sequence desc
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = device.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<SnapshotMessage> snapshots = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            snapshots.Add(new SnapshotMessage(
                new Digest256(reader.GetFieldValue<byte[]>(0)).ToString(), reader.GetInt64(1),
                reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetFieldValue<DateTimeOffset>(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7),
                reader.GetInt64(8), reader.GetInt64(9)));
        }
        return snapshots;
    }

    internal static Beffroi.Vault.Stores.BlobName NameOf(SignedCommit machine) =>
        BlobNames.Commit(machine.Commit.Vault, machine.Commit.Device, machine.Commit.Sequence, machine.Id);

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}

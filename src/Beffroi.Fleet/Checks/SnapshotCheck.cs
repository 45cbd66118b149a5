using Beffroi.Fleet.Records;
using Beffroi.Fleet.Snapshots;
using Beffroi.Vault;
using Beffroi.Vault.Records;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Fleet.Checks;

/// <summary>Checks that each snapshot's commit is there, is ours, and has a root that can be read.</summary>
internal sealed class SnapshotCheck(NpgsqlDataSource database, CommitBlobs commits)
{
    internal async Task<List<UnusableSnapshot>> RunAsync(VaultId vault, CancellationToken cancellationToken)
    {
        List<UnusableSnapshot> unusable = [];
        foreach (var (id, device, name, isRootLive) in await ListAsync(vault, cancellationToken))
        {
            var reason = isRootLive
                ? (await commits.TryReadAsync(name, cancellationToken)).Reason
                : "its root is missing or damaged";
            if (reason is not null) unusable.Add(new UnusableSnapshot(vault, id, device, reason));
        }
        return unusable;
    }

    private async Task<List<(SnapshotId Id, DeviceId Device, BlobName Name, bool IsRootLive)>> ListAsync(
        VaultId vault, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select s.id, s.device_id, s.object_name, r.id is not null from fleet.snapshots s
            left join {RecordsTable.PartitionOf(vault)} r
                on r.vault_id = s.vault_id and r.id = s.root_id and not r.damaged and r.type = $2
            where s.vault_id = $1 order by s.device_id, s.sequence
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = vault.Value });
        command.Parameters.Add(new NpgsqlParameter { Value = (short)RecordType.Segment });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(SnapshotId, DeviceId, BlobName, bool)> snapshots = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            snapshots.Add((
                new SnapshotId(new Digest256(reader.GetFieldValue<byte[]>(0))), new DeviceId(reader.GetGuid(1)),
                new BlobName(reader.GetString(2)), reader.GetBoolean(3)));
        }
        return snapshots;
    }
}

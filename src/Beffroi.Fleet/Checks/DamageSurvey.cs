using Beffroi.Fleet.Records;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Fleet.Checks;

/// <summary>Lists a vault's damaged records with the snapshots that need them. A server without keys walks the clear
/// references from each snapshot's root; below a damaged segment it sees nothing, and names the segment
/// alone.</summary>
internal sealed class DamageSurvey(NpgsqlDataSource database, IBlobStore blobs)
{
    internal async Task<IReadOnlyList<DamagedRecord>> RunAsync(VaultId vault, CancellationToken cancellationToken)
    {
        var damaged = await ListDamagedAsync(vault, cancellationToken);
        if (damaged.Count == 0) return [];

        var catalogue = await CatalogueGraph.LoadAsync(database, blobs, vault, cancellationToken);
        var affected = damaged.ToDictionary(each => each.Record, _ => new List<AffectedSnapshot>());
        foreach (var (root, snapshot) in await ListRootsAsync(vault, cancellationToken))
        {
            await foreach (var record in catalogue.ReachAsync(root, affected.ContainsKey, cancellationToken))
                affected[record].Add(snapshot);
        }
        return [.. damaged.Select(
            each => new DamagedRecord(vault, each.Pack, each.Record, each.Offset, affected[each.Record]))];
    }

    private async Task<List<(PackId Pack, RecordId Record, int Offset)>> ListDamagedAsync(
        VaultId vault, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select p.pack_id, r.id, r."offset" from {RecordsTable.PartitionOf(vault)} r
            join fleet.packs p on p.ordinal = r.pack_ordinal
            where r.damaged and r.vault_id = $1 order by r.pack_ordinal, r."offset"
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = vault.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(PackId, RecordId, int)> damaged = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            damaged.Add((
                new PackId(new Digest256(reader.GetFieldValue<byte[]>(0))),
                new RecordId(new Digest256(reader.GetFieldValue<byte[]>(1))), reader.GetInt32(2)));
        }
        return damaged;
    }

    private async Task<List<(RecordId Root, AffectedSnapshot Snapshot)>> ListRootsAsync(
        VaultId vault, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select root_id, id, device_id, sequence from fleet.snapshots where vault_id = $1 order by device_id, "
                + "sequence");
        command.Parameters.Add(new NpgsqlParameter { Value = vault.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(RecordId, AffectedSnapshot)> roots = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            roots.Add((
                new RecordId(new Digest256(reader.GetFieldValue<byte[]>(0))),
                new AffectedSnapshot(
                    new SnapshotId(new Digest256(reader.GetFieldValue<byte[]>(1))), new DeviceId(reader.GetGuid(2)),
                    reader.GetInt64(3))));
        }
        return roots;
    }
}

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
        var damaged = await DamagedPlace.ListAsync(database, vault, cancellationToken);
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

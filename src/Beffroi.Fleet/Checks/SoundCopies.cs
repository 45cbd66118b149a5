using Beffroi.Fleet.Records;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Fleet.Checks;

/// <summary>Finds sound copies of damaged records in the vault's other packs, and makes the index read those. Packs
/// overlap where two agents sent the same content at once, and where an agent healed what was damaged before.</summary>
/// <remarks>Only where there is damage: the lists of all packs are read then, one short read for each pack.</remarks>
internal sealed class SoundCopies(NpgsqlDataSource database, IBlobStore blobs)
{
    internal async Task<IReadOnlyList<RepointedRecord>> AdoptAsync(
        VaultId vault, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var damaged = (await DamagedPlace.ListAsync(database, vault, cancellationToken))
            .ToDictionary(each => each.Record, each => each.Pack);
        if (damaged.Count == 0) return [];

        progress.Report($"Vault {vault}: looking for other copies of {damaged.Count} damaged records.");
        List<RepointedRecord> repointed = [];
        await foreach (var pack in new PackFooters(blobs).ReadAsync(vault, cancellationToken))
        {
            foreach (var entry in pack.Footer?.Entries ?? [])
            {
                if (!damaged.TryGetValue(entry.Id, out var from) || from == pack.Id) continue;
                if (!await RecordCopies.IsSoundAsync(blobs, vault, pack.Id, entry, cancellationToken)) continue;
                if (!await RepointAsync(vault, pack.Id, entry, cancellationToken)) continue;

                damaged.Remove(entry.Id);
                repointed.Add(new RepointedRecord(vault, entry.Id, from, pack.Id));
            }
            if (damaged.Count == 0) break;
        }
        return repointed;
    }

    /// <summary>Reads the record from that pack from now on, if the pack is listed and nobody else has healed the
    /// record meanwhile.</summary>
    private async Task<bool> RepointAsync(
        VaultId vault, PackId pack, PackEntry entry, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            update {RecordsTable.PartitionOf(vault)} r
            set pack_ordinal = p.ordinal, "offset" = $4, length = $5, damaged = false
            from fleet.packs p
            where p.vault_id = $1 and p.pack_id = $2 and r.vault_id = $1 and r.id = $3 and r.damaged
            """);
        foreach (var value in new object[]
        {
            vault.Value, pack.Value.ToArray(), entry.Id.Value.ToArray(), entry.Offset, entry.Bytes,
        })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}

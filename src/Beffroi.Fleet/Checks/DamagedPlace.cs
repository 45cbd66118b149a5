using Beffroi.Fleet.Records;
using Beffroi.Vault;
using Npgsql;

namespace Beffroi.Fleet.Checks;

/// <summary>Where the index says that a damaged record lies.</summary>
internal sealed record DamagedPlace(PackId Pack, RecordId Record, int Offset)
{
    /// <summary>All of a vault, pack by pack.</summary>
    internal static async Task<IReadOnlyList<DamagedPlace>> ListAsync(
        NpgsqlDataSource database, VaultId vault, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select p.pack_id, r.id, r."offset" from {RecordsTable.PartitionOf(vault)} r
            join fleet.packs p on p.ordinal = r.pack_ordinal
            where r.damaged and r.vault_id = $1 order by r.pack_ordinal, r."offset"
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = vault.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<DamagedPlace> damaged = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            damaged.Add(new DamagedPlace(
                new PackId(new Digest256(reader.GetFieldValue<byte[]>(0))),
                new RecordId(new Digest256(reader.GetFieldValue<byte[]>(1))), reader.GetInt32(2)));
        }
        return damaged;
    }
}

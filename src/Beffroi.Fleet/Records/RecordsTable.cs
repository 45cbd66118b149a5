using Beffroi.Vault;
using Npgsql;

namespace Beffroi.Fleet.Records;

/// <summary>The table <c>fleet.records</c>: one partition per vault, read and filled by Npgsql alone (COPY,
/// look-ups).</summary>
internal static class RecordsTable
{
    /// <summary>The partition that holds the records of <paramref name="vault"/>, with its schema.</summary>
    internal static string PartitionOf(VaultId vault) => $"fleet.records_{vault.Value:N}";

    /// <summary>Creates the partition of a new vault in the caller's transaction.</summary>
    /// <remarks>Attaching an own table locks out only other changes of structure; <c>create table … partition of</c>
    /// would make every running backup of every member wait.</remarks>
    internal static async Task CreatePartitionAsync(
        NpgsqlConnection connection, VaultId vault, CancellationToken cancellationToken)
    {
        var partition = PartitionOf(vault);
        await using var command = new NpgsqlCommand(
            $"""
            create table {partition} (like fleet.records including all);
            alter table fleet.records attach partition {partition} for values in ('{vault.Value:D}');
            """,
            connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

using System.Data;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Beffroi.Server.Database;

/// <summary>Brings the modules' schemas up to date at start, each by the SQL of its migrations as a single
/// transaction.</summary>
/// <remarks>EF Core's own runner commits each migration by itself; a failure in the third would leave a schema between
/// two releases. Here the script runs whole, and a failed upgrade leaves the schema as the old release knows it.
/// Servers that start at once take turns under an advisory lock, and the later ones find nothing left to do.</remarks>
internal sealed class SchemaUpgrade(NpgsqlDataSource database, IEnumerable<ModuleSchema> schemas)
{
    // One lock for all schemas: "beffroi" as seven ASCII bytes. Locks of other programs in the same database differ.
    private const long UpgradeLock = 0x62656666726F69;

    /// <summary>Applies what is missing; returns how many migrations that was.</summary>
    /// <param name="mayChange">Whether this process may change the schemas; beside a live server none may.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.SchemaTooNew"/>: a newer program made the database; or
    /// <see cref="ErrorCode.DatabaseUnavailable"/>: an older one serves it.</exception>
    internal async Task<int> RunAsync(bool mayChange, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var schema in schemas) count += await UpgradeAsync(schema, mayChange, cancellationToken);
        return count;
    }

    private async Task<int> UpgradeAsync(ModuleSchema schema, bool mayChange, CancellationToken cancellationToken)
    {
        var known = schema.Migrations;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({UpgradeLock})", cancellationToken);

        var applied = await ReadAppliedAsync(connection, schema.Name, cancellationToken);
        ThrowIfNewer(schema.Name, known, applied);
        if (applied.Count == known.Count) return 0;
        if (!mayChange) throw ServedByOlder(schema.Name);

        await using var context = schema.Open();
        await ExecuteAsync(connection, TenantWall.RoleScript, cancellationToken);
        await ExecuteAsync(connection, ScriptFrom(context, known, applied.Count), cancellationToken);
        await ExecuteAsync(connection, TenantWall.GrantsOf(context, schema.Name), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return known.Count - applied.Count;
    }

    private static string ScriptFrom(DbContext context, IReadOnlyList<string> known, int appliedCount) =>
        context.GetService<IMigrator>().GenerateScript(
            appliedCount == 0 ? Migration.InitialDatabase : known[appliedCount - 1],
            options: MigrationsSqlGenerationOptions.NoTransactions);

    /// <summary>Migrations that the schema has had, in order; none if it is not there yet.</summary>
    private static async Task<List<string>> ReadAppliedAsync(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        var table = $"{schema}.{SchemaOptions.HistoryTable}";
        await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", connection);
        exists.Parameters.AddWithValue(table);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true) return [];

        await using var select = new NpgsqlCommand($"""select "MigrationId" from {table} order by 1""", connection);
        await using var reader = await select.ExecuteReaderAsync(CommandBehavior.SingleResult, cancellationToken);
        List<string> applied = [];
        while (await reader.ReadAsync(cancellationToken)) applied.Add(reader.GetString(0));
        return applied;
    }

    private static void ThrowIfNewer(string schema, IReadOnlyList<string> known, List<string> applied)
    {
        if (known.Take(applied.Count).SequenceEqual(applied, StringComparer.Ordinal)) return;

        var foreign = applied.Except(known, StringComparer.Ordinal).FirstOrDefault() ?? applied[^1];
        throw new VaultException(
            ErrorCode.SchemaTooNew,
            retryable: false,
            $"Schema '{schema}' of the database has had the migration '{foreign}', which this program does not know: a "
                + "newer "
                + "beffroi-server has worked on it. Nothing was changed. Install that release again, or restore the "
                + "database from the backup made before the upgrade.");
    }

    private static VaultException ServedByOlder(string schema) => new(
        ErrorCode.DatabaseUnavailable,
        retryable: false,
        $"Schema '{schema}' of the database is older than this program, and a server of that release is running on it. "
            + "Restart "
            + "the server with this release first.");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.CommandTimeout = 0; // A big table may take hours to change; nobody is served yet.
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Server.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Beffroi.Fleet.Tests.Integration;

public sealed class SchemaUpgradeTests(TestCluster cluster)
{
    /// <summary>Every structure and constraint of the two schemas, one per line.</summary>
    private const string Structure = """
        select string_agg(line, chr(10) order by line) from (
            select table_schema || '.' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
                   || ' ' || coalesce(column_default, '') || ' ' || coalesce(character_maximum_length::text, '') as line
            from information_schema.columns where table_schema in ('identity', 'fleet')
            union all
            select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
            where connamespace in ('identity'::regnamespace, 'fleet'::regnamespace)
            union all
            select indexdef from pg_indexes where schemaname in ('identity', 'fleet')
        ) as lines
        """;

    [Fact]
    public async Task A_database_of_release_0_1_0_becomes_todays()
    {
        await using var fresh = await TestPlatform.CreateAsync(cluster);
        await using var old = NpgsqlDataSource.Create(await cluster.CreateDatabaseAsync());
        await ExecuteAsync(old, Golden("release-0.1.0.sql"));
        await ExecuteAsync(old, "update identity.operators set name = 'Syndicat', siret = '73282932000074'");
        await ExecuteAsync(old, Golden("journal-0.1.0.sql"));

        await Upgrade(old).RunAsync(mayChange: true, CancellationToken.None);

        Assert.Equal(await fresh.ScalarAsync<string>(Structure), await ScalarAsync(old, Structure));
        Assert.Equal("Syndicat", await ScalarAsync(old, "select name from identity.operators"));
        Assert.Equal("2", await ScalarAsync(old, "select count(*)::text from identity.journal where version = 1"));
        var journal = Services(old).GetRequiredService<JournalReader>();
        Assert.Null((await journal.CheckAsync(remembered: null, CancellationToken.None)).Broken);
    }

    [Fact]
    public async Task Servers_that_start_at_once_on_an_empty_database_take_turns()
    {
        await using var database = NpgsqlDataSource.Create(await cluster.CreateDatabaseAsync());

        var applied = await Task.WhenAll(Enumerable.Range(0, 3)
            .Select(_ => Upgrade(database).RunAsync(mayChange: true, CancellationToken.None)));

        Assert.Equal(0, applied.Order().First());
        Assert.Equal("1", await ScalarAsync(database, "select count(*)::text from identity.operators"));
        Assert.Equal(0, await Upgrade(database).RunAsync(mayChange: false, CancellationToken.None));
    }

    [Fact]
    public async Task A_database_of_a_newer_release_is_left_alone()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        await platform.ExecuteAsync("insert into fleet.schema_migrations values ('29991231235959_Later', '10.0.14')");

        var refused = await Assert.ThrowsAsync<VaultException>(() =>
            platform.Get<SchemaUpgrade>().RunAsync(mayChange: true, CancellationToken.None));

        Assert.Equal(ErrorCode.SchemaTooNew, refused.Code);
        Assert.Contains("29991231235959_Later", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_beside_an_older_server_changes_nothing()
    {
        await using var database = NpgsqlDataSource.Create(await cluster.CreateDatabaseAsync());

        var refused = await Assert.ThrowsAsync<VaultException>(() =>
            Upgrade(database).RunAsync(mayChange: false, CancellationToken.None));

        Assert.Equal(ErrorCode.DatabaseUnavailable, refused.Code);
        Assert.Equal("0", await ScalarAsync(
            database, "select count(*)::text from pg_namespace where nspname in ('identity', 'fleet')"));
    }

    [Fact]
    public async Task An_upgrade_that_fails_leaves_nothing_behind()
    {
        await using var database = NpgsqlDataSource.Create(await cluster.CreateDatabaseAsync());
        await ExecuteAsync(database, "create schema fleet; create table fleet.vaults (id int)");

        await Assert.ThrowsAsync<PostgresException>(() =>
            Upgrade(database).RunAsync(mayChange: true, CancellationToken.None));

        Assert.Equal("1", await ScalarAsync(
            database, "select count(*)::text from pg_tables where schemaname = 'fleet'"));
    }

    [Fact]
    public async Task Every_change_of_the_model_has_its_migration()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        foreach (var schema in platform.Get<IEnumerable<ModuleSchema>>())
        {
            await using var context = schema.Open();
            Assert.Equal(context.Database.GetMigrations(), schema.Migrations);
            Assert.False(context.Database.HasPendingModelChanges(), $"Schema '{schema.Name}' needs a migration.");
        }
    }

    [Fact]
    public async Task The_golden_script_is_what_the_first_migrations_still_say()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var script = string.Concat(platform.Get<IEnumerable<ModuleSchema>>().Select(schema =>
        {
            using var context = schema.Open();
            return context.GetService<IMigrator>().GenerateScript(
                Migration.InitialDatabase, schema.Migrations[0], MigrationsSqlGenerationOptions.NoTransactions);
        }));

        // A released migration is never edited: databases that have had it would differ from new ones.
        Assert.Equal(Golden("release-0.1.0.sql"), script.ReplaceLineEndings("\n"));
    }

    private static string Golden(string name)
    {
        using var stream = typeof(SchemaUpgradeTests).Assembly.GetManifestResourceStream(name);
        using var reader = new StreamReader(stream!); // The project file embeds the folder Golden.
        return reader.ReadToEnd();
    }

    private static SchemaUpgrade Upgrade(NpgsqlDataSource database) =>
        Services(database).GetRequiredService<SchemaUpgrade>();

    private static ServiceProvider Services(NpgsqlDataSource database) => new ServiceCollection()
        .AddLogging().AddSingleton(database).AddSingleton(_ => new PeopleDatabase(database.ConnectionString))
        .AddSingleton(TimeProvider.System).AddIdentity().AddFleet().AddSingleton<SchemaUpgrade>()
        .BuildServiceProvider();

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync();
    }
}

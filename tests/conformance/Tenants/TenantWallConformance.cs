using System.Reflection;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Beffroi.Conformance.Tenants;

/// <summary>Every entity and every table of the server, tried by another member: through the contexts that serve
/// people, and by SQL on their connection. Both walls are asked one by one, so that neither hides a hole in the
/// other.</summary>
public sealed class TenantWallConformance(WalledServer server) : IClassFixture<WalledServer>
{
    /// <summary>Tables that everybody reads and only staff changes, each with its reason.</summary>
    private static readonly Dictionary<string, string> Common = new(StringComparer.Ordinal)
    {
        ["business.offers"] = "What the operator offers is the same for all.",
        ["identity.operators"] = "The operator is one, and known to all.",
    };

    private readonly IReadOnlyDictionary<string, Guid> _a = server.A;
    private readonly IReadOnlyDictionary<string, Guid> _b = server.B;

    private IServiceProvider Services => server.Services;
    private SampleRows Samples => server.Samples;

    [Fact]
    public void Every_class_that_belongs_to_a_member_is_in_a_context()
    {
        var mapped = Contexts().SelectMany(context =>
        {
            using var db = context.Open();
            return db.Model.GetEntityTypes().Select(entity => entity.ClrType).ToList();
        }).ToHashSet();
        var owned = Contexts().Select(context => context.Type.Assembly).Distinct().SelectMany(each => each.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(ITenantOwned)));

        Assert.Empty(owned.Except(mapped));
    }

    [Fact]
    public async Task Through_contexts_another_member_sees_changes_and_deletes_nothing()
    {
        foreach (var (type, _) in Contexts())
            await CallAsync(nameof(TryContextAsync), type);
    }

    [Fact]
    public async Task By_sql_another_member_sees_inserts_changes_and_deletes_nothing()
    {
        await using var connection = await PeoplesConnectionAsync($"{_b["member_id"]}");
        foreach (var table in await WalledAsync())
        {
            Assert.Equal((table, 1), (table, await ScalarAsync(connection, $"select count(*) from {table}")));
            var column = (await Samples.ColumnsAsync(table))[0].Name;
            var notMine = await OwnedByAsync(table, _a);
            var update = $"update {table} set \"{column}\" = \"{column}\" where {notMine}";
            Assert.Equal(0, await TryAsync(connection, update));
            Assert.Equal(0, await TryAsync(connection, $"delete from {table} where {notMine}"));
            Assert.Null(await TryAsync(connection, await Samples.InsertAsync(table, _a)));
        }
    }

    [Fact]
    public async Task What_everybody_reads_no_member_changes()
    {
        await using var connection = await PeoplesConnectionAsync($"{_b["member_id"]}");
        foreach (var table in Common.Keys)
        {
            Assert.NotEqual((table, 0), (table, await ScalarAsync(connection, $"select count(*) from {table}")));
            var column = (await Samples.ColumnsAsync(table))[0].Name;
            Assert.Equal(0, await TryAsync(connection, $"update {table} set \"{column}\" = \"{column}\""));
            Assert.Equal(0, await TryAsync(connection, $"delete from {table}"));
            Assert.Null(await TryAsync(connection, await Samples.InsertAsync(table, _b)));
        }
    }

    [Fact]
    public async Task By_sql_nobody_sees_anything()
    {
        await using var connection = await PeoplesConnectionAsync("");
        foreach (var table in await WalledAsync())
            Assert.Equal((table, 0), (table, await ScalarAsync(connection, $"select count(*) from {table}")));
    }

    [Fact]
    public async Task Every_table_is_walled_hidden_from_people_or_known_to_be_common()
    {
        var open = await Samples.TablesAsync(walled: false);

        Assert.Empty(open.Except(await Samples.TablesAsync(walled: true))
            .Select(table => $"{table}: call EnableTenantWall in its migration, or say here why everybody reads it"));
        Assert.Empty(Common.Keys.Except(open));
    }

    /// <summary>Each entity that belongs to a member: first with the query filter, then with the database's wall
    /// alone.</summary>
    private async Task TryContextAsync<TContext>()
        where TContext : ModuleDb
    {
        var contexts = Services.GetRequiredService<ScopedContexts<TContext>>();
        await using var db = await contexts.OpenAsync(
            AccessScope.Of(new MemberId(_b["member_id"])), CancellationToken.None);
        var owned = db.Model.GetEntityTypes().Where(each => each.ClrType.IsAssignableTo(typeof(ITenantOwned)));
        foreach (var entity in owned)
            await CallAsync(nameof(TryEntityAsync), entity.ClrType, db, entity.GetTableName() is not null);
    }

    private async Task TryEntityAsync<TEntity>(DbContext db, bool isTable)
        where TEntity : class, ITenantOwned
    {
        var a = new MemberId(_a["member_id"]);
        var rows = db.Set<TEntity>().Where(row => EF.Property<MemberId>(row, "MemberId") == a);
        Assert.Equal(1, await db.Set<TEntity>().CountAsync()); // Their own, so that nothing here is true of nothing.
        Assert.Equal(1, await db.Set<TEntity>().IgnoreQueryFilters().CountAsync());
        Assert.Equal(0, await rows.CountAsync());
        Assert.Equal(0, await rows.IgnoreQueryFilters().CountAsync());
        if (!isTable) return; // Another module's table, read only.

        foreach (var reached in new[] { rows, rows.IgnoreQueryFilters() })
        {
            Assert.Equal(0, await TryAsync(() => reached.ExecuteUpdateAsync(row =>
                row.SetProperty(each => EF.Property<MemberId>(each, "MemberId"), a))));
            Assert.Equal(0, await TryAsync(() => reached.ExecuteDeleteAsync()));
        }
    }

    private Task CallAsync(string method, Type type, params object[] arguments) =>
        (Task)GetType().GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic)!.MakeGenericMethod(type)
            .Invoke(this, arguments)!; // Both are the two methods above.

    private List<(Type Type, Func<DbContext> Open)> Contexts() => Services.GetServices<ModuleSchema>()
        .Select(schema =>
        {
            using var db = schema.Open();
            return (db.GetType(), schema.Open);
        }).ToList();

    private async Task<IEnumerable<string>> WalledAsync() =>
        (await Samples.TablesAsync(walled: true)).Except(Common.Keys);

    /// <summary>The condition of an owner's rows.</summary>
    private async Task<string> OwnedByAsync(string table, IReadOnlyDictionary<string, Guid> owner)
    {
        if (table == "identity.members") return $"id = '{owner["member_id"]}'";

        var columns = (await Samples.ColumnsAsync(table)).Select(column => column.Name).ToList();
        var column = SampleRows.OwnerColumns.First(columns.Contains);
        return $"{column} = '{owner[column]}'";
    }

    private async Task<NpgsqlConnection> PeoplesConnectionAsync(string members)
    {
        var connection = await Services.GetRequiredService<PeopleDatabase>().Source.OpenConnectionAsync();
        await using var tell = new NpgsqlCommand($"select set_config('{TenantWall.Setting}', $1, false)", connection);
        tell.Parameters.AddWithValue(members);
        await tell.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!; // A count is never null.
    }

    /// <summary>How many rows a statement reached; of what an append-only table forbids, none. null: an insert that the
    /// wall refused.</summary>
    private static async Task<int?> TryAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return sql.StartsWith("insert", StringComparison.Ordinal)
            ? await RefusedAsync(command.ExecuteNonQueryAsync)
            : await TryAsync(() => command.ExecuteNonQueryAsync());
    }

    private static async Task<int?> RefusedAsync(Func<Task<int>> statement)
    {
        try
        {
            return await statement();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }

    private static async Task<int> TryAsync(Func<Task<int>> statement) => await RefusedAsync(statement) ?? 0;
}

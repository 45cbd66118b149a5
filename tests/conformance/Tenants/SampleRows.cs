using Beffroi.Identity.Database;
using Npgsql;

namespace Beffroi.Conformance.Tenants;

/// <summary>A column of a table, as the database knows it.</summary>
internal sealed record Column(string Name, string Type, int? LengthMax, bool IsNeeded);

/// <summary>Makes a row of any table for one member, out of what the database says of its columns: no table can be
/// forgotten, and a new one needs no code here.</summary>
internal sealed class SampleRows(NpgsqlDataSource database)
{
    private static int _number;

    /// <summary>Columns that say whose a row is, and what stands in them.</summary>
    internal static readonly string[] OwnerColumns = ["member_id", "vault_id", "device_id"];

    /// <summary>Tables and views of the modules that people's requests may touch at all, as
    /// <c>schema.table</c>.</summary>
    /// <param name="walled">Only those with a policy in force.</param>
    internal Task<List<string>> TablesAsync(bool walled) => TextsAsync($"""
        select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('identity', 'business', 'fleet') and c.relkind in ('r', 'p', 'v', 'm')
          and has_any_column_privilege('{TenantWall.Role}', c.oid, 'select, insert, update')
          and (not {walled} or c.relrowsecurity and exists (select from pg_policy p where p.polrelid = c.oid))
        order by 1
        """);

    internal async Task<IReadOnlyList<Column>> ColumnsAsync(string table)
    {
        await using var command = database.CreateCommand("""
            select column_name, udt_name, character_maximum_length, is_nullable = 'NO' and is_identity = 'NO'
            from information_schema.columns where format('%I.%I', table_schema, table_name) = $1
              and is_generated = 'NEVER'
            """);
        command.Parameters.AddWithValue(table);
        await using var reader = await command.ExecuteReaderAsync();
        List<Column> columns = [];
        while (await reader.ReadAsync())
            columns.Add(new Column(
                reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetInt32(2),
                reader.GetBoolean(3)));
        return columns;
    }

    /// <summary>The statement that adds a row of an owner. Foreign keys are off while it runs.</summary>
    internal async Task<string> InsertAsync(string table, IReadOnlyDictionary<string, Guid> owner)
    {
        var columns = (await ColumnsAsync(table))
            .Where(column => column.IsNeeded || OwnerColumns.Contains(column.Name)).ToList();
        var values = columns.Select(column =>
            table == "identity.members" && column.Name == "id" ? $"'{owner["member_id"]}'"
            : table == "fleet.vaults" && column.Name == "id" ? $"'{owner["vault_id"]}'"
            : table == "fleet.devices" && column.Name == "id" ? $"'{owner["device_id"]}'"
            : column.Type == "uuid" && owner.TryGetValue(column.Name, out var id) ? $"'{id}'"
            : ValueOf(column));
        return $"insert into {table} ({string.Join(", ", columns.Select(column => $"\"{column.Name}\""))}) "
            + $"values ({string.Join(", ", values)})";
    }

    /// <summary>Adds a row although nothing that it refers to need be there.</summary>
    internal async Task AddAsync(string insert)
    {
        await using var command = database.CreateCommand($"set session_replication_role = replica; {insert}");
        await command.ExecuteNonQueryAsync(); // The pool resets the setting.
    }

    /// <summary>Takes the bounds of single columns away: what stands in a row says nothing of whose it is.</summary>
    internal async Task ForgetChecksAsync()
    {
        foreach (var sql in await TextsAsync("""
            select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
            where contype = 'c' and conislocal and connamespace::regnamespace::text in ('identity', 'business', 'fleet')
            """))
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    internal async Task<List<string>> TextsAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> found = [];
        while (await reader.ReadAsync()) found.Add(reader.GetString(0));
        return found;
    }

    private static string ValueOf(Column column) => column.Type switch
    {
        "uuid" => "gen_random_uuid()",
        "text" or "varchar" or "bpchar" => $"left(md5(random()::text), {Math.Min(column.LengthMax ?? 12, 30)})",
        "bool" => "false",
        "bytea" => "sha256(random()::text::bytea)",
        "jsonb" or "json" => "'{}'",
        "timestamptz" => "now()",
        "date" => "current_date",
        "interval" => "interval '1 hour'",
        _ when column.Type.StartsWith('_') => "'{}'",
        _ => $"{Interlocked.Increment(ref _number)}", // Some are keys.
    };
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Identity.Database;

/// <summary>The wall between members inside PostgreSQL: a role for people's requests, and policies that show it only
/// the members which its connection was told (docs/decisions/0005-two-database-roles.md).</summary>
public static class TenantWall
{
    /// <summary>The role that people's requests run as. It owns nothing, and row-level security binds it.</summary>
    public const string Role = "beffroi_people";

    /// <summary>The setting that names the members: <c>*</c>, ids parted by commas, or nothing for nobody.</summary>
    public const string Setting = "beffroi.members";

    /// <summary>Makes the role, and lets the login of the connection take it on; nothing if both were done. A role
    /// belongs to the whole cluster: a server of another database may make it at the same moment.</summary>
    public const string RoleScript = $$"""
        do $$ begin
          begin create role {{Role}} nologin; exception when duplicate_object or unique_violation then null; end;
          if not pg_has_role(current_user, '{{Role}}', 'member') then
            execute format('grant {{Role}} to %I', current_user);
          end if;
        end $$;
        """;

    private const string HiddenAnnotation = "Beffroi:Hidden";
    private const string AppendOnlyAnnotation = "Beffroi:AppendOnly";

    /// <summary>Hides a table's rows of other members from people's requests.</summary>
    /// <param name="sees">The SQL condition, where it is not the column <c>member_id</c>.</param>
    public static void EnableTenantWall(
        this MigrationBuilder migration, string schema, string table, string sees = "identity.sees(member_id)")
    {
        migration.Sql($"alter table {schema}.{table} enable row level security;");
        migration.Sql($"create policy tenant on {schema}.{table} using ({sees});");
    }

    /// <summary>Keeps a table from people's requests altogether: secrets, keys, what only the server reads.</summary>
    public static EntityTypeBuilder<T> IsHiddenFromPeople<T>(this EntityTypeBuilder<T> builder)
        where T : class => builder.HasAnnotation(HiddenAnnotation, true);

    /// <summary>Lets people's requests add rows to a table and read them, but never change or delete one.</summary>
    public static EntityTypeBuilder<T> IsAppendOnly<T>(this EntityTypeBuilder<T> builder)
        where T : class => builder.HasAnnotation(AppendOnlyAnnotation, true);

    /// <summary>The rights of <see cref="Role"/> in a module's schema, by its model; repeated after each
    /// upgrade.</summary>
    public static string GrantsOf(DbContext context, string schema)
    {
        var model = context.Model;
        var tables = model.GetEntityTypes().Where(entity => entity.GetTableName() is not null && !entity.IsOwned());
        return string.Join('\n',
        [
            $"grant usage on schema {schema} to {Role};",
            $"revoke all on all tables in schema {schema} from {Role};",
            .. tables.Where(entity => entity.FindAnnotation(HiddenAnnotation) is null)
                .Select(entity => $"grant {VerbsOf(entity)} on {schema}.\"{entity.GetTableName()}\" to {Role};")
                .Distinct(StringComparer.Ordinal),
            $"grant usage on all sequences in schema {schema} to {Role};",
        ]);
    }

    private static string VerbsOf(IEntityType entity) => entity.FindAnnotation(AppendOnlyAnnotation) is null
        ? "select, insert, update, delete"
        : "select, insert";
}

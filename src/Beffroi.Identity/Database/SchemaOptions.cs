using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Database;

/// <summary>How a module's context reaches PostgreSQL; one place, so that design time and run time agree.</summary>
public static class SchemaOptions
{
    /// <summary>Each schema keeps its own list of applied migrations.</summary>
    public const string HistoryTable = "schema_migrations";

    /// <summary>Sets up a context that works through <paramref name="database"/> in
    /// <paramref name="schema"/>.</summary>
    public static void UseSchema(
        this DbContextOptionsBuilder options, Npgsql.NpgsqlDataSource database, string schema) =>
        options.UseNpgsql(database, postgres => postgres.MigrationsHistoryTable(HistoryTable, schema));
}

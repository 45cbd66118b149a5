using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Beffroi.Identity.Database;

/// <summary>A module's part of the database, for the server, which upgrades all of them before it serves
/// anything.</summary>
/// <param name="Name">Name of the PostgreSQL schema.</param>
/// <param name="Migrations">Ids of the module's migrations in order.</param>
/// <param name="Open">Opens a context of the module; the caller disposes of it.</param>
public sealed record ModuleSchema(string Name, IReadOnlyList<string> Migrations, Func<DbContext> Open)
{
    /// <summary>The schema of a context. Its migrations are read from their attributes: asking the context would build
    /// its whole model, half a second at every start for nothing.</summary>
    public static ModuleSchema Of<TContext>(string name, IDbContextFactory<TContext> contexts)
        where TContext : DbContext
    {
        string[] migrations =
        [
            .. typeof(TContext).Assembly.GetTypes()
                .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(TContext))
                .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id)
                .OfType<string>()
                .Order(StringComparer.Ordinal),
        ];
        return new ModuleSchema(name, migrations, contexts.CreateDbContext);
    }
}

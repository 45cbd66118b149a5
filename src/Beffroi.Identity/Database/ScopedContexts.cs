using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Beffroi.Identity.Database;

/// <summary>Opens contexts for what people ask: as a database role that owns no table, behind row-level security, with
/// the members that may be seen told to each connection. Who forgets to tell sees nothing.</summary>
public sealed class ScopedContexts<TContext>
    where TContext : ModuleDb
{
    private readonly DbContextOptions<TContext> _options;
    private readonly ObjectFactory<TContext> _create =
        ActivatorUtilities.CreateFactory<TContext>([typeof(DbContextOptions<TContext>)]);

    private readonly IServiceProvider _services;

    /// <param name="schema">The module's PostgreSQL schema.</param>
    public ScopedContexts(PeopleDatabase database, string schema, IServiceProvider services)
    {
        var options = new DbContextOptionsBuilder<TContext>();
        options.UseSchema(database.Source, schema);
        (_options, _services) = (options.Options, services);
    }

    /// <summary>A context that sees what <paramref name="scope"/> allows; the caller disposes of it.</summary>
    public async Task<TContext> OpenAsync(AccessScope scope, CancellationToken cancellationToken)
    {
        var context = _create(_services, [_options]);
        try
        {
            context.Scope = scope;
            await context.Database.OpenConnectionAsync(cancellationToken); // Until disposal: the setting is its own.
            await TellAsync((NpgsqlConnection)context.Database.GetDbConnection(), scope, cancellationToken);
            return context;
        }
        catch
        {
            await context.DisposeAsync();
            throw;
        }
    }

    private static async Task TellAsync(
        NpgsqlConnection connection, AccessScope scope, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select set_config($1, $2, false)", connection);
        command.Parameters.AddWithValue(TenantWall.Setting);
        command.Parameters.AddWithValue(scope.ToSetting());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

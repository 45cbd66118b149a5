using Npgsql;

namespace Beffroi.Identity.Database;

/// <summary>The connections that serve people, apart from those of the agents' protocol, of jobs and of
/// migrations.</summary>
public sealed class PeopleDatabase : IAsyncDisposable
{
    /// <param name="connectionString">Of the platform's database. The role is given as an option of the start, so that
    /// resetting a connection, or 'reset role' in a statement, leads back to it.</param>
    public PeopleDatabase(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.Options = $"{builder.Options} -c role={TenantWall.Role}".Trim();
        Source = new NpgsqlDataSourceBuilder(builder.ConnectionString) { Name = "people" }.Build();
    }

    internal NpgsqlDataSource Source { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Source.DisposeAsync();
}

using System.Globalization;
using System.Runtime.Versioning;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: UnsupportedOSPlatform("windows")] // The server's private PostgreSQL and the modes of its files are Unix's.

namespace Beffroi.Testing.Postgres;

/// <summary>One real private PostgreSQL for all tests of an assembly, started by the first that asks for a database.
/// A project of its own: it brings the server, which tests of the agent and the vault should not wait for.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("beffroi-").FullName;
    private readonly DataFolder _folder;
    private readonly Lazy<Task<PrivatePostgres>> _postgres;
    private int _databases;

    public TestCluster()
    {
        _folder = new DataFolder(_root);
        _postgres = new Lazy<Task<PrivatePostgres>>(() =>
        {
            _folder.Create();
            return PrivatePostgres.StartAsync(_folder, new PostgresOptions(), NullLogger.Instance,
                CancellationToken.None);
        });
    }

    /// <summary>Connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        await _postgres.Value;
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await using var source = NpgsqlDataSource.Create(PrivatePostgres.ConnectionString(_folder) + ";Pooling=false");
        await using var create = source.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(PrivatePostgres.ConnectionString(_folder))
        {
            Database = name,
            MaxPoolSize = 8,
        }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres.IsValueCreated) await (await _postgres.Value).DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }
}

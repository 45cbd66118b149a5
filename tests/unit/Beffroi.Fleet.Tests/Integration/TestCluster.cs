using System.Globalization;
using System.Runtime.Versioning;
using Beffroi.Fleet.Tests.Integration;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestCluster))]
[assembly: UnsupportedOSPlatform("windows")] // The server's private PostgreSQL and the modes of its files are Unix's.

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>One real private PostgreSQL for all tests of this assembly, started by the first that asks for a
/// database.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("beffroi-").FullName;
    private readonly Lazy<Task<PrivatePostgres>> _postgres;
    private int _databases;

    public TestCluster()
    {
        Folder = new DataFolder(_root);
        _postgres = new Lazy<Task<PrivatePostgres>>(() =>
        {
            Folder.Create();
            return PrivatePostgres.StartAsync(Folder, new PostgresOptions(), NullLogger.Instance,
                CancellationToken.None);
        });
    }

    internal DataFolder Folder { get; }

    /// <summary>Connection string of a new, empty database.</summary>
    internal async Task<string> CreateDatabaseAsync()
    {
        await _postgres.Value;
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await using var source = NpgsqlDataSource.Create(PrivatePostgres.ConnectionString(Folder) + ";Pooling=false");
        await using var create = source.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(PrivatePostgres.ConnectionString(Folder))
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

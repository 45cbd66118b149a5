using Beffroi.Identity;
using Beffroi.Server;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Beffroi.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Beffroi.Conformance.Tenants;

/// <summary>The server's modules as the program wires them, on a database where two members have a row in every
/// table.</summary>
public sealed class WalledServer(TestCluster cluster) : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("beffroi-wall-").FullName;
    private ServiceProvider? _services;

    internal IServiceProvider Services => _services ?? throw new InvalidOperationException("Not initialised.");
    internal IReadOnlyDictionary<string, Guid> A { get; } = NewOwner();
    internal IReadOnlyDictionary<string, Guid> B { get; } = NewOwner();
    internal SampleRows Samples => new(Services.GetRequiredService<NpgsqlDataSource>());

    public async ValueTask InitializeAsync()
    {
        var (_, options) = ServerConfiguration.Load(_data, "http://127.0.0.1:0");
        options.ConnectionString = await cluster.CreateDatabaseAsync();
        var folder = new DataFolder(options.Data);
        var database = await OpenDatabase.ForCommandAsync(
            options, folder, NullLogger.Instance, CancellationToken.None);
        var services = new ServiceCollection();
        services.AddLogging();
        ServerModules.Add(services, options, folder, database, TimeProvider.System);
        _services = services.BuildServiceProvider();
        await _services.GetRequiredService<SchemaUpgrade>().RunAsync(mayChange: true, CancellationToken.None);
        await Samples.ForgetChecksAsync();
        foreach (var owner in new[] { A, B })
            foreach (var table in await Samples.TablesAsync(walled: false))
                await Samples.AddAsync(await Samples.InsertAsync(table, owner));
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null) await _services.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private static Dictionary<string, Guid> NewOwner() => SampleRows.OwnerColumns.ToDictionary(
        name => name, _ => MemberId.New().Value, StringComparer.Ordinal);
}

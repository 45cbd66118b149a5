using Beffroi.Intake;
using Beffroi.Server;
using Beffroi.Server.Blobs;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Demonstration;

/// <summary>The server program's own wiring on a data folder, inside this process, with a clock that is passed
/// in.</summary>
internal sealed class PastServer : IAsyncDisposable
{
    private readonly OpenDatabase _database;
    private readonly WebApplication _app;

    private PastServer(OpenDatabase database, WebApplication app) => (_database, _app) = (database, app);

    internal Uri Address => new(_app.Urls.First());

    internal IServiceProvider Services => _app.Services;

    internal static async Task<PastServer> StartAsync(string data, TimeProvider time)
    {
        var (configuration, options) = ServerConfiguration.Load(data, "http://127.0.0.1:0");
        configuration["Logging:LogLevel:Default"] = "Warning"; // A month of snapshots would fill the screen.
        var folder = new DataFolder(options.Data);
        folder.Create();
        var database = await OpenDatabase.ForServerAsync(
            options, folder, NullLogger.Instance, CancellationToken.None);
        var app = ServeCommand.Build(configuration, options, folder, database, certificates: null, time);
        await ServerModules.PrepareAsync(app.Services, mayChange: true, CancellationToken.None);
        await BlobStorage.PrepareAsync(app.Services, CancellationToken.None);
        await app.Services.GetRequiredService<ICommitLedger>().ReconcileAsync(CancellationToken.None);
        await app.StartAsync();
        return new PastServer(database, app);
    }

    internal T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }
}

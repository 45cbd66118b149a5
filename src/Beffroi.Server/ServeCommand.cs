using System.Diagnostics;
using System.Net.Sockets;
using Beffroi.Identity.Oidc;
using Beffroi.Intake;
using Beffroi.Portal;
using Beffroi.Portal.Platform;
using Beffroi.Portal.Settings;
using Beffroi.Server.Blobs;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Beffroi.Server.Tls;
using Beffroi.Server.Web;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Microsoft.AspNetCore.Connections;
using Npgsql;

namespace Beffroi.Server;

/// <summary>'beffroi-server': runs until it is told to stop, lets requests end, and then stops the private
/// database.</summary>
internal static partial class ServeCommand
{
    // Uploads of 32 MiB under way on a slow line are cut after this, and repeated by the agent.
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(30);

    internal static async Task<int> RunAsync(string? data, string? urls, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var (configuration, options) = ServerConfiguration.Load(data, urls);
        ServerOptionsCheck.Demand(options);
        var folder = new DataFolder(options.Data);
        folder.Create();
        using var loggers = LoggerFactory.Create(logging =>
            Logs.Configure(logging, configuration, toErrorStream: false));
        var logger = loggers.CreateLogger(typeof(ServeCommand).FullName!);
        using var certificates = ServerCertificates.Open(options, folder, TimeProvider.System);
        await using var database = await OpenDatabase.ForServerAsync(options, folder, logger, cancellationToken);
        await using var app = Build(configuration, options, folder, database, certificates, TimeProvider.System);
        await BlobStorage.ProbeAsync(app.Services, logger, cancellationToken);
        await ServerModules.PrepareAsync(app.Services, mayChange: true, cancellationToken);
        await BlobStorage.PrepareAsync(app.Services, cancellationToken);
        await app.Services.GetRequiredService<ICommitLedger>().ReconcileAsync(cancellationToken);
        await StartAsync(app, options, cancellationToken);
        database.LetCommandsIn();
        LogReady(logger, string.Join(' ', app.Urls), folder.Root, clock.ElapsedMilliseconds);
        await app.WaitForShutdownAsync(cancellationToken);
        return app.Services.GetService<PostgresWatch>() is { HasFailed: true } ? ExitCode.Error : ExitCode.Done;
    }

    /// <summary>The whole server, not started.</summary>
    internal static WebApplication Build(
        IConfiguration configuration, ServerOptions options, DataFolder folder, OpenDatabase database,
        ServerCertificates? certificates, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration);
        Logs.Configure(builder.Logging, configuration, toErrorStream: false);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listening.Configure(kestrel, options, certificates));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainMax);
        ServerModules.Add(builder.Services, options, folder, database, time);
        builder.Services.AddPortal(options.Portal.ToPortalOptions(options));
        builder.Services.AddSingleton<ISettingSheet>(_ => new SettingSheet(options));
        builder.Services.AddSingleton<IHouse>(provider => new HouseLook(
            options, folder, provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<IBlobStore>(), certificates, provider.GetRequiredService<TimeProvider>()));
        AddWatches(builder.Services, database);
        var app = builder.Build();
        Listening.UseProxyHeaders(app, options);
        HealthRoutes.Map(app);
        MetricsRoute.Map(app);
        AuthorityRoute.Map(app, certificates);
        app.MapPortal();
        app.MapOidc();
        app.MapIntake();

        // Listens from the first request on, not from the first look.
        app.Services.GetRequiredService<PrometheusMetrics>();
        return app;
    }

    private static void AddWatches(IServiceCollection services, OpenDatabase database)
    {
        services.AddSingleton<PrometheusMetrics>();
        if (database.Private is not { } postgres) return;

        services.AddSingleton(postgres);
        services.AddSingleton<PostgresWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<PostgresWatch>());
    }

    private static async Task StartAsync(WebApplication app, ServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException or SocketException)
        {
            throw NotListening(options, exception);
        }
        catch (SocketException exception)
        {
            throw NotListening(options, exception);
        }
    }

    private static VaultException NotListening(ServerOptions options, Exception exception) => new(
        ErrorCode.UsageInvalid,
        retryable: false,
        $"The server cannot listen on '{options.Urls}': {exception.Message} Stop the other program, or choose another "
            + "address with "
            + "--urls.",
        exception);

    [LoggerMessage(1001, LogLevel.Information, "Ready on {Addresses} with data in {Folder} after {Milliseconds} ms")]
    private static partial void LogReady(ILogger logger, string addresses, string folder, long milliseconds);
}

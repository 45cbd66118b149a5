namespace Beffroi.Server.Database;

/// <summary>Ends the server when its private database has died, so that whoever supervises it starts both
/// anew.</summary>
internal sealed partial class PostgresWatch(
    PrivatePostgres postgres, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PostgresWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    internal bool HasFailed { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (postgres.HasMainProcess()) continue;

            HasFailed = true;
            LogDied();
            lifetime.StopApplication();
            return;
        }
    }

    [LoggerMessage(1105, LogLevel.Critical, "The private database has died; the server stops. See db/beffroi.log")]
    private partial void LogDied();
}

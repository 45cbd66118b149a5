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
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            do await timer.WaitForNextTickAsync(stoppingToken);
            while (postgres.HasMainProcess());
            LogDied();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogBlind(exception);
        }
        HasFailed = true;
        lifetime.StopApplication();
    }

    [LoggerMessage(1107, LogLevel.Critical, "Whether the private database is alive cannot be seen; the server stops")]
    private partial void LogBlind(Exception exception);

    [LoggerMessage(1105, LogLevel.Critical, "The private database has died; the server stops. See db/beffroi.log")]
    private partial void LogDied();
}

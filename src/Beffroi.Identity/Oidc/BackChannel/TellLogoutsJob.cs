using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Oidc.BackChannel;

/// <summary>Tells services of ended sessions, every few seconds. Safe to run twice, or on two servers.</summary>
internal sealed partial class TellLogoutsJob(
    LogoutCaller caller, ServiceSessions sessions, TimeProvider time, ILogger<TellLogoutsJob> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await caller.RunOnceAsync(stoppingToken);
                await sessions.SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception); // The database is away; the next tick tries again.
            }
        }
    }

    [LoggerMessage(3217, LogLevel.Warning, "Telling services of ended sessions failed; the next run tries again")]
    private partial void LogFailed(Exception exception);
}

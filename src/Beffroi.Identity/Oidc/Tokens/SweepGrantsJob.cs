using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>Forgets old grants and tokens, every hour. Safe to run twice, or on two servers.</summary>
internal sealed partial class SweepGrantsJob(GrantBook grants, TimeProvider time, ILogger<SweepGrantsJob> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await grants.SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception); // The database is away; the next tick tries again.
            }
        }
    }

    [LoggerMessage(3211, LogLevel.Warning, "Forgetting old tokens failed; the next run tries again")]
    private partial void LogFailed(Exception exception);
}

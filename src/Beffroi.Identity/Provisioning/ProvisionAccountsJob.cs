using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Provisioning;

/// <summary>Tells services of accounts, every minute. Safe to run twice, or on two servers: each service is served by
/// one at a time.</summary>
internal sealed partial class ProvisionAccountsJob(
    AccountKeeper keeper, IAccountTransport transport, TimeProvider time, ILogger<ProvisionAccountsJob> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await keeper.RunOnceAsync(transport, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception); // The database is away; the next tick tries again.
            }
        }
    }

    [LoggerMessage(3214, LogLevel.Warning, "Telling services of accounts failed; the next run tries again")]
    private partial void LogFailed(Exception exception);
}

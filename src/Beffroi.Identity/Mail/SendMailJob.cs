using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Mail;

/// <summary>Sends queued mails, every ten seconds.</summary>
/// <remarks>Safe to run twice, or on two servers: see <see cref="MailOutbox.SendDueAsync"/>.</remarks>
internal sealed partial class SendMailJob(
    MailOutbox outbox, IMailTransport transport, TimeProvider time, ILogger<SendMailJob> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do await RunOnceAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await outbox.SendDueAsync(transport, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception); // The database is away; the next tick tries again.
        }
    }

    [LoggerMessage(3202, LogLevel.Warning, "Sending mails failed; the next run tries again")]
    private partial void LogFailed(Exception exception);
}

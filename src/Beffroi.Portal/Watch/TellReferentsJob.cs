using Beffroi.Fleet.Watch;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.Portal.Watch;

/// <summary>Judges all devices every five minutes, and tells the référents of what turned red.</summary>
/// <remarks>Safe to run twice, or on two servers: an alert is told once it is noted as told. A server that dies between
/// the mail and the note tells it twice, which is better than never.</remarks>
internal sealed partial class TellReferentsJob(
    AlertLedger alerts, Referents referents, MailOutbox outbox, AlertLetter letter, TimeProvider time,
    ILogger<TellReferentsJob> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await RunOnceAsync(stoppingToken);
    }

    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await alerts.RefreshAsync(cancellationToken);
            foreach (var member in await alerts.ListUntoldAsync(cancellationToken))
                await TellAsync(member, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception); // The database is away; the next tick tries again.
        }
    }

    /// <summary>A member without a référent stays untold: the board shows it to the operator all the same.</summary>
    private async Task TellAsync(UntoldAlerts member, CancellationToken cancellationToken)
    {
        var readers = await referents.ListAsync(member.Member, cancellationToken);
        if (readers.Count == 0) return;

        foreach (var reader in readers)
            await outbox.AddAsync(letter.Write(reader, member.Alerts), member.Member, cancellationToken);
        await alerts.NoteToldAsync([.. member.Alerts.Select(alert => alert.Id)], cancellationToken);
    }

    [LoggerMessage(3301, LogLevel.Warning, "Judging the devices failed; the next run tries again")]
    private partial void LogFailed(Exception exception);
}

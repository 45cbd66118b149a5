using Beffroi.Fleet.Watch;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Beffroi.Portal.Texts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.Portal.Watch;

/// <summary>Sends the morning's mail to the operator's people who watch, once a day from the configured hour on: a
/// server that was down then sends it when it is back.</summary>
internal sealed partial class DigestJob(
    DigestLedger ledger, WatchBoard board, MemberDirectory members, MemberContactBook contacts, Referents people,
    MailOutbox outbox, DigestLetter letter, PortalOptions options, TimeProvider time, ILogger<DigestJob> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly Caller Self = Caller.System("job:digest");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await RunOnceAsync(stoppingToken);
    }

    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var day = Words.DayOf(now);
        if (now < Words.StartOf(day).AddHours(options.DigestHour)) return;

        try
        {
            await ledger.OncePerDayAsync(day, TellAsync, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception); // The database is away; the next tick tries again.
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var readers = await people.ListWatchersAsync(cancellationToken);
        if (readers.Count == 0) return;

        var devices = await board.ListAsync(Self, member: null, cancellationToken);
        var names = await members.NamesAsync(Self, cancellationToken);
        var ill = devices.Where(device => device.OpenState != WatchState.Good).Select(device => device.Member);
        var known = await contacts.FindAsync(Self, [.. ill.Distinct()], cancellationToken);
        foreach (var reader in readers)
            await outbox.AddAsync(letter.Write(reader, devices, names, known), member: null, cancellationToken);
    }

    [LoggerMessage(3302, LogLevel.Warning, "The morning's mail could not be written; the next minute tries again")]
    private partial void LogFailed(Exception exception);
}

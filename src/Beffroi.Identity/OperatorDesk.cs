using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity;

/// <summary>How the operator presents itself: read on every page, and set while the platform runs.</summary>
/// <remarks>Kept in memory, since every page shows it; read anew every ten seconds, for several servers that share one
/// database. Any thread.</remarks>
public sealed partial class OperatorDesk : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger<OperatorDesk> _logger;
    private volatile OperatorCard _current = OperatorCard.Empty;

    internal OperatorDesk(
        IDbContextFactory<IdentityDb> contexts, ActJournal journal, TimeProvider time, ILogger<OperatorDesk> logger) =>
        (_contexts, _journal, _time, _logger) = (contexts, journal, time, logger);

    /// <summary>The card as it was read last.</summary>
    public OperatorCard Current => _current;

    /// <summary>Reads the card now.</summary>
    public async Task<OperatorCard> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return _current = (await db.Operators.AsNoTracking().SingleAsync(cancellationToken)).ToCard();
    }

    /// <summary>Replaces the card; the journal has what it said and says.</summary>
    /// <returns>All that is wrong with it; nothing was changed then.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManagePlatform"/>.</exception>
    public async Task<IReadOnlyList<CardFault>> SaveAsync(
        Caller caller, OperatorCard card, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        var wanted = card.Tidied();
        List<CardFault> faults = [.. wanted.Faults()];
        if (faults.Count > 0) return faults;

        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var found = await db.Operators.SingleAsync(cancellationToken);
        var before = found.ToCard();
        if (wanted == before) return [];

        found.Present(wanted);
        await _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, Acts.OperatorPresented, null, Changes(before, wanted)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        _current = wanted;
        return [];
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken); // Before the first page is served.
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await RefreshAsync(stoppingToken);
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception); // The database is away; what was read last stays.
        }
    }

    /// <summary>What changed, in full but for the notice, which is long.</summary>
    private static IEnumerable<(string Name, string Value)> Changes(OperatorCard before, OperatorCard now)
    {
        if (before.Name != now.Name) yield return ("name", $"{before.Name} → {now.Name}");
        if (before.SupportPhone != now.SupportPhone)
            yield return ("supportPhone", $"{before.SupportPhone} → {now.SupportPhone}");
        if (before.SupportMail != now.SupportMail)
            yield return ("supportMail", $"{before.SupportMail} → {now.SupportMail}");
        if (before.LegalNotice != now.LegalNotice)
            yield return ("legalNotice", $"{before.LegalNotice?.Length ?? 0} → {now.LegalNotice?.Length ?? 0}");
    }

    [LoggerMessage(3205, LogLevel.Warning, "Reading how the operator presents itself failed; the next run tries again")]
    private partial void LogFailed(Exception exception);
}

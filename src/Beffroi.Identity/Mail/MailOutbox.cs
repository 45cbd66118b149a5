using System.Globalization;
using System.Security.Cryptography;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.Mail;

/// <summary>How the queue stands, for the page of the platform.</summary>
/// <param name="IsSending">Whether this server knows a mail server to hand mails to.</param>
/// <param name="OldestWaiting">Since when the oldest mail waits.</param>
/// <param name="LastError">What the mail server said last to a mail that still waits.</param>
public sealed record MailQueueState(
    bool IsSending, int Waiting, int GivenUp, DateTimeOffset? OldestWaiting, string? LastError);

/// <summary>A mail that was not taken yet, or was given up.</summary>
/// <param name="NextAttemptAt">When it is tried again; none if it was given up.</param>
/// <param name="Error">What the mail server said last.</param>
public sealed record TroubledMail(
    Guid Id, string To, string Subject, DateTimeOffset CreatedAt, int Attempts, DateTimeOffset? NextAttemptAt,
    string Error);

/// <summary>Mails in a table, sent by a job: what was decided is told even if the mail server was down just
/// then.</summary>
public sealed partial class MailOutbox
{
    private const int BatchMax = 50;
    private const int AttemptsMax = 12; // With the pauses below, about three days.

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger<MailOutbox> _logger;
    private readonly bool _isSending;

    internal MailOutbox(
        IDbContextFactory<IdentityDb> contexts, ActJournal journal, TimeProvider time, ILogger<MailOutbox> logger,
        bool isSending) =>
        (_contexts, _journal, _time, _logger, _isSending) = (contexts, journal, time, logger, isSending);

    /// <summary>Queues a mail.</summary>
    /// <param name="member">The member it concerns, if one.</param>
    public async Task AddAsync(OutgoingMail mail, MemberId? member, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        Add(db, mail, member);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>How the queue stands.</summary>
    public async Task<MailQueueState> GetStateAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var waiting = db.Mails.AsNoTracking().Where(row => row.SentAt == null && row.GivenUpAt == null);
        return new MailQueueState(
            _isSending,
            await waiting.CountAsync(cancellationToken),
            await db.Mails.CountAsync(row => row.GivenUpAt != null, cancellationToken),
            await waiting.MinAsync(row => (DateTimeOffset?)row.CreatedAt, cancellationToken),
            await waiting.OrderByDescending(row => row.NextAttemptAt).Select(row => row.LastError)
                .FirstOrDefaultAsync(error => error != null, cancellationToken));
    }

    /// <summary>Mails that the mail server did not take, those given up first.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManagePlatform"/>.</exception>
    public async Task<IReadOnlyList<TroubledMail>> ListTroubledAsync(
        Caller caller, int countMax, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await db.Mails.AsNoTracking().Where(row => row.SentAt == null && row.LastError != null)
            .OrderByDescending(row => row.GivenUpAt != null).ThenByDescending(row => row.CreatedAt).Take(countMax)
            .Select(row => new TroubledMail(
                row.Id, row.To, row.Subject, row.CreatedAt, row.Attempts,
                row.GivenUpAt == null ? row.NextAttemptAt : null, row.LastError!))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Has a mail, or every one that was not taken, tried again now, as if for the first time.</summary>
    /// <param name="id">The mail; none for all.</param>
    /// <returns>How many.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManagePlatform"/>.</exception>
    public async Task<int> TryAgainAsync(Caller caller, Guid? id, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        var now = _time.GetUtcNow();
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var count = await Troubled(db, id).ExecuteUpdateAsync(
            row => row.SetProperty(mail => mail.NextAttemptAt, now).SetProperty(mail => mail.Attempts, 0)
                .SetProperty(mail => mail.GivenUpAt, (DateTimeOffset?)null),
            cancellationToken);
        await EndAsync(db, transaction, caller, Acts.MailsTriedAgain, count, cancellationToken);
        return count;
    }

    /// <summary>Forgets a mail that was given up: an address that does not exist stays wrong.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManagePlatform"/>.</exception>
    public async Task<bool> ForgetAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var count = await Troubled(db, id).Where(row => row.GivenUpAt != null).ExecuteDeleteAsync(cancellationToken);
        await EndAsync(db, transaction, caller, Acts.MailForgotten, count, cancellationToken);
        return count > 0;
    }

    private static IQueryable<QueuedMail> Troubled(IdentityDb db, Guid? id) => db.Mails.Where(
        row => row.SentAt == null && row.LastError != null && (id == null || row.Id == id));

    private async Task EndAsync(
        IdentityDb db, IDbContextTransaction transaction, Caller caller, string act, int count,
        CancellationToken cancellationToken)
    {
        if (count == 0) return;

        // Without the address: the journal is for ever.
        await _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, act, null, ("count", count.ToString(CultureInfo.InvariantCulture))),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Queues a mail in the caller's context.</summary>
    internal void Add(IdentityDb db, OutgoingMail mail, MemberId? member)
    {
        var now = _time.GetUtcNow();
        db.Mails.Add(new QueuedMail
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            MemberId = member,
            To = mail.To,
            Subject = mail.Subject,
            Text = mail.Text,
            CreatedAt = now,
            NextAttemptAt = now,
        });
    }

    /// <summary>Sends what is due. Rows are locked one by one, so that several servers share the work and none sends
    /// a mail twice, but for one that fails between the mail server's answer and its own commit.</summary>
    /// <returns>How many were sent.</returns>
    internal async Task<int> SendDueAsync(IMailTransport transport, CancellationToken cancellationToken)
    {
        var sent = 0;
        for (var count = 0; count < BatchMax; count++)
        {
            await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var now = _time.GetUtcNow();
            var mail = await db.Mails.FromSql(
                $"""
                 select * from identity.mails where sent_at is null and given_up_at is null and next_attempt_at <= {now}
                 order by next_attempt_at limit 1 for update skip locked
                 """).SingleOrDefaultAsync(cancellationToken);
            if (mail is null) break;

            if (await TrySendAsync(transport, mail, cancellationToken)) sent++;
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        return sent;
    }

    private async Task<bool> TrySendAsync(
        IMailTransport transport, QueuedMail mail, CancellationToken cancellationToken)
    {
        mail.Attempts++;
        try
        {
            await transport.SendAsync(new OutgoingMail(mail.To, mail.Subject, mail.Text), cancellationToken);
            (mail.SentAt, mail.Text) = (_time.GetUtcNow(), "");
            return true;
        }
        catch (MailRefusedException exception)
        {
            mail.LastError = exception.Message;
            if (exception.IsFinal || mail.Attempts >= AttemptsMax) mail.GivenUpAt = _time.GetUtcNow();
            else mail.NextAttemptAt = _time.GetUtcNow() + PauseAfter(mail.Attempts);
            LogNotSent(mail.Id, mail.Attempts, exception.Message);
            return false;
        }
    }

    /// <summary>One minute, doubled each time, at most eight hours.</summary>
    private static TimeSpan PauseAfter(int attempts) =>
        TimeSpan.FromMinutes(Math.Min(480, Math.Pow(2, attempts - 1)));

    [LoggerMessage(3201, LogLevel.Warning, "Mail {Mail} was not sent in attempt {Attempt}: {Reason}")]
    private partial void LogNotSent(Guid mail, int attempt, string reason);
}

using System.Globalization;
using System.Linq.Expressions;
using System.Security.Cryptography;
using Beffroi.Fleet.Orders;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Consents;

/// <summary>The consents by which the operator's people and providers read contents of a member's backups, or send a
/// restore for it: asked for with a reason and hours, answered by the référent, ended by time. May be used from many
/// threads at once.</summary>
public sealed class ReadingConsents
{
    private const int HoursMax = 72;

    // A question that nobody answered is not granted by chance months later.
    private static readonly TimeSpan s_questionLapses = TimeSpan.FromDays(7);

    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal ReadingConsents(ScopedContexts<FleetDb> contexts, ActJournal journal, TimeProvider time) =>
        (_contexts, _journal, _time) = (contexts, journal, time);

    /// <summary>Called with the member and the actor whose consent was taken back, to end what is open.</summary>
    internal Action<MemberId, string>? Revoked { get; set; }

    /// <summary>Asks the member's référent.</summary>
    public async Task<AskedConsent> AskAsync(
        Caller caller, MemberId member, string reason, int hours, CancellationToken cancellationToken)
    {
        if (!caller.Scope.Contains(member)) return new AskedConsent(AskOutcome.NotFound);
        caller.Demand(Permission.RestoreData, member);
        if (!caller.IsOutsider(member)) return new AskedConsent(AskOutcome.NotNeeded);
        // No line breaks: the reason stands in a mail of the portal's, where it must not look like its own words.
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > ReadingConsent.ReasonCharactersMax
            || reason.Any(char.IsControl))
            return new AskedConsent(AskOutcome.ReasonInvalid);
        if (hours is < 1 or > HoursMax) return new AskedConsent(AskOutcome.HoursInvalid);

        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        if (!await db.Vaults.AnyAsync(row => row.MemberId == member, cancellationToken))
            return new AskedConsent(AskOutcome.NotFound);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindStandingAsync(db, caller, member, cancellationToken) is { } standing)
            return new AskedConsent(AskOutcome.StandsAlready, new ConsentId(standing.Id));

        var consent = NewQuestion(caller, member, reason.Trim(), hours);
        db.ReadingConsents.Add(consent);
        await _journal.AppendAsync(db, ActOf(caller, "consent-asked", consent), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AskedConsent(AskOutcome.Asked, new ConsentId(consent.Id));
    }

    /// <summary>Grants or refuses what was asked. For the member's référent alone.</summary>
    public Task<AnswerOutcome> AnswerAsync(
        Caller caller, ConsentId id, bool isGranted, CancellationToken cancellationToken) => ChangeAsync(
        caller, id, ConsentState.Asked, isGranted ? "consent-granted" : "consent-refused",
        (consent, now) =>
        {
            consent.Answer = isGranted ? ConsentAnswer.Granted : ConsentAnswer.Refused;
            if (isGranted) consent.ExpiresAt = now + TimeSpan.FromHours(consent.Hours);
        },
        cancellationToken);

    /// <summary>Takes a granted consent back. For the member's référent alone.</summary>
    public async Task<AnswerOutcome> RevokeAsync(Caller caller, ConsentId id, CancellationToken cancellationToken)
    {
        ReadingConsent? changed = null;
        var outcome = await ChangeAsync(
            caller, id, ConsentState.Granted, "consent-revoked",
            (consent, _) =>
            {
                consent.Answer = ConsentAnswer.Revoked;
                changed = consent;
            },
            cancellationToken);
        if (outcome == AnswerOutcome.Done && changed is not null) Revoked?.Invoke(changed.MemberId, changed.AskedBy);
        return outcome;
    }

    /// <summary>The consents of a member, newest first; of all that the caller sees without one.</summary>
    public async Task<IReadOnlyList<ConsentLine>> ListAsync(
        Caller caller, MemberId? member, int countMax, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.SeeBackups, member);
        var visible = caller.Scope;
        await using var db = await _contexts.OpenAsync(visible, cancellationToken);
        var rows = await db.ReadingConsents.AsNoTracking().Where(row => member == null || row.MemberId == member)
            .OrderByDescending(row => row.AskedAt).ThenBy(row => row.Id).Take(countMax)
            .ToListAsync(cancellationToken);
        var now = _time.GetUtcNow();
        return [.. rows.Where(row => caller.Can(Permission.SeeBackups, row.MemberId))
            .Select(row => LineOf(row, caller, now))];
    }

    /// <summary>Whether the caller may read contents of this member's backups now, or send a restore for it: by right,
    /// or by a consent that holds.</summary>
    /// <returns>The consent by which; <see langword="null"/> when there is none, and one without id when none is
    /// needed.</returns>
    public async Task<ReadingRight?> FindRightAsync(
        Caller caller, MemberId member, CancellationToken cancellationToken)
    {
        if (!caller.Scope.Contains(member) || !caller.Can(Permission.RestoreData, member)) return null;
        if (!caller.IsOutsider(member)) return new ReadingRight(null, DateTimeOffset.MaxValue);

        var now = _time.GetUtcNow();
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var consent = await db.ReadingConsents.AsNoTracking()
            .Where(row => row.MemberId == member && row.AskedBy == caller.Actor
                && row.Answer == ConsentAnswer.Granted && row.ExpiresAt > now)
            .OrderByDescending(row => row.ExpiresAt).FirstOrDefaultAsync(cancellationToken);
        return consent is null ? null : new ReadingRight(new ConsentId(consent.Id), consent.ExpiresAt);
    }

    private async Task<AnswerOutcome> ChangeAsync(
        Caller caller, ConsentId id, ConsentState from, string act, Action<ReadingConsent, DateTimeOffset> change,
        CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Two answers at once: the second one waits, and then sees the first.
        var consent = await db.ReadingConsents
            .FromSql($"select * from fleet.reading_consents where id = {id.Value} for update")
            .SingleOrDefaultAsync(cancellationToken);
        if (consent is null) return AnswerOutcome.NotFound;
        DemandReferent(caller, consent.MemberId);
        var now = _time.GetUtcNow();
        if (consent.StateAt(now) != from) return AnswerOutcome.TooLate;

        change(consent, now);
        (consent.AnsweredBy, consent.AnsweredByName, consent.AnsweredAt) =
            (caller.Actor, Cut(caller.Name, ReadingConsent.NameCharactersMax), now);
        if (consent.Answer == ConsentAnswer.Revoked) await CallBackOrdersAsync(db, consent, now, cancellationToken);
        await _journal.AppendAsync(db, ActOf(caller, act, consent), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return AnswerOutcome.Done;
    }

    /// <summary>Restores that rest on the consent end with it, on a computer that is off as well.</summary>
    private static Task<int> CallBackOrdersAsync(
        FleetDb db, ReadingConsent consent, DateTimeOffset now, CancellationToken cancellationToken) => db.Orders
        .Where(row => row.MemberId == consent.MemberId && row.Actor == consent.AskedBy
            && row.Kind == OrderKind.Restore && (row.State == OrderState.Asked || row.State == OrderState.Taken
                || row.State == OrderState.Running))
        .ExecuteUpdateAsync(
            row => row.SetProperty(each => each.State, OrderState.CalledBack).SetProperty(each => each.EndedAt, now),
            cancellationToken);

    private async Task<ReadingConsent?> FindStandingAsync(
        FleetDb db, Caller caller, MemberId member, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        return await db.ReadingConsents.AsNoTracking().Where(Stands(caller.Actor, member, now))
            .FirstOrDefaultAsync(cancellationToken);
    }

    private static Expression<Func<ReadingConsent, bool>> Stands(string actor, MemberId member, DateTimeOffset now) =>
        row => row.MemberId == member && row.AskedBy == actor && row.ExpiresAt > now
            && (row.Answer == ConsentAnswer.None || row.Answer == ConsentAnswer.Granted);

    private ReadingConsent NewQuestion(Caller caller, MemberId member, string reason, int hours)
    {
        var now = _time.GetUtcNow();
        return new ReadingConsent
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            MemberId = member,
            AskedBy = caller.Actor,
            AskedByName = Cut(caller.Name, ReadingConsent.NameCharactersMax),
            AskedAt = now,
            Reason = reason,
            Hours = (short)hours,
            ExpiresAt = now + s_questionLapses,
        };
    }

    // Not a permission: nobody else speaks for the member here, whatever roles are added later.
    private static void DemandReferent(Caller caller, MemberId member)
    {
        if (!caller.Grants.Any(grant => grant.Member == member && grant.Role == Role.Referent))
            throw new AccessDeniedException(Permission.RestoreData, caller.Actor);
    }

    private static PrivilegedAct ActOf(Caller caller, string act, ReadingConsent consent) => PrivilegedAct.Of(
        caller, act, consent.MemberId,
        ("consent", consent.Id.ToString("D")), ("askedBy", consent.AskedBy),
        ("hours", consent.Hours.ToString(CultureInfo.InvariantCulture)), ("reason", consent.Reason));

    private static ConsentLine LineOf(ReadingConsent row, Caller caller, DateTimeOffset now) => new(
        new ConsentId(row.Id), row.MemberId, row.StateAt(now), row.AskedByName, row.AskedBy == caller.Actor,
        row.AskedAt, row.Reason, row.Hours, row.AnsweredByName, row.AnsweredAt, row.ExpiresAt);

    private static string Cut(string text, int charactersMax) => text[..Math.Min(text.Length, charactersMax)];
}

/// <summary>By what somebody may read contents.</summary>
/// <param name="Consent">The consent; none for the member's own people.</param>
/// <param name="Until">When it ends.</param>
public sealed record ReadingRight(ConsentId? Consent, DateTimeOffset Until);

using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.BackChannel;

/// <summary>A service that is to be told that a session has ended.</summary>
/// <param name="Session">The portal's own.</param>
internal sealed record DueLogout(RelyingParty Party, Guid Session, Guid Person, string Issuer, int Attempts);

/// <summary>Which services have a session of whom, and which are to be told that it has ended.</summary>
internal sealed class ServiceSessions(IDbContextFactory<IdentityDb> contexts, TimeProvider time)
{
    internal const int AttemptsMax = 7; // The last one a quarter of an hour after the first.
    private const int PassMax = 100;

    // A service that has not asked for so long has forgotten the person, or will ask when they come again.
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    /// <summary>Before the service learns who it is: should the session end right then, it is told.</summary>
    internal async Task NoteAsync(LiveGrant live, string issuer, CancellationToken cancellationToken)
    {
        if (live.Party.LogoutAddress is null) return;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        await db.Database.ExecuteSqlAsync(
            $"""
             insert into identity.service_sessions
                 (relying_party_id, session_id, issuer, seen_at, attempts, next_attempt_at)
             values ({live.Party.Id}, {live.Grant.SessionId}, {issuer}, {now}, 0, {now})
             on conflict (relying_party_id, session_id)
                 do update set issuer = excluded.issuer, seen_at = excluded.seen_at
             """,
            cancellationToken);
    }

    /// <summary>What is to be told now: sessions that somebody ended, and those of accounts that are shut.</summary>
    internal async Task<List<DueLogout>> ListDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        return await (
            from row in db.ServiceSessions.AsNoTracking()
            join session in db.Sessions on row.SessionId equals session.Id
            join person in db.People on session.PersonId equals person.Id
            join party in db.Parties on row.PartyId equals party.Id
            where row.NextAttemptAt <= now && (session.EndedAt != null || person.DisabledAt != null)
                && party.LogoutAddress != null && party.DisabledAt == null
            orderby row.NextAttemptAt
            select new DueLogout(party, row.SessionId, person.Id, row.Issuer, row.Attempts))
            .Take(PassMax).ToListAsync(cancellationToken);
    }

    /// <summary>Takes the next attempt, if no other server has.</summary>
    internal async Task<bool> ClaimAsync(DueLogout due, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var next = time.GetUtcNow() + PauseAfter(due.Attempts + 1);
        return await RowOf(db, due).Where(row => row.Attempts == due.Attempts).ExecuteUpdateAsync(
            row => row.SetProperty(each => each.Attempts, due.Attempts + 1)
                .SetProperty(each => each.NextAttemptAt, next),
            cancellationToken) == 1;
    }

    /// <summary>The service knows, or never will.</summary>
    internal async Task ForgetAsync(DueLogout due, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await RowOf(db, due).ExecuteDeleteAsync(cancellationToken);
    }

    internal async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var old = time.GetUtcNow() - KeptFor;
        return await db.ServiceSessions.Where(row => row.SeenAt < old).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>15 seconds, doubled each time.</summary>
    private static TimeSpan PauseAfter(int attempts) => TimeSpan.FromSeconds(15 * Math.Pow(2, attempts - 1));

    private static IQueryable<ServiceSession> RowOf(IdentityDb db, DueLogout due) =>
        db.ServiceSessions.Where(row => row.PartyId == due.Party.Id && row.SessionId == due.Session);
}

using System.Linq.Expressions;
using System.Security.Cryptography;
using Beffroi.Identity.Access;
using Beffroi.Identity.Account;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.People;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.SignIn;

/// <summary>The sessions of all people, and who stands behind each.</summary>
public sealed class SessionBook
{
    // Each request reads its session; writing each time when it was seen would double the cost for nothing.
    private static readonly TimeSpan SeenGrain = TimeSpan.FromMinutes(1);

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly SignInOptions _options;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<ISessionWatcher> _watchers;

    internal SessionBook(
        IDbContextFactory<IdentityDb> contexts, SignInOptions options, TimeProvider time,
        IReadOnlyList<ISessionWatcher> watchers) =>
        (_contexts, _options, _time, _watchers) = (contexts, options, time, watchers);

    /// <summary>Who asks in this session, with the roles that hold now; none if it has ended.</summary>
    /// <param name="origin">Network address of the request.</param>
    public async Task<Caller?> FindCallerAsync(Guid session, string? origin, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var now = _time.GetUtcNow();
        var idleSince = now - _options.IdleMax;
        var found = await (
            from row in db.Sessions
            join person in db.People on row.PersonId equals person.Id
            where row.Id == session && row.EndedAt == null && row.ExpiresAt > now && row.LastSeenAt > idleSince
                && person.DisabledAt == null
            select new { row.LastSeenAt, person.Id, person.Name }).SingleOrDefaultAsync(cancellationToken);
        if (found is null) return null;

        var grants = await db.HeldRoles
            .Where(row => row.PersonId == found.Id && row.From <= now && (row.Until == null || row.Until > now))
            .Select(row => new RoleGrant(row.Role, row.MemberId)).ToListAsync(cancellationToken);
        if (now - found.LastSeenAt > SeenGrain)
        {
            await db.Sessions.Where(row => row.Id == session)
                .ExecuteUpdateAsync(row => row.SetProperty(each => each.LastSeenAt, now), cancellationToken);
        }
        return Caller.Of(new PersonId(found.Id), found.Name, origin, grants);
    }

    /// <summary>Ends a session: its next request is nobody's.</summary>
    public async Task EndAsync(Guid session, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var now = _time.GetUtcNow();
        await db.Sessions.Where(row => row.Id == session && row.EndedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.EndedAt, now), cancellationToken);
    }

    /// <summary>The sessions of a person that are open, the latest seen first.</summary>
    internal async Task<IReadOnlyList<SessionSummary>> ListAsync(Guid person, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var now = _time.GetUtcNow();
        var idleSince = now - _options.IdleMax;
        return await OpenOf(db, person, now, idleSince)
            .OrderByDescending(row => row.LastSeenAt)
            .Select(row => new SessionSummary(row.Id, row.CreatedAt, row.LastSeenAt, row.Origin, row.Browser))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Ends sessions of a person in the caller's transaction; the next request of each is nobody's.</summary>
    /// <param name="which">Which of them.</param>
    /// <returns>How many were open.</returns>
    internal async Task<int> EndAsync(
        IdentityDb db, Guid person, Expression<Func<SignInSession, bool>> which, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var ended = await OpenOf(db, person, now, DateTimeOffset.UnixEpoch).Where(which)
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.EndedAt, now), cancellationToken);
        if (ended > 0)
        {
            foreach (var watcher in _watchers) watcher.SessionsEnded(new PersonId(person));
        }
        return ended;
    }

    /// <summary>The sessions of a person that are still worth something: to a browser, or to a service or program that
    /// they left a refresh token with, which outlives the browser's cookie.</summary>
    private static IQueryable<SignInSession> OpenOf(
        IdentityDb db, Guid person, DateTimeOffset now, DateTimeOffset idleSince) =>
        db.Sessions.Where(row => row.PersonId == person && row.EndedAt == null
            && ((row.ExpiresAt > now && row.LastSeenAt > idleSince)
                || db.Grants.Any(grant => grant.SessionId == row.Id && grant.RevokedAt == null
                    && grant.ExpiresAt > now && grant.Scopes.Contains(OidcScope.OfflineAccess))));

    /// <summary>Begins a session in the caller's transaction.</summary>
    internal OpenedSession Open(IdentityDb db, Person person, string methods, Visitor visitor)
    {
        var now = _time.GetUtcNow();
        var session = new SignInSession
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            PersonId = person.Id,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + _options.SessionMax,
            Methods = methods,
            Origin = visitor.Origin,
            Browser = visitor.Browser is { Length: > SignInSession.BrowserCharactersMax } longName
                ? longName[..SignInSession.BrowserCharactersMax]
                : visitor.Browser,
        };
        db.Sessions.Add(session);
        return new OpenedSession(session.Id, person.PersonId, session.ExpiresAt);
    }
}

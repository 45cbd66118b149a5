using System.Text.Json.Nodes;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Oidc.Parties;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>A grant that is still worth something, with whom it speaks of.</summary>
internal sealed record LiveGrant(SignOnGrant Grant, RelyingParty Party, SubjectFacts Subject)
{
    /// <summary>The claims that <paramref name="scopes"/> open: those too that were granted are told only as long as
    /// the service is registered for them.</summary>
    internal JsonObject ToClaims(IEnumerable<string> scopes) => Subject.ToClaims([.. scopes.Intersect(Party.Scopes)]);
}

/// <summary>A token as it was handed out; only its hash is kept.</summary>
internal sealed record FreshTokens(string Access, DateTimeOffset ExpiresAt, string? Refresh);

/// <summary>Grants and tokens in the database: what each is still worth, and what ends it.</summary>
internal sealed class GrantBook(IDbContextFactory<IdentityDb> contexts, ActJournal journal, TimeProvider time)
{
    /// <summary>The grant, unless something has ended it: revoked, too old, its session or account ended, another
    /// password since, or a service that is switched off or no more the person's.</summary>
    internal async Task<LiveGrant?> FindLiveAsync(Guid grant, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var found = await (
            from row in db.Grants.AsNoTracking()
            join party in db.Parties.AsNoTracking() on row.PartyId equals party.Id
            join session in db.Sessions on row.SessionId equals session.Id
            where row.Id == grant && row.RevokedAt == null && row.ExpiresAt > now
                && session.EndedAt == null && party.DisabledAt == null
            select new { Grant = row, Party = party }).SingleOrDefaultAsync(cancellationToken);
        if (found is null) return null;

        var subject = await SubjectReader.FindAsync(db, found.Party, found.Grant.PersonId, now, cancellationToken);
        return subject is not null && subject.StampHash.AsSpan().SequenceEqual(found.Grant.StampHash)
            ? new LiveGrant(found.Grant, found.Party, subject)
            : null;
    }

    /// <summary>The token of that text and kind, whatever it is worth.</summary>
    internal async Task<IssuedToken?> FindTokenAsync(string text, TokenKind? kind, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var hash = Secret.HashOf(text);
        return await db.Tokens.AsNoTracking().SingleOrDefaultAsync(
            row => row.Hash == hash && (kind == null || row.Kind == kind), cancellationToken);
    }

    /// <summary>The grant behind an access token that is good now, and the token.</summary>
    internal async Task<(LiveGrant Grant, IssuedToken Token)?> FindByAccessTokenAsync(
        string text, CancellationToken cancellationToken)
    {
        var token = await FindTokenAsync(text, TokenKind.Access, cancellationToken);
        if (token is null or { SpentAt: not null } || token.ExpiresAt <= time.GetUtcNow()) return null;
        return await FindLiveAsync(token.GrantId, cancellationToken) is { } live ? (live, token) : null;
    }

    /// <summary>Marks a code as presented. Whoever presents it second, however close, learns so.</summary>
    /// <returns>The grant and whether this was the first presentation; none if there is no such code.</returns>
    internal async Task<(SignOnGrant Grant, bool IsFirst)?> PresentCodeAsync(
        string code, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (hash, now) = (Secret.HashOf(code), time.GetUtcNow());
        var marked = await db.Grants.Where(row => row.CodeHash == hash && row.CodePresentedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.CodePresentedAt, now), cancellationToken);
        var grant = await db.Grants.AsNoTracking().SingleOrDefaultAsync(row => row.CodeHash == hash, cancellationToken);
        return grant is null ? null : (grant, marked == 1);
    }

    /// <summary>Marks a token as used up; false if it was before.</summary>
    internal async Task<bool> SpendAsync(IssuedToken token, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        return await db.Tokens.Where(row => row.Hash == token.Hash && row.SpentAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.SpentAt, now), cancellationToken) == 1;
    }

    /// <summary>Makes tokens of a grant.</summary>
    /// <param name="scopes">Of the access token; a refresh token keeps all of the grant's.</param>
    internal async Task<FreshTokens> IssueAsync(
        SignOnGrant grant, string[] scopes, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var expiresAt = Earlier(now + OidcOptions.TokenLifetime, grant.ExpiresAt);
        var access = Add(db, "bfa", TokenKind.Access, grant.Id, scopes, now, expiresAt);
        var refresh = grant.Scopes.Contains(OidcScope.OfflineAccess)
            ? Add(db, "bfr", TokenKind.Refresh, grant.Id, grant.Scopes, now, grant.ExpiresAt)
            : null;
        await db.SaveChangesAsync(cancellationToken);
        return new FreshTokens(access, expiresAt, refresh);
    }

    /// <summary>Ends a grant and with it every token, those too that are being made just now.</summary>
    internal async Task RevokeAsync(Guid grant, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await RevokeAsync(db, grant, cancellationToken);
    }

    /// <summary>Ends a grant because a code or token of it was in two hands, and writes it down.</summary>
    internal async Task RevokeStolenAsync(
        SignOnGrant grant, string act, string? origin, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await RevokeAsync(db, grant.Id, cancellationToken))
        {
            var fact = PrivilegedAct.Of(
                Caller.System("job:single-sign-on"), act, null,
                ("person", grant.PersonId.ToString("D")), ("service", grant.PartyId.ToString("N")));
            await journal.AppendAsync(db, fact with { Origin = origin }, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Forgets what has expired a day ago or longer.</summary>
    internal async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var old = time.GetUtcNow() - TimeSpan.FromDays(1);
        return await db.DeviceRequests.Where(row => row.ExpiresAt < old).ExecuteDeleteAsync(cancellationToken)
            + await db.Tokens.Where(row => row.ExpiresAt < old).ExecuteDeleteAsync(cancellationToken)
            + await db.Grants.Where(row => row.ExpiresAt < old).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task<bool> RevokeAsync(IdentityDb db, Guid grant, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await db.Grants.Where(row => row.Id == grant && row.RevokedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.RevokedAt, now), cancellationToken) == 1;
    }

    private static string Add(
        IdentityDb db, string mark, TokenKind kind, Guid grant, string[] scopes, DateTimeOffset now,
        DateTimeOffset expiresAt)
    {
        var (text, hash) = Secret.New(mark);
        db.Tokens.Add(new IssuedToken
        {
            Hash = hash,
            GrantId = grant,
            Kind = kind,
            Scopes = scopes,
            IssuedAt = now,
            ExpiresAt = expiresAt,
        });
        return text;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

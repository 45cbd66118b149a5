using System.Security.Cryptography;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Oidc.Authorize;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Devices;

/// <summary>The codes of a program that waits.</summary>
internal sealed record DeviceCodes(string DeviceCode, string UserCode);

/// <summary>A program that waits for an answer, as the page shows it.</summary>
/// <param name="Origin">The network address it asks from.</param>
public sealed record WaitingDevice(
    string UserCode, string PartyName, DateTimeOffset AskedAt, string? Origin, bool IsForYou);

/// <summary>Signs in programs without a browser: they show a code, and somebody enters it here (RFC 8628).</summary>
public sealed class DeviceDesk
{
    // Without vowels no word comes up, and nothing looks like something else (RFC 8628, §6.1). 20^8 codes.
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";
    private const int UserCodeLetters = 8;

    // A town hall shares one address, and few of its programs begin within the same ten minutes.
    internal const int WaitingMax = 50;

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly SessionBook _sessions;
    private readonly AttemptLimit _attempts;
    private readonly ActJournal _journal;
    private readonly TokenDesk _tokens;
    private readonly TimeProvider _time;

    internal DeviceDesk(
        IDbContextFactory<IdentityDb> contexts, SessionBook sessions, AttemptLimit attempts, ActJournal journal,
        TokenDesk tokens, TimeProvider time)
    {
        (_contexts, _sessions, _attempts) = (contexts, sessions, attempts);
        (_journal, _tokens, _time) = (journal, tokens, time);
    }

    /// <summary>The program that waits with this code; none if there is none, or too many wrong codes came from this
    /// address.</summary>
    public async Task<WaitingDevice?> FindAsync(Caller caller, string userCode, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.UsePortal);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if (await TryCodeAsync(db, caller, userCode, cancellationToken) is not var (request, party)) return null;
        var subject = await SubjectReader.FindAsync(
            db, party, caller.Person!.Value.Value, _time.GetUtcNow(), cancellationToken);
        return new WaitingDevice(
            Shown(request.UserCode), party.Name, request.CreatedAt, request.Origin, subject is not null);
    }

    /// <summary>Lets the program act for the caller, or sends it away.</summary>
    /// <param name="session">The caller's own, from which the program's takes how surely the caller was
    /// recognised.</param>
    /// <returns>False if it waits no more, or the service is not for the caller.</returns>
    public async Task<bool> AnswerAsync(
        Caller caller, Guid session, string userCode, bool isApproved, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.UsePortal);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if (await TryCodeAsync(db, caller, userCode, cancellationToken) is not var (request, party)) return false;

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var grant = isApproved ? await GrantAsync(db, caller, session, request, party, cancellationToken) : null;
        if (isApproved && grant is null) return false;

        var (now, grantId) = (_time.GetUtcNow(), grant?.Id);
        var answered = await db.DeviceRequests
            .Where(row => row.Id == request.Id && row.GrantId == null && row.DeniedAt == null)
            .ExecuteUpdateAsync(
                row => row.SetProperty(each => each.GrantId, grantId)
                    .SetProperty(each => each.DeniedAt, isApproved ? null : now),
                cancellationToken);
        if (answered == 0) return false;

        await _journal.AppendAsync(
            db,
            PrivilegedAct.Of(
                caller, isApproved ? Acts.ProgramApproved : Acts.ProgramRefused, null, ("service", party.Name),
                ("program-origin", request.Origin ?? "")),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Begins: codes for the program and for who sits before it; none if too many of that address wait: who
    /// knows a program's id could otherwise fill the table, and make codes easy to guess.</summary>
    internal async Task<DeviceCodes?> BeginAsync(
        RelyingParty party, string? scope, string? origin, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var (deviceCode, hash) = Secret.New("bfd");
        var now = _time.GetUtcNow();
        var waiting = await db.DeviceRequests.CountAsync(
            row => row.Origin == origin && row.ExpiresAt > now && row.RedeemedAt == null, cancellationToken);
        if (waiting >= WaitingMax) return null;

        var request = new DeviceRequest
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            PartyId = party.Id,
            DeviceCodeHash = hash,
            UserCode = RandomNumberGenerator.GetString(Letters, UserCodeLetters),
            Scopes = OidcScope.Grant(scope ?? OidcScope.OpenId, party.Scopes),
            CreatedAt = now,
            ExpiresAt = now + OidcOptions.DeviceLifetime,
            Origin = origin,
            IntervalSeconds = (int)OidcOptions.DeviceInterval.TotalSeconds,
        };
        db.DeviceRequests.Add(request);
        await db.SaveChangesAsync(cancellationToken);
        return new DeviceCodes(deviceCode, Shown(request.UserCode));
    }

    /// <summary>The program asks whether somebody has answered.</summary>
    internal async Task<TokenAnswer> PollAsync(
        TokenCaller caller, string? deviceCode, CancellationToken cancellationToken)
    {
        if (deviceCode is null) return new TokenAnswer.Refused("invalid_request", "The device_code is missing.");
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var hash = Secret.HashOf(deviceCode);
        var request = await db.DeviceRequests.AsNoTracking().SingleOrDefaultAsync(
            row => row.DeviceCodeHash == hash && row.PartyId == caller.Party.Id, cancellationToken);
        if (request is null) return TokenAnswer.InvalidGrant("The device code is unknown.");

        var now = _time.GetUtcNow();
        if (request.ExpiresAt <= now) return new TokenAnswer.Refused("expired_token", "Nobody answered in time.");
        if (request.DeniedAt is not null) return new TokenAnswer.Refused("access_denied", "Somebody said no.");
        if (request.GrantId is not { } grant) return await WaitAsync(db, request, now, cancellationToken);

        var isFirst = await db.DeviceRequests.Where(row => row.Id == request.Id && row.RedeemedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.RedeemedAt, now), cancellationToken) == 1;
        return isFirst
            ? await _tokens.IssueAsync(caller, grant, request.Scopes, withNonce: false, cancellationToken)
            : TokenAnswer.InvalidGrant("The device code was used before.");
    }

    /// <summary>Who asks too often waits five seconds longer from then on (RFC 8628, §3.5).</summary>
    private static async Task<TokenAnswer> WaitAsync(
        IdentityDb db, DeviceRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isTooSoon = request.PolledAt + TimeSpan.FromSeconds(request.IntervalSeconds) > now;
        var interval = request.IntervalSeconds + (isTooSoon ? (int)OidcOptions.DeviceInterval.TotalSeconds : 0);
        await db.DeviceRequests.Where(row => row.Id == request.Id).ExecuteUpdateAsync(
            row => row.SetProperty(each => each.PolledAt, now).SetProperty(each => each.IntervalSeconds, interval),
            cancellationToken);
        return isTooSoon
            ? new TokenAnswer.Refused("slow_down", "Ask less often.")
            : new TokenAnswer.Refused("authorization_pending", "Nobody has answered yet.");
    }

    /// <summary>The program gets a session of its own: it is in the person's list, and ends without the
    /// browser's.</summary>
    private async Task<SignOnGrant?> GrantAsync(
        IdentityDb db, Caller caller, Guid session, DeviceRequest request, RelyingParty party,
        CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var subject = await SubjectReader.FindAsync(db, party, caller.Person!.Value.Value, now, cancellationToken);
        var own = await db.Sessions.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == session && row.EndedAt == null, cancellationToken);
        if (subject is null || own is null || own.PersonId != subject.PersonId) return null;

        var person = await db.People.SingleAsync(row => row.Id == subject.PersonId, cancellationToken);
        var opened = _sessions.Open(db, person, own.Methods, new Visitor(request.Origin, party.Name));
        var grant = new SignOnGrant
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            PartyId = party.Id,
            PersonId = subject.PersonId,
            SessionId = opened.Id,
            Scopes = request.Scopes,
            AuthenticatedAt = own.CreatedAt,
            Methods = own.Methods,
            StampHash = subject.StampHash,
            CreatedAt = now,
            ExpiresAt = AuthorizeDesk.ExpiryOf(request.Scopes, now),
        };
        db.Grants.Add(grant);
        await db.SaveChangesAsync(cancellationToken);
        return grant;
    }

    /// <summary>The request of that code. Wrong codes count, on whatever page they are tried.</summary>
    private async Task<(DeviceRequest Request, RelyingParty Party)?> TryCodeAsync(
        IdentityDb db, Caller caller, string userCode, CancellationToken cancellationToken)
    {
        if (!_attempts.Allows(caller.Origin)) return null;
        var found = await FindWaitingAsync(db, userCode, cancellationToken);
        if (found is null) _attempts.CountFailure(caller.Origin);
        return found;
    }

    private async Task<(DeviceRequest Request, RelyingParty Party)?> FindWaitingAsync(
        IdentityDb db, string userCode, CancellationToken cancellationToken)
    {
        var letters = string.Concat(userCode.ToUpperInvariant().Where(Letters.Contains));
        var now = _time.GetUtcNow();
        var found = await (
            from request in db.DeviceRequests.AsNoTracking()
            join party in db.Parties.AsNoTracking() on request.PartyId equals party.Id
            where request.UserCode == letters && request.ExpiresAt > now && request.GrantId == null
                && request.DeniedAt == null && party.DisabledAt == null
            select new { request, party }).SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : (found.request, found.party);
    }

    private static string Shown(string letters) => $"{letters[..4]}-{letters[4..]}";
}

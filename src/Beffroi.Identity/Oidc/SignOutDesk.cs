using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc;

/// <summary>What a service wants signed out (OpenID Connect RP-Initiated Logout 1.0, §2).</summary>
public sealed record SignOutRequest(
    string? IdTokenHint, string? ClientId, string? PostLogoutRedirectUri, string? State);

/// <summary>What to do about it.</summary>
/// <param name="MustAsk">Whether the person has to say so first: anybody can make a link to this page.</param>
/// <param name="PartyName">The service, if it is known.</param>
/// <param name="BackTo">Where to go afterwards: registered by the service, or none.</param>
public sealed record SignOutDecision(bool MustAsk, string? PartyName, string? BackTo);

/// <summary>Signs out at the wish of a service.</summary>
public sealed class SignOutDesk
{
    /// <summary>Where services send people.</summary>
    public const string Path = "/oidc/logout";

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly SigningKeys _keys;
    private readonly TimeProvider _time;

    internal SignOutDesk(IDbContextFactory<IdentityDb> contexts, SigningKeys keys, TimeProvider time) =>
        (_contexts, _keys, _time) = (contexts, keys, time);

    /// <param name="session">The browser's session, if it has one.</param>
    public async Task<SignOutDecision> DecideAsync(
        SignOutRequest request, Guid? session, string issuer, CancellationToken cancellationToken)
    {
        var hint = request.IdTokenHint is null ? null : await ReadAsync(request.IdTokenHint, issuer, cancellationToken);
        var named = hint?.ClientId ?? (request.IdTokenHint is null ? request.ClientId : null);
        var party = request.ClientId is null || request.ClientId == named
            ? await FindAsync(named, cancellationToken)
            : null; // The token is another service's.
        var mustAsk = session is { } open && hint?.Session != IdTokens.SessionName(open);
        return new SignOutDecision(mustAsk, party?.Name, BackTo(party, request));
    }

    private async Task<(string ClientId, string? Session)?> ReadAsync(
        string token, string issuer, CancellationToken cancellationToken)
    {
        var keys = await _keys.GetAsync(cancellationToken);
        var expected = new TokenExpectation { Issuer = issuer, Now = _time.GetUtcNow(), MustBeFresh = false };
        var reading = JsonWebToken.Read(token, keys.Published, expected);
        return reading.Fault is null && JsonWebToken.TextOf(reading.Claims, "aud") is { } audience
            ? (audience, JsonWebToken.TextOf(reading.Claims, "sid"))
            : null;
    }

    private async Task<RelyingParty?> FindAsync(string? clientId, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(clientId, "N", out var id)) return null;
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await db.Parties.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    private static string? BackTo(RelyingParty? party, SignOutRequest request) =>
        party is not null && request.PostLogoutRedirectUri is { } address
            && ReturnAddress.IsRegistered(address, party.PostLogoutUris, party.Kind)
            ? ReturnAddress.With(address, ("state", request.State))
            : null;
}

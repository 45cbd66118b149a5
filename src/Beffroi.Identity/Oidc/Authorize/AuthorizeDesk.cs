using System.Globalization;
using System.Security.Cryptography;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Primitives;

namespace Beffroi.Identity.Oidc.Authorize;

/// <summary>Decides what becomes of somebody whom a service sends: sign in, go back with a code, or a page.</summary>
public sealed class AuthorizeDesk
{
    /// <summary>Where services send people.</summary>
    public const string Path = "/oidc/authorize";

    // Of the parameter that says since when a sign-in is asked for anew; long enough to find a telephone.
    private static readonly TimeSpan AskedLifetime = TimeSpan.FromMinutes(30);
    private const string AskedParameter = "beffroi_asked";

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly SigningKeys _keys;
    private readonly ITimeLimitedDataProtector _asked;
    private readonly TimeProvider _time;

    internal AuthorizeDesk(
        IDbContextFactory<IdentityDb> contexts, SigningKeys keys, IDataProtectionProvider protection, TimeProvider time)
    {
        (_contexts, _keys, _time) = (contexts, keys, time);
        _asked = protection.CreateProtector("beffroi oidc: asked to sign in v1").ToTimeLimitedDataProtector();
    }

    /// <param name="query">The request's parameters.</param>
    /// <param name="session">The browser's session, if it has one that is good.</param>
    /// <param name="issuer">The portal's address as tokens name it.</param>
    public async Task<AuthorizeOutcome> DecideAsync(
        IReadOnlyCollection<KeyValuePair<string, StringValues>> query, Guid? session, string issuer,
        CancellationToken cancellationToken)
    {
        var request = new AuthorizationRequest(query);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var party = Guid.TryParseExact(request.ClientId, "N", out var id)
            ? await db.Parties.AsNoTracking()
                .SingleOrDefaultAsync(row => row.Id == id && row.DisabledAt == null, cancellationToken)
            : null;
        if (party is null) return new AuthorizeOutcome.Refused(AuthorizeRefusal.UnknownParty);
        if (request.RedirectUri is not { } address
            || !ReturnAddress.IsRegistered(address, party.RedirectUris, party.Kind))
            return new AuthorizeOutcome.Refused(AuthorizeRefusal.WrongAddress, party.Name);

        if (request.FindFault(party.HasPkce) is { } fault) return GoBack(request, issuer, fault.Error, fault.Reason);

        var browser = await FindSessionAsync(db, session, cancellationToken);
        if (browser is null || await IsAnotherWantedAsync(query, request, browser, issuer, cancellationToken))
        {
            return request.IsSilent
                ? GoBack(request, issuer, "login_required", "Nobody is signed in, or not recently enough.")
                : new AuthorizeOutcome.SignIn(Continue(query), request.LoginHint, LanguageOf(request));
        }
        return await AdmitAsync(db, party, request, browser, issuer, cancellationToken);
    }

    private async Task<AuthorizeOutcome> AdmitAsync(
        IdentityDb db, RelyingParty party, AuthorizationRequest request, SignInSession session, string issuer,
        CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (await SubjectReader.FindAsync(db, party, session.PersonId, now, cancellationToken) is not { } subject)
        {
            var refused = GoBack(request, issuer, "access_denied", "The service is not for this person.");
            return request.IsSilent
                ? refused
                : new AuthorizeOutcome.Refused(AuthorizeRefusal.NotForYou, party.Name, refused.Address);
        }
        var (code, hash) = Secret.New("bfc");
        var scopes = OidcScope.Grant(request.Scope, party.Scopes);
        db.Grants.Add(new SignOnGrant
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            PartyId = party.Id,
            PersonId = session.PersonId,
            SessionId = session.Id,
            Scopes = scopes,
            Nonce = request.Nonce,
            RedirectUri = request.RedirectUri,
            Challenge = request.Challenge,
            AuthenticatedAt = session.CreatedAt,
            Methods = session.Methods,
            StampHash = subject.StampHash,
            CodeHash = hash,
            CodeExpiresAt = now + OidcOptions.CodeLifetime,
            CreatedAt = now,
            ExpiresAt = ExpiryOf(scopes, now),
        });
        await db.SaveChangesAsync(cancellationToken);
        return GoBack(request, issuer, ("code", code));
    }

    /// <summary>When the last token of a grant ends.</summary>
    internal static DateTimeOffset ExpiryOf(string[] scopes, DateTimeOffset now) => now + (
        scopes.Contains(OidcScope.OfflineAccess)
            ? OidcOptions.RefreshLifetime
            : OidcOptions.CodeLifetime + OidcOptions.TokenLifetime);

    private static async Task<SignInSession?> FindSessionAsync(
        IdentityDb db, Guid? session, CancellationToken cancellationToken) =>
        session is null
            ? null
            : await db.Sessions.AsNoTracking()
                .SingleOrDefaultAsync(row => row.Id == session && row.EndedAt == null, cancellationToken);

    /// <summary>Whether this session is not what the service asks for: too old, somebody else's, or to be proved
    /// anew.</summary>
    private async Task<bool> IsAnotherWantedAsync(
        IReadOnlyCollection<KeyValuePair<string, StringValues>> query, AuthorizationRequest request,
        SignInSession session, string issuer, CancellationToken cancellationToken)
    {
        var isNewSinceAsked = AskedAt(query) is { } asked && session.CreatedAt >= asked;
        var mustBeNew = request.Prompts.Contains("login") || request.Prompts.Contains("select_account")
            || _time.GetUtcNow() - session.CreatedAt > request.AgeMax;
        if (mustBeNew && !isNewSinceAsked) return true;
        if (request.IdTokenHint is not { } hint) return false;

        var keys = await _keys.GetAsync(cancellationToken);
        var reading = JsonWebToken.Read(hint, keys.Published, new TokenExpectation
        {
            Issuer = issuer,
            Now = _time.GetUtcNow(),
            MustBeFresh = false,
        });
        return reading.Fault is not null
            || JsonWebToken.TextOf(reading.Claims, "sub") != SubjectFacts.SubjectOf(session.PersonId);
    }

    /// <summary>The same request, with the time: a session that begins from now on is new enough.</summary>
    private string Continue(IReadOnlyCollection<KeyValuePair<string, StringValues>> query)
    {
        // Sessions are kept to the microsecond.
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var asked = ReturnAddress.With(Path, Parameters(query));
        return ReturnAddress.With(asked, (AskedParameter, _asked.Protect($"{now} {asked}", AskedLifetime)));
    }

    private DateTimeOffset? AskedAt(IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        var value = query.FirstOrDefault(each => each.Key == AskedParameter).Value;
        if (value is not [{ } one]) return null;
        try
        {
            // Of this very request, with its state and nonce: that of an older one would let an older sign-in pass.
            return _asked.Unprotect(one).Split(' ', 2) is [var at, var asked]
                && asked == ReturnAddress.With(Path, Parameters(query))
                ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(at, CultureInfo.InvariantCulture))
                : null;
        }
        catch (CryptographicException)
        {
            return null; // Too old, or not ours: the person signs in once more.
        }
    }

    private static IEnumerable<(string Name, string? Value)> Parameters(
        IEnumerable<KeyValuePair<string, StringValues>> query) =>
        query.Where(each => each.Key != AskedParameter)
            .SelectMany(each => each.Value.Select(value => (Uri.EscapeDataString(each.Key), value)));

    private static string? LanguageOf(AuthorizationRequest request) => request.Locales
        .Select(locale => locale.Split('-')[0].ToLowerInvariant())
        .FirstOrDefault(language => language is "fr" or "en");

    private static AuthorizeOutcome.GoBack GoBack(
        AuthorizationRequest request, string issuer, string error, string reason) =>
        GoBack(request, issuer, ("error", error), ("error_description", reason));

    /// <summary>With the issuer (RFC 9207): a service that talks to several is not led to mix them up.</summary>
    private static AuthorizeOutcome.GoBack GoBack(
        AuthorizationRequest request, string issuer, params IEnumerable<(string Name, string? Value)> answer) =>
        new(ReturnAddress.With(request.RedirectUri!, [.. answer, ("state", request.State), ("iss", issuer)]));
}

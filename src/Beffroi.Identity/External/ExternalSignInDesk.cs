using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Identity.Keys;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Beffroi.Identity.External;

/// <summary>Signs people in who prove who they are at a provider. Lives as long as a request.</summary>
public sealed partial class ExternalSignInDesk
{
    private const string TokenPurpose = "external identity token v1";

    private readonly ProviderRegister _providers;
    private readonly ProviderConnection _connection;
    private readonly ExternalAccounts _accounts;
    private readonly TravelSeal _seal;
    private readonly Lazy<IKeyWrap> _wrap;
    private readonly IdentityDb _db;
    private readonly TimeProvider _time;
    private readonly ILogger<ExternalSignInDesk> _logger;

    internal ExternalSignInDesk(
        ProviderRegister providers, ProviderConnection connection, ExternalAccounts accounts, TravelSeal seal,
        Lazy<IKeyWrap> wrap, IdentityDb db, TimeProvider time, ILogger<ExternalSignInDesk> logger)
    {
        (_providers, _connection, _accounts, _seal) = (providers, connection, accounts, seal);
        (_wrap, _db, _time, _logger) = (wrap, db, time, logger);
    }

    /// <summary>Where to send the browser; none if the provider is not there.</summary>
    /// <param name="redirectUri">Where it has to come back to, as registered at the provider.</param>
    /// <param name="returnTo">Path of this portal to go on to in the end.</param>
    public async Task<Departure?> LeaveAsync(
        string providerId, string redirectUri, string returnTo, CancellationToken cancellationToken)
    {
        if (await _providers.FindAsync(providerId, cancellationToken) is not { } provider) return null;
        try
        {
            var metadata = await _connection.DescribeAsync(provider.Issuer, cancellationToken);
            var verifier = metadata.SpeaksPkce ? Random() : null;
            var journey = new Journey(provider.Id, Random(), Random(), verifier, returnTo);
            var challenge = verifier is null
                ? null
                : Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
            var address = ReturnAddress.With(
                metadata.Authorize.AbsoluteUri, ("response_type", "code"), ("client_id", provider.ClientId),
                ("redirect_uri", redirectUri), ("scope", string.Join(' ', provider.Scopes)), ("state", journey.State),
                ("nonce", journey.Nonce), ("acr_values", provider.AcrValues), ("code_challenge", challenge),
                ("code_challenge_method", challenge is null ? null : "S256"));
            return new Departure(address, _seal.Seal(journey));
        }
        catch (ProviderFailureException exception)
        {
            LogFailed(provider.Id, exception.Message);
            return null;
        }
    }

    /// <summary>Somebody comes back.</summary>
    /// <param name="parameter">Reads a parameter of the address; none if it is absent or there twice.</param>
    /// <param name="cookie">What <see cref="LeaveAsync"/> had the browser keep.</param>
    public async Task<ExternalOutcome> ReturnAsync(
        Func<string, string?> parameter, string? cookie, string redirectUri, Visitor visitor,
        CancellationToken cancellationToken)
    {
        if (_seal.Open<Journey>(cookie) is not { } journey || !TravelSeal.IsSame(parameter("state"), journey.State)
            || await _providers.FindAsync(journey.Provider, cancellationToken) is not { } provider)
            return new ExternalOutcome.Refused(ExternalRefusal.Expired);
        if (parameter("iss") is { } issuer && issuer != provider.Issuer) // RFC 9207: another provider's answer.
            return new ExternalOutcome.Refused(ExternalRefusal.ProviderFailed);
        if (parameter("code") is not { } code) return new ExternalOutcome.Refused(ExternalRefusal.Denied);

        try
        {
            var tokens = await _connection.RedeemAsync(
                provider, _providers.SecretOf(provider), code, redirectUri, journey.Verifier, cancellationToken);
            var subject = await ReadSubjectAsync(provider, tokens, journey.Nonce, cancellationToken);
            var outcome = await _accounts.AdmitAsync(provider, subject, journey.ReturnTo, visitor, cancellationToken);
            if (outcome is ExternalOutcome.Admitted admitted)
                await RememberAsync(admitted.Session.Id, provider, tokens.IdToken, cancellationToken);
            return outcome;
        }
        catch (ProviderFailureException exception)
        {
            LogFailed(provider.Id, exception.Message);
            return new ExternalOutcome.Refused(ExternalRefusal.ProviderFailed);
        }
    }

    /// <summary>Links what waits in <paramref name="link"/> to the account that has just signed in as usual, if it is
    /// the one of that mail address.</summary>
    public async Task LinkAsync(string? link, OpenedSession session, CancellationToken cancellationToken)
    {
        if (_seal.Open<PendingLink>(link) is { } pending)
            await _accounts.LinkAsync(pending, session.Person, cancellationToken);
    }

    /// <summary>Where to send the browser so that the provider signs out too; none if the session did not begin at one.
    /// To be asked before the session ends.</summary>
    /// <param name="comeBackTo">Address of this portal, as registered at the provider.</param>
    /// <param name="returnTo">Where to go in the end.</param>
    public async Task<string?> FindSignOutAsync(
        Guid session, string comeBackTo, string returnTo, CancellationToken cancellationToken)
    {
        var row = await _db.ExternalSessions.AsNoTracking()
            .SingleOrDefaultAsync(each => each.SessionId == session, cancellationToken);
        if (row is null || await _providers.FindAsync(row.ProviderId, cancellationToken) is not { } provider)
            return null;
        try
        {
            var metadata = await _connection.DescribeAsync(provider.Issuer, cancellationToken);
            return metadata.EndSession is not { } address
                ? null
                : ReturnAddress.With(
                    address.AbsoluteUri,
                    ("id_token_hint", Encoding.UTF8.GetString(_wrap.Value.Unwrap(row.SealedToken, TokenPurpose))),
                    ("state", _seal.Seal(new SignedOut(returnTo))), ("post_logout_redirect_uri", comeBackTo));
        }
        catch (ProviderFailureException exception)
        {
            LogFailed(provider.Id, exception.Message);
            return null; // Signing out here must not depend on it.
        }
    }

    /// <summary>Where somebody goes who comes back from signing out at a provider; none if the state is not
    /// ours.</summary>
    public string? ReturnSignedOut(string? state) => _seal.Open<SignedOut>(state)?.ReturnTo;

    /// <summary>Who the provider says it is: its identity token and its userinfo, of the same subject.</summary>
    private async Task<ExternalSubject> ReadSubjectAsync(
        ExternalProvider provider, ProviderTokens tokens, string nonce, CancellationToken cancellationToken)
    {
        var reading = await _connection.ReadAsync(
            tokens.IdToken,
            new TokenExpectation
            {
                Issuer = provider.Issuer, Audience = provider.ClientId, Nonce = nonce, Now = _time.GetUtcNow(),
            },
            cancellationToken);
        if (reading.Fault is { } fault)
            throw new ProviderFailureException($"The identity token of {provider.Issuer} is refused: {fault}.");

        var info = await _connection.AskUserInfoAsync(provider, tokens.AccessToken, cancellationToken);
        var subject = JsonWebToken.TextOf(reading.Claims, "sub");
        if (subject is null || JsonWebToken.TextOf(info, "sub") != subject)
            throw new ProviderFailureException($"The userinfo of {provider.Issuer} is somebody else's.");
        return ExternalSubject.Read(subject, reading.Claims, info);
    }

    private async Task RememberAsync(
        Guid session, ExternalProvider provider, string idToken, CancellationToken cancellationToken)
    {
        _db.ExternalSessions.Add(new ExternalSession
        {
            SessionId = session,
            ProviderId = provider.Id,
            SealedToken = _wrap.Value.Wrap(Encoding.UTF8.GetBytes(idToken), TokenPurpose),
        });
        await _db.SaveChangesAsync(cancellationToken);
    }

    // 43 characters; ProConnect asks for at least 32.
    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    [LoggerMessage(3212, LogLevel.Warning, "Signing in by {Provider} failed: {Reason}")]
    private partial void LogFailed(string provider, string reason);

    private sealed record SignedOut(string ReturnTo);
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Oidc.BackChannel;
using Beffroi.Identity.Oidc.Parties;

namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>Who comes to the token end point: a service that has proved who it is.</summary>
/// <param name="Origin">Network address, for the journal.</param>
internal sealed record TokenCaller(RelyingParty Party, string Issuer, string? Origin);

/// <summary>Exchanges codes and refresh tokens.</summary>
internal sealed class TokenDesk(
    GrantBook grants, IdTokens idTokens, ServiceSessions sessions, TimeProvider time)
{
    /// <summary>The code of a browser. It is worth one presentation; a second one ends what came of the
    /// first.</summary>
    internal async Task<TokenAnswer> RedeemCodeAsync(
        TokenCaller caller, string? code, string? redirectUri, string? verifier, CancellationToken cancellationToken)
    {
        if (code is null) return new TokenAnswer.Refused("invalid_request", "The code is missing.");
        if (await grants.PresentCodeAsync(code, cancellationToken) is not var (grant, isFirst))
            return TokenAnswer.InvalidGrant("The code is unknown.");

        if (!isFirst || grant.PartyId != caller.Party.Id)
        {
            await grants.RevokeStolenAsync(
                grant, isFirst ? Acts.CodeOfAnotherService : Acts.CodeReplayed, caller.Origin, cancellationToken);
            return TokenAnswer.InvalidGrant("The code was given to another service, or used before.");
        }
        if (FindFault(grant, redirectUri, verifier) is { } fault) return TokenAnswer.InvalidGrant(fault);

        return await IssueAsync(caller, grant.Id, grant.Scopes, withNonce: true, cancellationToken);
    }

    /// <summary>A refresh token for the next. Who comes with one that was exchanged before has it from
    /// somebody else: all tokens of that sign-in end.</summary>
    internal async Task<TokenAnswer> RefreshAsync(
        TokenCaller caller, string? refreshToken, string? scope, CancellationToken cancellationToken)
    {
        if (refreshToken is null) return new TokenAnswer.Refused("invalid_request", "The refresh_token is missing.");
        if (await grants.FindTokenAsync(refreshToken, TokenKind.Refresh, cancellationToken) is not { } token)
            return TokenAnswer.InvalidGrant("The refresh token is unknown.");
        if (await grants.FindLiveAsync(token.GrantId, cancellationToken) is not { } live
            || token.ExpiresAt <= time.GetUtcNow())
            return TokenAnswer.InvalidGrant("The sign-in behind the refresh token has ended.");

        if (live.Party.Id != caller.Party.Id)
        {
            await grants.RevokeStolenAsync(
                live.Grant, Acts.TokenOfAnotherService, caller.Origin, cancellationToken);
            return TokenAnswer.InvalidGrant("The refresh token was given to another service.");
        }
        if (!live.Party.Scopes.Contains(OidcScope.OfflineAccess))
            return TokenAnswer.InvalidGrant("The service is no more registered for refresh tokens.");

        var wanted = scope is null ? token.Scopes : OidcScope.Split(scope);
        if (wanted.Except(token.Scopes).Any())
            return new TokenAnswer.Refused("invalid_scope", "The scope is wider than what was granted.");

        if (!await grants.SpendAsync(token, cancellationToken))
        {
            await grants.RevokeStolenAsync(live.Grant, Acts.RefreshTokenReused, caller.Origin, cancellationToken);
            return TokenAnswer.InvalidGrant("The refresh token was used before.");
        }
        return await IssueAsync(caller, live.Grant.Id, wanted, withNonce: false, cancellationToken);
    }

    /// <summary>Tokens of a grant that nothing has ended.</summary>
    internal async Task<TokenAnswer> IssueAsync(
        TokenCaller caller, Guid grant, string[] scopes, bool withNonce, CancellationToken cancellationToken)
    {
        if (await grants.FindLiveAsync(grant, cancellationToken) is not { } live)
            return TokenAnswer.InvalidGrant("The sign-in has ended.");

        var tokens = await grants.IssueAsync(live.Grant, scopes, cancellationToken);
        var idToken = await idTokens.WriteAsync(live, tokens.Access, caller.Issuer, withNonce, cancellationToken);
        await sessions.NoteAsync(live, caller.Issuer, cancellationToken);
        return new TokenAnswer.Issued(tokens, scopes, idToken);
    }

    /// <summary>A verifier without a challenge is as wrong as none with one: somebody took PKCE away on the
    /// way (RFC 9700, §2.1.1).</summary>
    private string? FindFault(SignOnGrant grant, string? redirectUri, string? verifier)
    {
        if (grant.CodeExpiresAt <= time.GetUtcNow()) return "The code has expired.";
        if (redirectUri != grant.RedirectUri) return "The redirect_uri is not the one of the code.";
        if (grant.Challenge is null != verifier is null)
            return "The code_verifier and the challenge do not go together.";

        return verifier is null || (IsVerifier(verifier) && ChallengeOf(verifier) == grant.Challenge)
            ? null
            : "The code_verifier does not fit the challenge.";
    }

    /// <summary>RFC 7636, §4.1: a short one could be guessed from its challenge, which the browser saw.</summary>
    private static bool IsVerifier(string text) => text.Length is >= 43 and <= 128
        && text.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '.' or '_' or '~');

    private static string ChallengeOf(string verifier) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
}

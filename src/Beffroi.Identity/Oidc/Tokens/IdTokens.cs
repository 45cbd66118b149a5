using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Keys;

namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>Writes identity tokens (OpenID Connect Core 1.0, §2).</summary>
internal sealed class IdTokens(SigningKeys keys, TimeProvider time)
{
    /// <param name="withNonce">Not when a token is renewed: nobody asked with a nonce then.</param>
    internal async Task<string> WriteAsync(
        LiveGrant live, string accessToken, string issuer, bool withNonce, CancellationToken cancellationToken)
    {
        var ring = await keys.GetAsync(cancellationToken);
        var now = time.GetUtcNow();
        var grant = live.Grant;
        var claims = live.ToClaims(grant.Scopes);
        claims["iss"] = issuer;
        claims["aud"] = live.Party.ClientId;
        claims["exp"] = (now + OidcOptions.TokenLifetime).ToUnixTimeSeconds();
        claims["iat"] = now.ToUnixTimeSeconds();
        claims["auth_time"] = grant.AuthenticatedAt.ToUnixTimeSeconds();
        claims["sid"] = SessionName(grant.SessionId);
        claims["acr"] = Assurance.LevelOf(grant.Methods);
        claims["amr"] = new JsonArray([.. Assurance.NamesOf(grant.Methods).Select(name => JsonValue.Create(name))]);
        if (withNonce && grant.Nonce is not null) claims["nonce"] = grant.Nonce;
        claims["at_hash"] = LeftHalf(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)));
        return JsonWebToken.Sign(claims, ring.Signing[live.Party.Algorithm]);
    }

    /// <summary>A session as services know it: enough to name it at sign-out, and not its own id.</summary>
    internal static string SessionName(Guid session) =>
        LeftHalf(SHA256.HashData([.. "beffroi sid"u8, .. session.ToByteArray()]));

    private static string LeftHalf(byte[] hash) => Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2));
}

using System.Text.Json.Nodes;
using Beffroi.Identity.Oidc.Authorize;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Tokens;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Identity.Oidc.Web;

/// <summary>What services read before anything else: addresses, abilities, keys (OpenID Connect Discovery
/// 1.0).</summary>
internal sealed class Discovery(OidcIssuer issuers, SigningKeys keys)
{
    internal const string TokenPath = "/oidc/token";
    internal const string UserInfoPath = "/oidc/userinfo";
    internal const string KeysPath = "/oidc/jwks";
    internal const string RevokePath = "/oidc/revoke";
    internal const string IntrospectPath = "/oidc/introspect";
    internal const string DevicePath = "/oidc/device";

    /// <summary>The page where people enter the code of a program.</summary>
    internal const string DevicePage = "/appareil";

    private static readonly string[] Claims =
    [
        "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "acr", "amr", "at_hash", "name",
        "preferred_username", "email", "email_verified", "siret", "organization_label", "member", "organizations",
        "roles",
    ];

    private static readonly string[] Proofs = ["client_secret_basic", "client_secret_post", "none"];

    internal Task DescribeAsync(HttpContext context)
    {
        if (issuers.Of(context.Request) is not { } issuer) return OidcAnswer.NoIssuerAsync(context);
        CrossOrigin.AllowAnybody(context);
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return OidcAnswer.JsonAsync(context, new JsonObject
        {
            ["issuer"] = issuer,
            ["authorization_endpoint"] = issuer + AuthorizeDesk.Path,
            ["token_endpoint"] = issuer + TokenPath,
            ["userinfo_endpoint"] = issuer + UserInfoPath,
            ["jwks_uri"] = issuer + KeysPath,
            ["end_session_endpoint"] = issuer + SignOutDesk.Path,
            ["revocation_endpoint"] = issuer + RevokePath,
            ["introspection_endpoint"] = issuer + IntrospectPath,
            ["device_authorization_endpoint"] = issuer + DevicePath,
            ["scopes_supported"] = List(OidcScope.All),
            ["claims_supported"] = List(Claims),
            ["response_types_supported"] = List(["code"]),
            ["response_modes_supported"] = List(["query"]),
            ["grant_types_supported"] =
                List([TokenRoute.Code, TokenRoute.Refresh, TokenRoute.Device]),
            ["subject_types_supported"] = List(["public"]),
            ["id_token_signing_alg_values_supported"] = List(SigningKeys.Algorithms),
            ["token_endpoint_auth_methods_supported"] = List(Proofs),
            ["revocation_endpoint_auth_methods_supported"] = List(Proofs),
            ["introspection_endpoint_auth_methods_supported"] = List(Proofs[..2]),
            ["code_challenge_methods_supported"] = List(["S256"]),
            ["prompt_values_supported"] = List(["none", "login", "consent", "select_account"]),
            ["acr_values_supported"] = List(Assurance.All),
            ["ui_locales_supported"] = List(["fr", "en"]),
            ["backchannel_logout_supported"] = true,
            ["backchannel_logout_session_supported"] = true, // Logout tokens have a 'sid'.
            ["claims_parameter_supported"] = false,
            ["request_parameter_supported"] = false,
            ["request_uri_parameter_supported"] = false,
            ["authorization_response_iss_parameter_supported"] = true,
        });
    }

    internal async Task ListKeysAsync(HttpContext context)
    {
        var ring = await keys.GetAsync(context.RequestAborted);
        CrossOrigin.AllowAnybody(context);
        context.Response.Headers.CacheControl = "public, max-age=3600"; // New keys are announced for two days.
        await OidcAnswer.JsonAsync(
            context, new JsonObject { ["keys"] = new JsonArray([.. ring.Published.Select(key => key.ToJwk())]) });
    }

    private static JsonArray List(IEnumerable<string> values) =>
        new([.. values.Select(each => JsonValue.Create(each))]);
}

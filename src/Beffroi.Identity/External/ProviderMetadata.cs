using System.Text.Json;
using Beffroi.Identity.Oidc.Jose;

namespace Beffroi.Identity.External;

/// <summary>Where a provider's end points are, as its discovery document says.</summary>
internal sealed record ProviderMetadata(
    string Issuer, Uri Authorize, Uri Token, Uri UserInfo, Uri Keys, Uri? EndSession, bool SpeaksPkce)
{
    /// <exception cref="ProviderFailureException">The document is another issuer's, or lacks an address.</exception>
    internal static ProviderMetadata Read(JsonElement document, string issuer)
    {
        // Letter by letter: a document that names somebody else would have us believe their tokens (OpenID Connect
        // Discovery 1.0, §4.3).
        if (JsonWebToken.TextOf(document, "issuer") != issuer)
            throw new ProviderFailureException($"The discovery document of {issuer} names another issuer.");
        return new ProviderMetadata(
            issuer, Address(document, "authorization_endpoint"), Address(document, "token_endpoint"),
            Address(document, "userinfo_endpoint"), Address(document, "jwks_uri"),
            document.TryGetProperty("end_session_endpoint", out _) ? Address(document, "end_session_endpoint") : null,
            // ProConnect refuses parameters that it does not name.
            document.TryGetProperty("code_challenge_methods_supported", out var methods)
                && methods.ValueKind == JsonValueKind.Array
                && methods.EnumerateArray().Any(method =>
                    method.ValueKind == JsonValueKind.String && method.ValueEquals("S256")));
    }

    /// <summary>TLS, but for this computer itself.</summary>
    internal static bool IsSafe(Uri address) =>
        address.Scheme == "https" || address is { Scheme: "http", IsLoopback: true };

    private static Uri Address(JsonElement document, string name) =>
        Uri.TryCreate(JsonWebToken.TextOf(document, name), UriKind.Absolute, out var address) && IsSafe(address)
            ? address
            : throw new ProviderFailureException($"The discovery document has no good {name}.");
}

/// <summary>A provider did not answer as it must. Logged; people are told to try again.</summary>
internal sealed class ProviderFailureException(string message, Exception? inner = null) : Exception(message, inner);

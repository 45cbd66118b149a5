using Beffroi.Server.Tls;

namespace Beffroi.Server.Web;

/// <summary>Hands out the certificate of the self-made authority. An agent asks for it before it trusts anything, and
/// believes it only if its SHA-256 is the fingerprint in the enrolment token.</summary>
/// <remarks>The TLS handshake cannot carry it: the platform's TLS leaves self-signed certificates out of the chain it
/// sends.</remarks>
internal static class AuthorityRoute
{
    internal static void Map(IEndpointRouteBuilder routes, ServerCertificates? certificates) =>
        routes.MapGet("/v1/authority", () => certificates?.AuthorityDer is { } der
            ? Results.Bytes(der, "application/pkix-cert")
            : Results.NotFound());
}

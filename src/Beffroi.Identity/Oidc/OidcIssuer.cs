using System.Net;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Identity.Oidc;

/// <summary>The name under which the portal signs tokens.</summary>
public sealed class OidcIssuer
{
    private readonly string? _configured;

    internal OidcIssuer(OidcOptions options) => _configured = options.Issuer?.TrimEnd('/');

    /// <summary>None where no public address is set and somebody else than this computer asks: the Host header is the
    /// asker's own word.</summary>
    public string? Of(HttpRequest request) =>
        _configured ?? (IsLoopback(request.Host.Host) ? $"{request.Scheme}://{request.Host.Value}" : null);

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}

using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.Enrolment;

/// <summary>The address that machines are told.</summary>
internal static class ServerAddress
{
    /// <summary>The public address that is set, as behind a proxy; else the one by which this person came.</summary>
    internal static string Of(HttpContext http, PortalOptions options) => new Uri(
        options.IsPublicUrlSet ? options.PublicUrl : $"{http.Request.Scheme}://{http.Request.Host}")
        .GetLeftPart(UriPartial.Authority);

    /// <summary>Whether an agent accepts it: plain HTTP stays on one computer.</summary>
    internal static bool IsSafe(string address) =>
        new Uri(address) is { } url && (url.Scheme == Uri.UriSchemeHttps || url.IsLoopback);
}

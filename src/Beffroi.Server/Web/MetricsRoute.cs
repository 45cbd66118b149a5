using System.Net;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Server.Configuration;

namespace Beffroi.Server.Web;

/// <summary>/metrics for Prometheus: open to this machine, to others with the configured bearer token.</summary>
internal static class MetricsRoute
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", (HttpContext context, ServerOptions options, PrometheusMetrics metrics) =>
            IsAllowed(context, options)
                ? Results.Text(metrics.Write(), "text/plain; version=0.0.4; charset=utf-8")
                : Results.StatusCode(StatusCodes.Status403Forbidden));

    private static bool IsAllowed(HttpContext context, ServerOptions options)
    {
        if (options.MetricsToken is { } token)
        {
            var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes($"Bearer {token}"))) return true;
        }

        // Behind a proxy on this machine every request would seem to be local.
        return !options.BehindProxy && context.Connection.RemoteIpAddress is { } address
            && IPAddress.IsLoopback(address);
    }
}

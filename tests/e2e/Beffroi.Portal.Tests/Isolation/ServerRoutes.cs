using Beffroi.Server;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Portal.Tests.Isolation;

/// <summary>The routes of the server, from the program's own wiring.</summary>
internal static class ServerRoutes
{
    /// <summary>Each as its methods and its pattern, such as <c>GET,POST /veille</c>.</summary>
    internal static async Task<IReadOnlyList<string>> ListAsync(Site site)
    {
        var (configuration, options) = ServerConfiguration.Load(site.Data, "http://127.0.0.1:0");
        var folder = new DataFolder(options.Data);
        await using var database = await OpenDatabase.ForCommandAsync(
            options, folder, NullLogger.Instance, CancellationToken.None);
        await using var app = ServeCommand.Build(
            configuration, options, folder, database, certificates: null, TimeProvider.System);
        return
        [
            .. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)
                .OfType<RouteEndpoint>().Select(NameOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }

    private static string NameOf(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
        var verbs = methods.Count == 0 ? "ANY" : string.Join(',', methods.Order(StringComparer.Ordinal));
        return $"{verbs} /{endpoint.RoutePattern.RawText?.TrimStart('/')}";
    }
}

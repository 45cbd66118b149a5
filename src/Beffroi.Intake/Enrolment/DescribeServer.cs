using System.Reflection;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Enrolment;

/// <summary>What the server is.</summary>
internal static class DescribeServer
{
    private static readonly string Version =
        typeof(DescribeServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion;

    internal static void Map(IEndpointRouteBuilder intake) => intake.MapGet("/server", Handle);

    internal static JsonHttpResult<ServerDescription> Handle(TimeProvider time) => TypedResults.Json(
        new ServerDescription(
            "beffroi", Version, ProtocolConstants.Version, ProtocolConstants.Version, time.GetUtcNow()),
        ProtocolJson.Default.ServerDescription);
}

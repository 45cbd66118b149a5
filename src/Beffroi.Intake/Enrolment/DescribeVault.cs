using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Enrolment;

/// <summary>The vault as the calling device may see it.</summary>
internal static class DescribeVault
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapGet("/vault", HandleAsync).For(SessionPurpose.Any);

    internal static async Task<JsonHttpResult<VaultMessage>> HandleAsync(
        Session session, IDeviceDirectory devices, CancellationToken cancellationToken) => TypedResults.Json(
            await devices.DescribeVaultAsync(session.Device, cancellationToken), ProtocolJson.Default.VaultMessage);
}

using Beffroi.Intake.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Enrolment;

/// <summary>Revokes the calling device. Its snapshots stay.</summary>
internal static class UnenrolDevice
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapPost("/unenrolment", HandleAsync).For(SessionPurpose.Query);

    internal static async Task<NoContent> HandleAsync(
        Session session, IDeviceDirectory devices, CancellationToken cancellationToken)
    {
        await devices.RevokeAsync(session.Device, "unenrolled by the device itself", cancellationToken);
        return TypedResults.NoContent();
    }
}

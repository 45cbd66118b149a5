using Beffroi.Intake.Limits;
using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Plans;

/// <summary>A daemon says that it is there, and hears what is wanted of it.</summary>
internal static class CheckIn
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapPost("/check-ins", HandleAsync).For(SessionPurpose.Plan);

    internal static async Task<JsonHttpResult<CheckInAnswer>> HandleAsync(
        CheckInRequest request, Session session, IDaemonDesk desk, IntakeLimits limits,
        CancellationToken cancellationToken)
    {
        if (limits.Plans.TryTake(session.Device.Id) is { } refusal) throw refusal;

        return TypedResults.Json(
            await desk.CheckInAsync(session.Device, request, cancellationToken), ProtocolJson.Default.CheckInAnswer);
    }
}

using Beffroi.Intake.Limits;
using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Plans;

/// <summary>Notes how far one of the calling device's orders is.</summary>
internal static class ReportProgress
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapPost("/orders/{id:guid}/progress", HandleAsync).For(SessionPurpose.Plan);

    internal static async Task<JsonHttpResult<OrderProgressAnswer>> HandleAsync(
        Guid id, OrderProgress progress, Session session, IDaemonDesk desk, IntakeLimits limits,
        CancellationToken cancellationToken)
    {
        if (limits.Plans.TryTake(session.Device.Id) is { } refusal) throw refusal;

        var answer = await desk.NoteProgressAsync(session.Device, id, progress, cancellationToken);
        return TypedResults.Json(answer, ProtocolJson.Default.OrderProgressAnswer);
    }
}

using Beffroi.Intake.Limits;
using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Plans;

/// <summary>Keeps what a device says of a backup, once.</summary>
internal static class ReportRun
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapPost("/runs", HandleAsync).For(SessionPurpose.Plan);

    internal static async Task<StatusCodeHttpResult> HandleAsync(
        RunReport report, Session session, IDaemonDesk desk, IntakeLimits limits, CancellationToken cancellationToken)
    {
        if (limits.Plans.TryTake(session.Device.Id) is { } refusal) throw refusal;

        var isNew = await desk.NoteRunAsync(session.Device, report, cancellationToken);
        return TypedResults.StatusCode(isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}

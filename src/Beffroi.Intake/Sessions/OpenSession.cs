using Beffroi.Intake.Limits;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Sessions;

/// <summary>Opens a session with a signed challenge.</summary>
internal static class OpenSession
{
    internal static void Map(IEndpointRouteBuilder intake) => intake.MapPost("/sessions", HandleAsync);

    internal static async Task<JsonHttpResult<SessionAnswer>> HandleAsync(
        SessionRequest request, HttpContext context, SessionDesk desk, IntakeLimits limits, IntakeOptions options,
        IDeviceDirectory devices, IRecordIndex index, TimeProvider time, CancellationToken cancellationToken)
    {
        var (token, device) = await limits.AttemptAsync(context, () => desk.OpenAsync(request, cancellationToken));
        await devices.MarkSeenAsync(device.Id, request.AgentVersion, cancellationToken);
        var damaged = await index.ListDamagedAsync(device, ProtocolConstants.ListedIdsMax, cancellationToken);
        var answer = new SessionAnswer(
            token, (int)options.SessionLifetime.TotalSeconds, Epoch: 0, device.LastSequence,
            device.LastSnapshot?.ToString(), time.GetUtcNow(), device.Terms.QuotaBytes, device.Terms.UsedBytes,
            [.. damaged.Select(id => id.ToString())]);
        return TypedResults.Json(answer, ProtocolJson.Default.SessionAnswer, statusCode: StatusCodes.Status201Created);
    }
}

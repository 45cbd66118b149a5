using Beffroi.Intake.Limits;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Enrolment;

/// <summary>Makes a machine a device of the vault that its token is for.</summary>
internal static class EnrolDevice
{
    internal static void Map(IEndpointRouteBuilder intake) => intake.MapPost("/enrolments", HandleAsync);

    internal static async Task<JsonHttpResult<EnrolmentAnswer>> HandleAsync(
        EnrolmentRequest request, HttpContext context, IntakeLimits limits, IDeviceDirectory devices,
        CancellationToken cancellationToken)
    {
        var answer = await limits.AttemptAsync(context, () => devices.EnrolAsync(request, cancellationToken));
        return TypedResults.Json(
            answer, ProtocolJson.Default.EnrolmentAnswer, statusCode: StatusCodes.Status201Created);
    }
}

using Beffroi.Intake.Limits;
using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Records;

/// <summary>Tells a device which records it need not send.</summary>
internal static class AskHave
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapPost("/have", HandleAsync).For(SessionPurpose.Backup);

    internal static async Task<FileContentHttpResult> HandleAsync(
        Session session, HttpContext context, IntakeLimits limits, IRecordIndex index,
        CancellationToken cancellationToken)
    {
        if (limits.Have.TryTake(session.Device.Id) is { } refusal) throw refusal;

        var ids = await RequestBodies.ReadIdsAsync(context, ProtocolConstants.HaveIdsMax, cancellationToken);
        var stored = await index.HaveAsync(session.Device, ids, cancellationToken);
        return TypedResults.Bytes(Array.ConvertAll(stored, isStored => isStored ? (byte)1 : (byte)0));
    }
}

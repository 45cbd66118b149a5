using Beffroi.Intake.Failures;
using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Records;

/// <summary>Streams records to the device whose secrets made them.</summary>
internal static class ReadRecords
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapPost("/records", HandleAsync).For(SessionPurpose.Restore);

    internal static Task HandleAsync(
        Session session, HttpContext context, RecordStream records, CancellationToken cancellationToken) =>
            AnswerAsync(session.Device, session.Device, context, records, cancellationToken);

    /// <summary>Answers <paramref name="reader"/> with what it asks for of <paramref name="owner"/>.</summary>
    internal static async Task AnswerAsync(
        KnownDevice reader, KnownDevice owner, HttpContext context, RecordStream records,
        CancellationToken cancellationToken)
    {
        var ids = await RequestBodies.ReadIdsAsync(context, ProtocolConstants.RecordIdsMax, cancellationToken);
        DemandDifferent(ids);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "application/octet-stream";
        await records.WriteAsync(reader.Id, owner, ids, context.Response.BodyWriter, cancellationToken);
    }

    private static void DemandDifferent(RecordId[] ids)
    {
        var seen = new HashSet<RecordId>(ids.Length);
        foreach (var id in ids)
        {
            if (!seen.Add(id))
                throw Refusal.Malformed($"Record {id} is asked for twice; the agent is faulty, update it.");
        }
    }
}

using Beffroi.Intake.Sessions;
using Beffroi.Vault.Commits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Commits;

/// <summary>Makes what a device has stored a snapshot. The same commit again has the same answer.</summary>
internal static class AcceptCommit
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapPost("/commits", HandleAsync).For(SessionPurpose.Backup);

    internal static async Task HandleAsync(
        Session session, HttpContext context, CommitIntake commits, CancellationToken cancellationToken)
    {
        var bytes = new byte[RequestBodies.DemandLength(context.Request, 1, Commit.BytesMax)];
        await RequestBodies.ReadAsync(context, bytes, cancellationToken);
        var (receipt, isNew) = await commits.AcceptAsync(session.Device, bytes, cancellationToken);
        context.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = receipt.Bytes.Length;
        await context.Response.Body.WriteAsync(receipt.Bytes, cancellationToken);
    }
}

using Beffroi.Intake.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Commits;

/// <summary>The whole commit of one of the calling device's snapshots.</summary>
internal static class ReadCommit
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapGet("/snapshots/{id}", HandleAsync).For(SessionPurpose.Any);

    internal static async Task<FileContentHttpResult> HandleAsync(
        string id, Session session, ICommitLedger ledger, CancellationToken cancellationToken) =>
        TypedResults.Bytes((await ledger.DemandAsync(session.Device, id, cancellationToken)).Bytes);
}

using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Commits;

/// <summary>The calling device's snapshots, newest first.</summary>
internal static class ListSnapshots
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapGet("/snapshots", HandleAsync).For(SessionPurpose.Any);

    internal static async Task<JsonHttpResult<SnapshotList>> HandleAsync(
        Session session, ICommitLedger ledger, CancellationToken cancellationToken) => TypedResults.Json(
            new SnapshotList(await ledger.ListAsync(session.Device.Id, cancellationToken)),
            ProtocolJson.Default.SnapshotList);
}

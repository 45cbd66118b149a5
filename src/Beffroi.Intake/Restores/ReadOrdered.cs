using Beffroi.Intake.Commits;
using Beffroi.Intake.Records;
using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Restores;

/// <summary>The snapshot that a person's order names, for the device that the order is for. An order is also the
/// approval that an operator may demand. Each request looks whether it still stands.</summary>
internal sealed class ReadOrdered(IRestoreGrants grants, ICommitLedger ledger, OpenRootKey rootKeys)
{
    internal static void Map(IEndpointRouteBuilder intake)
    {
        var order = intake.MapGroup("/orders/{id:guid}");
        order.MapGet("/snapshot", SnapshotAsync).For(SessionPurpose.Restore);
        order.MapPost("/root-key", RootKeyAsync).For(SessionPurpose.Restore);
        order.MapPost("/records", RecordsAsync).For(SessionPurpose.Restore);
    }

    private static async Task<FileContentHttpResult> SnapshotAsync(
        Guid id, Session session, ReadOrdered handler, CancellationToken cancellationToken) =>
            TypedResults.Bytes((await handler.DemandCommitAsync(session.Device, id, cancellationToken)).Bytes);

    private static Task<JsonHttpResult<RootKeyAnswer>> RootKeyAsync(
        Guid id, RootKeyRequest request, Session session, ReadOrdered handler, CancellationToken cancellationToken) =>
            handler.OpenRootKeyAsync(session.Device, id, request, cancellationToken);

    private static async Task RecordsAsync(
        Guid id, Session session, HttpContext context, ReadOrdered handler, RecordStream records,
        CancellationToken cancellationToken)
    {
        var grant = await handler.DemandAsync(session.Device, id, cancellationToken);
        await ReadRecords.AnswerAsync(session.Device, grant.Owner, context, records, cancellationToken);
    }

    private async Task<JsonHttpResult<RootKeyAnswer>> OpenRootKeyAsync(
        KnownDevice device, Guid order, RootKeyRequest request, CancellationToken cancellationToken)
    {
        OpenRootKey.DemandKnownPurpose(request);
        var commit = await DemandCommitAsync(device, order, cancellationToken);
        var isOwn = commit.Machine.Commit.Device == device.Id;
        return await rootKeys.AnswerAsync(
            device, commit, isOwn ? request.Purpose : $"{request.Purpose}-on-{device.Id}", cancellationToken);
    }

    private async Task<Receipt> DemandCommitAsync(KnownDevice device, Guid order, CancellationToken cancellationToken)
    {
        var grant = await DemandAsync(device, order, cancellationToken);
        return await ledger.DemandAsync(grant.Owner, grant.Snapshot.ToString(), cancellationToken);
    }

    private async Task<RestoreGrant> DemandAsync(KnownDevice device, Guid order, CancellationToken cancellationToken) =>
        await grants.FindAsync(device, order, cancellationToken) ?? throw new VaultException(
            ErrorCode.NotFound, retryable: false,
            $"No restore {order} waits for this device or runs there: it has ended, was called back, or never was. Ask "
                + "anew in the portal if the files are still wanted.");
}

using Beffroi.Intake.Limits;
using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Beffroi.Intake.Commits;

/// <summary>Seals the root key of a snapshot anew to the calling device, which may read it: its own, or one that an
/// order names.</summary>
internal sealed partial class OpenRootKey(
    ICommitLedger ledger, IVaultKeys keys, IntakeLimits limits, IntakeOptions options, IntakeMetrics metrics,
    ILogger<OpenRootKey> logger)
{
    private const string Restore = "restore";

    internal static void Map(IEndpointRouteBuilder intake) => intake.MapPost(
        "/snapshots/{id}/root-key",
        (string id, RootKeyRequest request, Session session, OpenRootKey handler,
            CancellationToken cancellationToken) => handler.HandleAsync(id, request, session, cancellationToken))
        .For(SessionPurpose.Restore);

    internal async Task<JsonHttpResult<RootKeyAnswer>> HandleAsync(
        string id, RootKeyRequest request, Session session, CancellationToken cancellationToken)
    {
        DemandKnownPurpose(request);
        var device = session.Device;
        var receipt = await ledger.DemandAsync(device, id, cancellationToken);
        if (options.IsRestoreApprovalRequired) throw NotApproved(device);

        return await AnswerAsync(device, receipt, request.Purpose, cancellationToken);
    }

    /// <exception cref="Failures.Refusal">400: the key service opens nothing for that.</exception>
    internal static void DemandKnownPurpose(RootKeyRequest request)
    {
        if (request.Purpose != Restore)
            throw Failures.Refusal.Malformed(
                $"'{request.Purpose}' is no purpose to open a snapshot for; use {Restore}.");
    }

    /// <summary>Opens it for a device that may read it.</summary>
    internal async Task<JsonHttpResult<RootKeyAnswer>> AnswerAsync(
        KnownDevice device, Receipt receipt, string purpose, CancellationToken cancellationToken)
    {
        await DemandRoomAsync(device, receipt.Machine.Id);
        var resealed = await keys.ResealRootKeyAsync(device, receipt, purpose, cancellationToken);
        metrics.OpenedRootKey();
        return TypedResults.Json(
            new RootKeyAnswer(resealed.Encapsulated, resealed.Ciphertext), ProtocolJson.Default.RootKeyAnswer);
    }

    private async Task DemandRoomAsync(KnownDevice device, SnapshotId snapshot)
    {
        if (limits.RootKeys.TryOpen(device.Id, snapshot, out var isFirstRefusal) is not { } refusal) return;

        metrics.RefusedRootKey();
        if (isFirstRefusal)
        {
            LogManyOpened(device.Id, device.Vault);
            await RaiseAlarmAsync(device);
        }
        throw refusal;
    }

    private async Task RaiseAlarmAsync(KnownDevice device)
    {
        try
        {
            // Written even if the caller hangs up: a thief must not choose whether there is an alarm.
            await keys.NoteManyOpenedAsync(device, options.RootKeysPerHourMax, CancellationToken.None);
        }
        catch
        {
            limits.RootKeys.ForgetRefusal(device.Id); // Or the hour would pass without one.
            throw;
        }
    }

    private static VaultException NotApproved(KnownDevice device) => new(
        ErrorCode.ApprovalRequired,
        retryable: false,
        $"Your operator demands that a person approves each restore. Ask its support, and name device {device.Id}.");

    [LoggerMessage(2040, LogLevel.Warning,
        "Device {Device} of vault {Vault} opens more of its history than allowed: find out who uses it")]
    private partial void LogManyOpened(DeviceId device, VaultId vault);
}

using Beffroi.Intake.Failures;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Beffroi.Intake.Commits;

/// <summary>Checks and countersigns commits (docs/format/commit.md §3).</summary>
internal sealed partial class CommitIntake(
    ICommitLedger ledger, IRecordIndex index, IntakeKeys keys, IntakeMetrics metrics, TimeProvider time,
    ILogger<CommitIntake> logger)
{
    /// <summary>Accepts a commit, or finds the receipt that it has already.</summary>
    /// <param name="bytes">The machine's part; belongs to the commit from now on.</param>
    internal async Task<(Receipt Receipt, bool IsNew)> AcceptAsync(
        KnownDevice device, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var signed = CommitCodec.ParseSigned(bytes);
        DemandAuthor(device, signed);
        DemandRecipients(device.Terms, signed.Commit);
        await using var turn = await ledger.TakeTurnAsync(device.Id, cancellationToken);
        if (turn.Last is { } last && last.Machine.Bytes.Span.SequenceEqual(bytes.Span)) return (last, false);

        DemandOrder(turn.Last, signed.Commit);
        DemandQuota(device.Terms);
        await DemandRootAsync(device, signed.Commit.Root, cancellationToken);
        var receipt = await turn.AppendAsync(
            CommitCodec.Countersign(signed, time.GetUtcNow(), keys.Server), cancellationToken);
        metrics.Committed();
        LogCommitted(device.Id, signed.Commit.Sequence, signed.Id, signed.Commit.Counters.Files);
        return (receipt, true);
    }

    private static void DemandAuthor(KnownDevice device, SignedCommit signed)
    {
        if (signed.Commit.Vault != device.Vault || signed.Commit.Device != device.Id)
            throw new VaultException(
                ErrorCode.CommitForged, retryable: false,
                $"The commit is for another vault or device than the session's, device {device.Id}. Nothing was "
                    + "stored.");
        if (!signed.IsSignedBy(device.SignKey))
            throw new VaultException(
                ErrorCode.CommitForged, retryable: false,
                $"The commit's signature is not that of device {device.Id}. Nothing was stored; enrol the computer "
                    + "again if its keys were changed.");
    }

    private static void DemandRecipients(VaultTerms terms, Commit commit)
    {
        var toRecovery = commit.Recipients.Any(
            recipient => recipient.Role == RecipientRole.Recovery && recipient.KeyId == terms.RecoveryKey);
        var toService = terms.ServiceKey is null || commit.Recipients.Any(
            recipient => recipient.Role == RecipientRole.KeyService && recipient.KeyId == terms.ServiceKey);
        if (toRecovery && toService) return;

        throw new VaultException(
            ErrorCode.CommitMalformed, retryable: false,
            $"The snapshot is not sealed to {(toRecovery ? "the key service" : "the member's recovery key")} of this "
                + "vault: it could never be restored as promised. Nothing was stored; enrol the computer again to get "
                + "the vault's keys.");
    }

    private static void DemandOrder(Receipt? last, Commit commit)
    {
        var sequence = last?.Machine.Commit.Sequence ?? 0;
        if (commit.Sequence == sequence + 1 && commit.Previous == (last?.Machine.Id.Value ?? default)) return;

        throw new Refusal(
            StatusCodes.Status409Conflict, ErrorCode.CommitOutOfOrder, retryable: false,
            $"The commit has sequence {commit.Sequence}; this device's last snapshot has {sequence}. Another run of "
                + "the agent was faster. Run the backup again: what was sent is stored.")
        {
            LastSequence = sequence,
            LastSnapshot = last?.Machine.Id.ToString(),
        };
    }

    private static void DemandQuota(VaultTerms terms)
    {
        if (terms.UsedBytes <= terms.QuotaBytes) return;

        throw new VaultException(
            ErrorCode.QuotaExceeded, retryable: false,
            $"The vault holds {terms.UsedBytes} bytes and may hold {terms.QuotaBytes}. Ask your operator for more "
                + "room.");
    }

    private async Task DemandRootAsync(KnownDevice device, RecordId root, CancellationToken cancellationToken)
    {
        var found = await index.FindAsync(device, [root], cancellationToken);
        if (found.Any(location => location is { Type: RecordType.Segment, IsDamaged: false })) return;

        throw new Refusal(
            StatusCodes.Status409Conflict, ErrorCode.ReferencesMissing, retryable: false,
            $"The root {root} of the snapshot is not stored as a catalogue segment. Run the backup again; it is sent "
                + "then.")
        {
            Missing = [root.ToString()],
        };
    }

    [LoggerMessage(
        2041, LogLevel.Information, "Device {Device} committed snapshot {Sequence} ({Snapshot}) of {Files} files")]
    private partial void LogCommitted(DeviceId device, long sequence, SnapshotId snapshot, long files);
}

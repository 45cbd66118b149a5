using Beffroi.Agent.Commands;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Restore;
using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Operations;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Daemon;

/// <summary>A restore to this device that a person ordered in the portal.</summary>
internal sealed class OrderedRestore(AgentContext context, Enrolment enrolment)
{
    private readonly RestoreProgress _progress = new();
    private readonly List<string> _problems = [];
    private readonly Lock _gate = new();

    /// <summary>How far it is.</summary>
    internal WorkNumbers Numbers =>
        new(_progress.Files, _progress.FilesTotal, _progress.Bytes, _progress.BytesTotal);

    /// <summary>Runs it.</summary>
    /// <exception cref="VaultException">Nothing can go on.</exception>
    internal async Task<OrderProgress> RunAsync(
        Guid order, RestoreMessage wish, CancellationToken cancellationToken)
    {
        var from = wish.From is { } named ? new DeviceId(named) : enrolment.Device;
        var folder = FolderOf(wish, isOwn: from == enrolment.Device);
        context.Terminal.Note($"An order restores {wish.Snapshot[..12]} of {NameOf(from)} to {folder}.");
        await using var connection = context.Connect(enrolment);
        await using var session = await context.OpenSessionAsync(
            connection, enrolment, SessionPurpose.Restore, new BufferPool(), cancellationToken);
        var (root, source) = await OpenAsync(session, order, wish, from, cancellationToken);
        var options = new RestoreOptions
        {
            Paths = [.. wish.Paths.Select(SharedOptions.SnapshotPath)],
            Conflict = ConflictOf(wish.Conflict),
            RenamedAs = KeepBothName.SuffixAt(context.Time.GetLocalNow()),
            Syncs = true,
        };
        using var target = FileSystems.OpenTarget(
            folder, new TargetOptions { Overwrites = options.Overwrites }, Report);
        using var records = new RecordReader(source, new BufferPool());
        using var run = new RestoreRun(
            options, new CatalogueReader(records), root, source, target, _progress, Report);
        await run.ExecuteAsync(cancellationToken);
        return Result();
    }

    private string NameOf(DeviceId from) => from == enrolment.Device ? enrolment.DeviceName : $"device {from}";

    private async Task<(RecordRef Root, IRecordSource Records)> OpenAsync(
        DeviceSession session, Guid order, RestoreMessage wish, DeviceId from, CancellationToken cancellationToken)
    {
        var snapshot = new SnapshotId(Digest256.Parse(wish.Snapshot));
        using var sealKey = HpkePrivateKey.Import(enrolment.SealPrivateScalar);
        if (wish.From is null) // A server from before orders could be read under.
        {
            var own = await session.GetCommitAsync(snapshot, cancellationToken);
            var ownKey = await session.OpenRootKeyAsync(own, sealKey, cancellationToken);
            return (new RecordRef(own.Machine.Commit.Root, ownKey), session);
        }
        var reading = session.ReadUnder(order, from);
        var receipt = await reading.GetCommitAsync(snapshot, cancellationToken);
        var key = await reading.OpenRootKeyAsync(receipt, sealKey, cancellationToken);
        return (new RecordRef(receipt.Machine.Commit.Root, key), reading);
    }

    private static string FolderOf(RestoreMessage wish, bool isOwn)
    {
        if (wish is { Target: "folder", Folder: { } folder } && Path.IsPathFullyQualified(folder))
            return Path.GetFullPath(folder);
        if (wish.Target == "original" && !isOwn)
            throw new VaultException(ErrorCode.RequestMalformed, retryable: false,
                "Files of another computer are restored to a folder, never to where they were there. Nothing was "
                    + "restored.");
        if (wish.Target == "original" && OperatingSystem.IsLinux()) return "/";
        throw new VaultException(ErrorCode.NotOnThisSystem, retryable: false,
            wish.Target == "original"
                ? "On this system files cannot be restored to where they were. Restore them to a folder, and move them."
                : $"'{wish.Folder}' is no full path on this system. Nothing was restored.");
    }

    private static RestoreConflict ConflictOf(string text) => text switch
    {
        "keepBoth" => RestoreConflict.KeepBoth,
        "replace" => RestoreConflict.Replace,
        "skip" => RestoreConflict.Skip,
        _ => throw new VaultException(ErrorCode.RequestMalformed, retryable: false,
            $"This agent does not know what to do with existing files by '{text}'. Update it. Nothing was restored."),
    };

    private OrderProgress Result()
    {
        lock (_gate)
        {
            return new OrderProgress(
                "done", _progress.Files, _progress.FilesTotal, _progress.Bytes, _progress.BytesTotal, _progress.Failed,
                Details: [.. _problems]);
        }
    }

    private void Report(RestoreProblem problem) => Note($"/{problem.Path}: {problem.Text}");

    private void Report(TargetProblem problem) => Note($"/{problem.Path}: {problem.What}: {problem.Why}");

    private void Note(string line)
    {
        context.Terminal.Note($"warning: {line}");
        lock (_gate)
        {
            if (_problems.Count < ProtocolConstants.ReportedPathsMax)
                _problems.Add(line[..Math.Min(line.Length, ProtocolConstants.ReportedCharactersMax)]);
        }
    }
}

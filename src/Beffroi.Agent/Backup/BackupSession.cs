using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Platform;
using Beffroi.Agent.State;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Operations;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Backup;

/// <summary>A whole backup: session, run, commit, receipt, and what the state remembers of it.</summary>
internal sealed class BackupSession(
    AgentContext context, Enrolment enrolment, BackupOptions options, ExclusionRules rules, ISourceFileSystem source,
    BackupState state, BackupScreen screen)
{
    // The server can lack records that the state believes stored (a pack was lost, a vault was rebuilt): the files are
    // read again. Twice in a row means that something else is wrong.
    private const int Attempts = 3;

    /// <summary>Below so many files, a source may lose most of them without a question.</summary>
    private const long VanishedFilesMin = 20;

    private RereadRule _reread;

    /// <summary>How far it came; null before the first file.</summary>
    internal BackupFacts? Facts { get; private set; }

    /// <summary>Runs it, and answers the command's exit code.</summary>
    internal async Task<int> RunAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        var started = context.Time.GetUtcNow();
        if (!options.IsDryRun) _reread = RereadRule.Since(LastCompleted()?.Ended, started);
        var result = new RunResult(RunOutcome.Failed, null, 0, 0, 0);
        state.BeginRun(); // First: a night without a server is a line of the history, too.
        try
        {
            await using var session = await context.OpenSessionAsync(
                connection, enrolment, SessionPurpose.Backup, new BufferPool(), cancellationToken);
            if (!options.IsDryRun) ForgetDamaged(session);
            var (outcome, receipt) = await RunAndCommitAsync(session, started, cancellationToken);
            Facts = Facts! with { Receipt = receipt }; // Set where the walk began.
            result = new RunResult(
                screen.Problems > 0 ? RunOutcome.CompletedWithWarnings : RunOutcome.Completed, receipt?.Machine.Id,
                outcome.Counters.Files, outcome.Counters.LogicalBytes, screen.Problems);
            if (!options.IsDryRun) RememberPaths();
            screen.Finish(outcome, receipt, context.Time.GetUtcNow() - started);
            return screen.Problems > 0 ? ExitCode.DoneWithWarnings : ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            result = result with { Outcome = RunOutcome.Interrupted };
            throw;
        }
        finally
        {
            // A dry run leaves the state as it was, apart from having run.
            if (options.IsDryRun && result.Outcome is (RunOutcome.Completed or RunOutcome.CompletedWithWarnings))
                result = result with { Outcome = RunOutcome.DryRun };
            state.EndRun(result, options.Roots);
        }
    }

    private void ForgetDamaged(DeviceSession session)
    {
        var damaged = session.Session.Damaged.Select(id => new RecordId(Digest256.Parse(id))).ToHashSet();
        var files = state.ForgetDamaged(damaged);
        if (damaged.Count == 0) return;
        context.Terminal.Note(
            $"The server found {damaged.Count} damaged records of this computer; {files} files are read again to store "
            + "them anew.");
    }

    private async Task<(BackupOutcome Outcome, Receipt? Receipt)> RunAndCommitAsync(
        DeviceSession session, DateTimeOffset started, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var outcome = await WalkAsync(session, cancellationToken);
                Facts = Facts! with { Outcome = outcome };
                CheckNotVanished(outcome);
                if (options.IsDryRun) return (outcome, null);
                return (outcome, await CommitAsync(session, outcome, started));
            }
            catch (MissingRecordsException missing) when (attempt < Attempts)
            {
                var files = state.ForgetRecords(missing.Missing.ToHashSet());
                screen.ForgetProblems(); // The next attempt meets them again.
                context.Terminal.Note(
                    $"The server lacks {missing.Missing.Count} records that were stored before; {files} files are read "
                    + "again.");
            }
        }
    }

    private Task<BackupOutcome> WalkAsync(DeviceSession session, CancellationToken cancellationToken)
    {
        var identity = new BackupIdentity(enrolment.Vault, enrolment.MachineSecret, enrolment.GroupSecret);
        IVaultRemote remote = options.IsDryRun ? new DryRunRemote(session) : session;
        var progress = new BackupProgress();
        Facts = new BackupFacts(progress, Outcome: null, Receipt: null);
        var run = new BackupRun(
            options with { Reread = _reread }, identity, source, rules, state, remote, progress, screen.Report,
            context.Time);
        return screen.WatchAsync(run.ExecuteAsync(cancellationToken), progress);
    }

    /// <summary>An unmounted disk looks like a disk whose files were all deleted; the difference is worth a
    /// question.</summary>
    private void CheckNotVanished(BackupOutcome outcome)
    {
        if (options.AllowsVanished || options.IsDryRun) return;
        if (!LastPaths.Load(context.Home).ToHashSet().SetEquals(options.Roots)) return;
        var last = LastCompleted();
        if (last is null || last.Result.Files < VanishedFilesMin || outcome.Counters.Files * 2 >= last.Result.Files)
            return;
        throw new VaultException(ErrorCode.SourceVanished, retryable: false,
            $"The source has {Quantity.Count(outcome.Counters.Files, "file")} where the last snapshot had "
            + $"{Quantity.Count(last.Result.Files)}. No snapshot was taken: is a disk not mounted? If the files were "
            + "really removed, run the same command with --allow-vanished.");
    }

    private void RememberPaths()
    {
        try
        {
            LastPaths.Save(context.Home, options.Roots);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            context.Terminal.Note(
                $"The paths could not be noted for the next time: {failure.Message} Name them again then, or set "
                + "'paths' in agent.json.");
        }
    }

    private RunRecord? LastCompleted() => BackupState.ReadLastCompleted(context.Home.StateFile);

    /// <summary>Stores the snapshot. From here on it may exist: Ctrl+C waits for the answer rather than leaving it
    /// unknown, for as long as a call's patience lasts.</summary>
    private async Task<Receipt> CommitAsync(DeviceSession session, BackupOutcome outcome, DateTimeOffset started)
    {
        using var signKey = SigningKey.ImportPkcs8(enrolment.SigningKey);
        var (sequence, previous) = (session.Session.LastSequence + 1, session.Session.LastSnapshot);
        try
        {
            return await session.CommitAsync(Sign(sequence, previous), CancellationToken.None);
        }
        catch (CommitOutOfOrderException late) when (late.LastSequence >= sequence)
        {
            // The commit of an earlier run was still under way when this session was opened. Once: whatever brings a
            // second one within moments is another computer.
            context.Terminal.Note(
                $"Snapshot number {late.LastSequence} of this computer came in meanwhile, and this one follows it. If "
                + "that comes back, look for a second computer with the same enrolment.");
            return await session.CommitAsync(
                Sign(late.LastSequence + 1, late.LastSnapshot?.ToString()), CancellationToken.None);
        }

        SignedCommit Sign(long number, string? last) =>
            CommitCodec.Sign(CommitOf(outcome, started, number, last), signKey);
    }

    private Commit CommitOf(BackupOutcome outcome, DateTimeOffset started, long sequence, string? previous) => new()
    {
        Vault = enrolment.Vault,
        Device = enrolment.Device,
        Sequence = sequence,
        Previous = previous is null ? default : Digest256.Parse(previous),
        Started = started,
        Ended = context.Time.GetUtcNow(),
        Root = outcome.Root.Id,
        Counters = outcome.Counters,
        Platform = OperatingSystem.IsWindows()
            ? SourcePlatform.Windows
            : OperatingSystem.IsMacOS() ? SourcePlatform.MacOS : SourcePlatform.Linux,
        AgentVersion = AgentContext.Version,
        Recipients = [.. SealRootKey(outcome.Root, sequence)],
    };

    private IEnumerable<Recipient> SealRootKey(RecordRef root, long sequence)
    {
        var info = Commit.SealInfo(enrolment.Vault, enrolment.Device, sequence, root.Id);
        yield return SealTo(RecipientRole.Recovery, enrolment.RecoveryPublicKey, info, root.Key);
        if (enrolment.KeyServicePublicKey is { } service)
            yield return SealTo(RecipientRole.KeyService, service, info, root.Key);
    }

    private static Recipient SealTo(RecipientRole role, byte[] point, byte[] info, Digest256 rootKey)
    {
        var key = HpkePublicKey.Import(point);
        var sealedKey = Hpke.Seal(key, info, [], rootKey.ToArray());
        return new Recipient(role, key.KeyId, sealedKey.Encapsulated, sealedKey.Ciphertext);
    }
}

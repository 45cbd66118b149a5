using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Daemon;
using Beffroi.Agent.Dumps;
using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Reports;
using Beffroi.Agent.State;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Backup;

/// <summary>A backup from the lock to its report: what 'beffroi backup' and the daemon have in common.</summary>
internal sealed class BackupJob(AgentContext context, Enrolment enrolment, BackupWish wish, bool json)
{
    private readonly RunNotes _notes = new();
    private BackupScreen? _screen;
    private BackupSession? _session;
    private ServerConnection? _connection;

    /// <summary>How far it is; null before it begins.</summary>
    internal BackupProgress? Progress => _screen?.Progress;

    /// <summary>Changes the limit of the upload, from the next pack on; null for none.</summary>
    internal void LimitUpload(long? bytesPerSecond) => _connection?.LimitUpload(bytesPerSecond ?? 0);

    /// <summary>Runs it, and answers the command's exit code.</summary>
    /// <exception cref="VaultException">It failed; the report has been kept, except that of a run that had to give way
    /// to another one (<see cref="ErrorCode.AlreadyRunning"/>).</exception>
    internal async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var settings = context.LoadSettings();
        using var runLock = await RunLock.AcquireAsync(context.Home, wish.Wait, context.Time, cancellationToken);
        var started = context.Time.GetUtcNow();
        try
        {
            await RunLockedAsync(settings, cancellationToken);
        }
        catch (Exception failure) when (failure is VaultException or OperationCanceledException)
        {
            Note(started, failure);
            throw;
        }
        Note(started, failure: null);
        return _notes.Problems + _notes.WarningCount > 0 ? ExitCode.DoneWithWarnings : ExitCode.Done;
    }

    private async Task RunLockedAsync(AgentSettings settings, CancellationToken cancellationToken)
    {
        using var state = BackupState.Open(
            context.Home.StateFile, new StateOwner(enrolment.Vault, enrolment.Device), context.Time, Warn);
        using var counted = wish.IsWatched ? FileSystems.OpenSource(report: _ => { }) : null;
        var roots = wish.Roots;
        if (wish.Plan is { } plan)
        {
            if (!wish.IsDryRun) await DumpAsync(plan, settings, cancellationToken);
            roots = RootsOf(plan);
        }
        var options = new BackupOptions
        {
            Roots = roots,
            StaysOnFileSystem = wish.StaysOnFileSystem,
            IsDryRun = wish.IsDryRun,
            ReadsAll = wish.ReadsAll,
            AllowsVanished = wish.AllowsVanished,
            CountsIn = counted,
        };
        var rules = ExclusionRules.ForThisSystem(
            settings.Exclusions.Concat(wish.Exclusions), wish.DefaultExclusions);
        var screen = _screen = new BackupScreen(context.Terminal, context.Time, json, _notes);
        await using var frozen = await FrozenVolumes.FreezeAsync(
            FileSystems.OpenSnapshots(context.Time), wish.Snapshot, options.Roots, context.Terminal.Note,
            cancellationToken);
        using var source = FileSystems.OpenSource(screen.Report, frozen.Snapshots);
        _session = new BackupSession(context, enrolment, options, rules, source, state, screen);
        await using var connection = context.Connect(enrolment, wish.UploadBytesPerSecond);
        _connection = connection;
        await _session.RunAsync(connection, cancellationToken);
    }

    /// <summary>Writes the plan's databases into files.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.DumpFailed"/>, of a dump without which the plan wants no
    /// backup.</exception>
    private async Task DumpAsync(Plan plan, AgentSettings settings, CancellationToken cancellationToken)
    {
        foreach (var dump in plan.Scope.Dumps)
        {
            try
            {
                var local = settings.Dumps.GetValueOrDefault(dump.Name, LocalDump.None);
                await new DumpRun(context.Home.DumpsFolder, dump, local).ExecuteAsync(cancellationToken);
            }
            catch (VaultException failure) when (failure.Code == ErrorCode.DumpFailed && dump.OnFailure != "fail")
            {
                Warn($"{failure.Message} [{failure.CodeText}]");
            }
        }
    }

    /// <summary>The plan's paths that exist. What misses is a warning: a disk that is not connected must not stop the
    /// backup of the others.</summary>
    private IReadOnlyList<EntryPath> RootsOf(Plan plan)
    {
        IReadOnlyList<string> wanted = plan.Scope.Dumps.Count > 0
            ? [.. plan.Scope.Include, context.Home.DumpsFolder] : plan.Scope.Include;
        var there = wanted.Where(SharedOptions.Exists).ToList();
        foreach (var path in wanted.Except(there, StringComparer.Ordinal))
            Warn($"{path} of the plan does not exist on this computer, or cannot be seen by this user.");
        return there.Count > 0
            ? EntryPath.Outermost([.. there.Select(SharedOptions.LocalPath)])
            : throw new VaultException(ErrorCode.SourceMissing, retryable: false,
                "Nothing of the plan exists on this computer: "
                + $"{string.Join(", ", plan.Scope.Include)}. Nothing was backed up. Is a disk not connected? If the "
                + "folders have moved, have the plan corrected in the portal.");
    }

    private void Warn(string sentence)
    {
        context.Terminal.Note(sentence);
        _notes.Warn(sentence);
    }

    /// <summary>Keeps the report, and what the scheduler has to know.</summary>
    private void Note(DateTimeOffset started, Exception? failure)
    {
        if (wish.IsDryRun) return;
        var ended = context.Time.GetUtcNow();
        try
        {
            new ReportSpool(context.Home, context.Time).Add(
                RunReports.Of(wish.Origin, _notes, _session?.Facts, failure, started, ended));
            if (wish.Plan is not { } plan) return;
            var history = RunHistoryFile.Load(context.Home);
            RunHistoryFile.Save(context.Home, failure switch
            {
                null => RunHistory.AfterGood(started, ended, Scheduler.DayOf(plan, started)),
                OperationCanceledException => history,
                _ => history.WithFailure(ended),
            });
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            context.Terminal.Note(
                $"The report of this run could not be kept: {cause.Message} The server will not hear of it; the "
                + "snapshot itself is not concerned.");
        }
    }
}

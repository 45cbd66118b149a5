using System.CommandLine;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Daemon;
using Beffroi.Agent.Reports;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi backup': takes a snapshot.</summary>
internal sealed class BackupCommand : Command
{
    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "What to back up. Without any: the plan, the paths of agent.json, or those of the last backup.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Leave out what fits: a name (*.iso), a path (/srv/x), or with '!' bring back. May be repeated.",
        HelpName = "PATTERN",
    };

    private readonly Option<bool> _noDefaults = new("--no-default-excludes")
    {
        Description = "Do not leave out caches, temporary files and the like.",
    };
    private readonly Option<bool> _oneFileSystem = new("--one-file-system")
    {
        Description = "Do not enter other mounted file systems.",
    };
    private readonly Option<SnapshotChoice> _snapshot = new("--snapshot")
    {
        Description =
            "Read from a frozen snapshot of the volume (Windows): where possible, never, or not at all without.",
        HelpName = "auto|off|required",
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Read and compare, store nothing." };
    private readonly Option<bool> _readAll = new("--read-all")
    {
        Description = "Read every file, also those that look unchanged.",
    };

    private readonly Option<bool> _allowVanished = new("--allow-vanished")
    {
        Description = "Take the snapshot even if most files of the last one are gone.",
    };

    private readonly Option<double?> _limit = new("--limit-upload")
    {
        Description = "Send at most so many megabits per second.",
        HelpName = "MBIT",
    };
    private readonly Option<int> _wait = new("--wait")
    {
        Description = "Wait up to so many seconds for another run to end.",
        HelpName = "SECONDS",
    };
    private readonly Option<bool> _json = SharedOptions.Json();

    internal BackupCommand(AgentContext context)
        : base(
            "backup",
            "Take a snapshot. Exit codes: 0 done, 1 error, 2 usage, 3 done but some files could not be read, 10 not "
            + "enrolled, 11 server unreachable, 12 refused (rights, quota), 13 another run works.")
    {
        Arguments.Add(_paths);
        Option[] options =
            [_exclude, _noDefaults, _oneFileSystem, _snapshot, _dryRun, _readAll, _allowVanished, _limit, _wait, _json];
        foreach (var option in options) Options.Add(option);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(_json), () => ExecuteAsync(context, parsed, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(AgentContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var enrolment = context.LoadEnrolment();
        var job = new BackupJob(context, enrolment, WishOf(context, parsed), parsed.GetValue(_json));
        try
        {
            return await job.RunAsync(cancellationToken);
        }
        finally
        {
            await TryReportAsync(context, enrolment, cancellationToken);
        }
    }

    private BackupWish WishOf(AgentContext context, ParseResult parsed)
    {
        string[] given = parsed.GetValue(_paths) ?? [];
        var plan = given.Length > 0 ? null : PlanFile.Load(context.Home, context.Terminal.Note);
        var runClass = plan is null ? null : RunHistoryFile.Load(context.Home)
            .ClassOf(Scheduler.DayOf(plan, context.Time.GetUtcNow()))?.ToString().ToLowerInvariant();
        return new BackupWish
        {
            Origin = RunOrigin.New(RunTrigger.Manual, plan?.Revision ?? 0, runClass),
            Plan = plan,
            Roots = plan is null ? RootsOf(context.Home, given, context.LoadSettings()) : [],
            Exclusions = [.. plan?.Scope.Exclude ?? [], .. parsed.GetValue(_exclude) ?? []],
            DefaultExclusions = (plan?.Scope.DefaultExclusions ?? true) && !parsed.GetValue(_noDefaults),
            Snapshot = parsed.GetValue(_snapshot),
            UploadBytesPerSecond = BytesPerSecond(parsed.GetValue(_limit)),
            Wait = TimeSpan.FromSeconds(parsed.GetValue(_wait)),
            StaysOnFileSystem = parsed.GetValue(_oneFileSystem),
            IsDryRun = parsed.GetValue(_dryRun),
            ReadsAll = parsed.GetValue(_readAll),
            AllowsVanished = parsed.GetValue(_allowVanished),
            IsWatched = context.Terminal.IsInteractive || parsed.GetValue(_json),
        };
    }

    /// <summary>Tells the server of the run, where no daemon does. It is kept and told later if that fails, so nobody
    /// waits for it and nothing is said.</summary>
    private static async Task TryReportAsync(
        AgentContext context, Enrolment enrolment, CancellationToken cancellationToken)
    {
        var spool = new ReportSpool(context.Home, context.Time);
        if (spool.Count == 0 || RunLock.IsDaemonAlive(context.Home) || cancellationToken.IsCancellationRequested)
            return;
        try
        {
            await using var connection = context.Connect(enrolment);
            await using var session = await context.OpenSessionAsync(
                connection, enrolment, SessionPurpose.Plan, new BufferPool(), cancellationToken, TimeSpan.Zero);
            await spool.SendAllAsync(session, context.Terminal.Note, cancellationToken);
        }
        catch (Exception failure) when (failure is VaultException or OperationCanceledException)
        {
            return;
        }
    }

    private static long? BytesPerSecond(double? megabits) => megabits is null || UploadLimit.IsValid(megabits.Value)
        ? UploadLimit.BytesPerSecond(megabits)
        : throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
            $"--limit-upload takes megabits per second, {UploadLimit.Range}, not {megabits}.");

    private static IReadOnlyList<EntryPath> RootsOf(AgentHome home, string[] given, AgentSettings settings)
    {
        var paths = given.Length > 0 ? given : settings.Paths;
        EntryPath[] named = [.. paths.Select(SharedOptions.LocalPath)];
        foreach (var path in paths)
        {
            if (!SharedOptions.Exists(path))
                throw new VaultException(ErrorCode.SourceMissing, retryable: false,
                    $"{path} does not exist on this computer (or cannot be seen by this user). Nothing was backed up. "
                    + "If it lies on another disk, is that disk mounted?");
        }
        var roots = named.Length > 0 ? named : LastPaths.Load(home);
        return roots.Count > 0
            ? TreeWalker.Outermost(roots)
            : throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                "Nothing says what to back up. Name it: 'beffroi backup /srv/mairie'. The next time, the same paths "
                + "are taken.");
    }
}

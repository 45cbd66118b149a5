using System.CommandLine;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Platform;
using Beffroi.Agent.State;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi backup': takes a snapshot.</summary>
internal sealed class BackupCommand : Command
{
    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "What to back up. Without any: the paths of agent.json, or those of the last backup.",
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
        var settings = context.LoadSettings();
        var limit = BytesPerSecond(parsed.GetValue(_limit));
        using var runLock = await RunLock.AcquireAsync(
            context.Home, TimeSpan.FromSeconds(parsed.GetValue(_wait)), context.Time, cancellationToken);
        using var state = BackupState.Open(
            context.Home.StateFile, new StateOwner(enrolment.Vault, enrolment.Device), context.Time,
            context.Terminal.Note);
        using var counted = context.Terminal.IsInteractive || parsed.GetValue(_json)
            ? FileSystems.OpenSource(report: _ => { }) : null;
        var options = new BackupOptions
        {
            Roots = RootsOf(context.Home, parsed.GetValue(_paths) ?? [], settings),
            StaysOnFileSystem = parsed.GetValue(_oneFileSystem),
            IsDryRun = parsed.GetValue(_dryRun),
            ReadsAll = parsed.GetValue(_readAll),
            AllowsVanished = parsed.GetValue(_allowVanished),
            CountsIn = counted,
        };
        var patterns = settings.Exclusions.Concat(parsed.GetValue(_exclude) ?? []);
        var rules = ExclusionRules.ForThisSystem(patterns, !parsed.GetValue(_noDefaults));

        var screen = new BackupScreen(context.Terminal, context.Time, parsed.GetValue(_json));
        await using var frozen = await FrozenVolumes.FreezeAsync(
            FileSystems.OpenSnapshots(context.Time), parsed.GetValue(_snapshot), options.Roots, context.Terminal.Note,
            cancellationToken);
        using var source = FileSystems.OpenSource(screen.Report, frozen.Snapshots);
        var session = new BackupSession(context, enrolment, options, rules, source, state, screen);
        await using var connection = context.Connect(enrolment, limit);
        return await session.RunAsync(connection, cancellationToken);
    }

    private static long? BytesPerSecond(double? megabits) => megabits switch
    {
        null => null,
        >= 0.01 and <= 100_000 => (long)(megabits * 1_000_000 / 8),
        _ => throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
            $"--limit-upload takes megabits per second, from 0.01 to 100000, not {megabits}."),
    };

    private static IReadOnlyList<EntryPath> RootsOf(AgentHome home, string[] given, AgentSettings settings)
    {
        var paths = given.Length > 0 ? given : settings.Paths;
        foreach (var path in paths)
        {
            if (!File.Exists(path) && !Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
                throw new VaultException(ErrorCode.SourceMissing, retryable: false,
                    $"{path} does not exist on this computer (or cannot be seen by this user). Nothing was backed up. "
                    + "If it lies on another disk, is that disk mounted?");
        }
        IReadOnlyList<EntryPath> roots =
            paths.Count > 0 ? [.. paths.Select(SharedOptions.LocalPath)] : LastPaths.Load(home);
        return roots.Count > 0
            ? EntryPath.Outermost(roots)
            : throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                "Nothing says what to back up. Name it: 'beffroi backup /srv/mairie'. The next time, the same paths "
                + "are taken.");
    }
}

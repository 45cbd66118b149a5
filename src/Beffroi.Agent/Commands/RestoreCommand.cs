using System.CommandLine;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Restore;
using Beffroi.Protocol.Client;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi restore': brings files back.</summary>
internal sealed class RestoreCommand : Command
{
    private readonly Argument<string> _snapshot = SharedOptions.Snapshot();

    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "What to bring back, as 'beffroi ls' shows it. Everything by default.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _to = new("--to")
    {
        Description = "Folder to restore into; /srv/a.txt becomes DIR/srv/a.txt.", HelpName = "DIR", Required = true,
    };

    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Replace files that exist. By default they are kept.",
    };
    private readonly Option<bool> _ownersById = new("--owner-by-id")
    {
        Description = "Restore owners by their numbers instead of their names.",
    };
    private readonly Option<bool> _ignoreSpace = new("--ignore-space")
    {
        Description = "Try even if the target looks too small.",
    };
    private readonly Option<bool> _sync = new("--sync")
    {
        Description = "Return only when everything is on the disk, safe from a power cut.",
    };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Count only." };
    private readonly Option<bool> _json = SharedOptions.Json();
    private readonly Option<string?> _key = SharedOptions.RecoveryKey();
    private readonly Option<string?> _packs = SharedOptions.Packs();

    internal RestoreCommand(AgentContext context)
        : base(
            "restore",
            "Bring back a snapshot or parts of it. Nothing that exists is changed unless --overwrite says so; a "
            + "restore that was stopped goes on when it is run again. Exit codes: 0 done, 1 error, 2 usage, 3 done but "
            + "something could not be restored, 10 not enrolled, 11 server unreachable, 12 refused, 20 damage found.")
    {
        Arguments.Add(_snapshot);
        Arguments.Add(_paths);
        Option[] options = [_to, _overwrite, _ownersById, _ignoreSpace, _sync, _dryRun, _json, _key, _packs];
        foreach (var option in options) Options.Add(option);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(_json), () => ExecuteAsync(context, parsed, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(AgentContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var started = context.Time.GetTimestamp();
        await using var access = await context.OpenSnapshotsAsync(
            parsed.GetValue(_key), parsed.GetValue(_packs), SessionPurpose.Restore, cancellationToken);
        var open = await access.OpenAsync(parsed.GetRequiredValue(_snapshot), cancellationToken);
        var options = new RestoreOptions
        {
            Paths = [.. (parsed.GetValue(_paths) ?? []).Select(SharedOptions.SnapshotPath)],
            IsDryRun = parsed.GetValue(_dryRun),
            Conflict = parsed.GetValue(_overwrite) ? RestoreConflict.Replace : RestoreConflict.Report,
            IgnoresSpace = parsed.GetValue(_ignoreSpace),
            Syncs = parsed.GetValue(_sync),
        };
        var folder = Path.GetFullPath(parsed.GetRequiredValue(_to));
        var screen = new RestoreScreen(context.Terminal, context.Time, parsed.GetValue(_json));
        var progress = new RestoreProgress();
        using var target = options.IsDryRun ? new DiscardingTarget() : OpenTarget(folder, options, parsed, screen);
        using var records = new RecordReader(open.Records, new BufferPool());
        using var run = new RestoreRun(
            options, new CatalogueReader(records), open.Root, open.Records, target, progress, screen.Report);
        await screen.WatchAsync(run.ExecuteAsync(cancellationToken), progress);
        screen.Finish(open.Info, folder, progress, context.Time.GetElapsedTime(started), options.IsDryRun);
        return screen.ExitCode;
    }

    private ITargetFileSystem OpenTarget(
        string folder, RestoreOptions options, ParseResult parsed, RestoreScreen screen) =>
            FileSystems.OpenTarget(
                folder,
                new TargetOptions
                {
                    Overwrites = options.Overwrites, OwnersById = parsed.GetValue(_ownersById), Syncs = options.Syncs,
                },
                screen.Report);
}

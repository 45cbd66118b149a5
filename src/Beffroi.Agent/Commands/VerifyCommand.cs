using System.CommandLine;
using Beffroi.Agent.Restore;
using Beffroi.Agent.Snapshots;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi verify': fetches, checks and opens a snapshot as a restore would, and writes nothing.</summary>
internal sealed class VerifyCommand : Command
{
    internal VerifyCommand(AgentContext context)
        : base(
            "verify",
            "Prove that a snapshot can be restored: every record is fetched, checked and decrypted, nothing is "
            + "written. Exit codes: 0 sound, 3 something could not be read, 10 not enrolled, 11 server unreachable, 20 "
            + "damage found.")
    {
        var snapshot = new Argument<string>("SNAPSHOT")
        {
            Description = "A snapshot's id, the start of one, or 'latest'.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => SnapshotName.Latest,
        };
        var sample = new Option<int>("--sample")
        {
            Description = "Check so many of a hundred files; another snapshot, another sample.",
            HelpName = "PERCENT",
            DefaultValueFactory = _ => 100,
        };
        var (json, key, packs) = (SharedOptions.Json(), SharedOptions.RecoveryKey(), SharedOptions.Packs());
        Arguments.Add(snapshot);
        Option[] options = [sample, json, key, packs];
        foreach (var option in options) Options.Add(option);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), async () =>
        {
            var percent = parsed.GetValue(sample);
            if (percent is < 1 or > 100)
                throw new VaultException(
                    ErrorCode.UsageInvalid, retryable: false,
                    $"--sample takes 1 to 100 (percent of the files), not {percent}.");
            var started = context.Time.GetTimestamp();
            await using var access = await context.OpenSnapshotsAsync(
                parsed.GetValue(key), parsed.GetValue(packs), SessionPurpose.Restore, cancellationToken);
            var open = await access.OpenAsync(parsed.GetRequiredValue(snapshot), cancellationToken);
            var screen = new RestoreScreen(context.Terminal, context.Time, parsed.GetValue(json));
            var progress = new RestoreProgress();
            using var target = new DiscardingTarget();
            using var records = new RecordReader(open.Records, new BufferPool());
            using var run = new RestoreRun(
                new RestoreOptions { Paths = [], SamplePercent = percent }, new CatalogueReader(records), open.Root,
                open.Records, target, progress, screen.Report);
            await screen.WatchAsync(run.ExecuteAsync(cancellationToken), progress);
            screen.Finish(open.Info, target: null, progress, context.Time.GetElapsedTime(started), isDryRun: false);
            return screen.ExitCode;
        }));
    }
}

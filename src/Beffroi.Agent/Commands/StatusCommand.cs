using System.CommandLine;
using Beffroi.Agent.Daemon;
using Beffroi.Agent.State;
using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi status': who this computer is, how its last backups went, and whether the server
/// answers.</summary>
internal sealed class StatusCommand : Command
{
    private const int RunsShown = 5;

    // Whether the server answers is the question: a person waits for it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    internal StatusCommand(AgentContext context)
        : base(
            "status",
            "Show the enrolment, the last backups and whether the server answers. Exit codes: 0 all well, 10 not "
            + "enrolled, 11 server unreachable, 12 refused.")
    {
        var json = SharedOptions.Json();
        Options.Add(json);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), async () =>
        {
            if (TryLoad(context) is not { } enrolment)
            {
                if (parsed.GetValue(json)) context.Terminal.WriteJson(NotEnrolled, CliJson.Default.StatusLine);
                else
                    context.Terminal.WriteLine(
                        "This computer is not enrolled. Run 'beffroi enroll --server URL --token -', which asks for "
                        + "the token.");
                return ExitCode.NotEnrolled;
            }
            var daemon = StatusFile.Read(context.Home);
            var runs = BackupState.ReadHistory(context.Home.StateFile, RunsShown);
            var (vault, failure) = await TryAskAsync(context, enrolment, cancellationToken);
            if (parsed.GetValue(json))
                context.Terminal.WriteJson(
                    LineOf(enrolment, runs, vault, failure) with { Daemon = LineOf(daemon) },
                    CliJson.Default.StatusLine);
            else Show(context, enrolment, runs, vault, failure, daemon);
            return failure is null ? ExitCode.Done : ExitCode.Of(failure.Code);
        }));
    }

    private static Enrolment? TryLoad(AgentContext context)
    {
        try
        {
            return context.LoadEnrolment();
        }
        catch (VaultException failure) when (failure.Code == ErrorCode.NotEnrolled)
        {
            return null;
        }
    }

    private static StatusLine NotEnrolled { get; } = new(
        false, null, null, null, null, null, null, null, null, null, []);

    private static async Task<(VaultMessage? Vault, VaultException? Failure)> TryAskAsync(
        AgentContext context, Enrolment enrolment, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = context.Connect(enrolment);
            await using var session = await context.OpenSessionAsync(
                connection, enrolment, SessionPurpose.Query, new BufferPool(), cancellationToken, Patience);
            return (await session.GetVaultAsync(cancellationToken), null);
        }
        catch (VaultException failure)
        {
            return (null, failure);
        }
    }

    private static StatusLine LineOf(
        Enrolment enrolment, IReadOnlyList<RunRecord> runs, VaultMessage? vault, VaultException? failure) => new(
        true, enrolment.Device.ToString(), enrolment.DeviceName, enrolment.MemberName, enrolment.Vault.ToString(),
        enrolment.Server.AbsoluteUri, failure is null, failure?.Message, vault?.QuotaBytes, vault?.UsedBytes,
        [.. runs.Select(run => new RunLine(
            run.Started, run.Ended, run.Result.Outcome.ToString(), run.Result.Snapshot?.ToString(), run.Result.Files,
            run.Result.Bytes, run.Result.Warnings))]);

    private static void Show(
        AgentContext context, Enrolment enrolment, IReadOnlyList<RunRecord> runs, VaultMessage? vault,
        VaultException? failure, DaemonStatus? daemon)
    {
        var terminal = context.Terminal;
        terminal.WriteLine($"Computer  {enrolment.DeviceName} ({enrolment.Device})");
        terminal.WriteLine($"Member    {enrolment.MemberName}");
        terminal.WriteLine(
            $"Server    {enrolment.Server} "
            + $"{(failure is null ? "answers" : $"— {failure.Message} [{failure.CodeText}]")}");
        if (vault is not null)
            terminal.WriteLine(
                $"Stored    {Quantity.Bytes(vault.UsedBytes)} of {Quantity.Bytes(vault.QuotaBytes)} by all computers "
                + "of the member");
        foreach (var line in Describe(daemon, context.Time.LocalTimeZone)) terminal.WriteLine(line);
        terminal.WriteLine();
        if (runs.Count == 0) terminal.WriteLine("No backup has run yet. Take one with 'beffroi backup PATH'.");
        foreach (var run in runs) terminal.WriteLine(Describe(run, context.Time.LocalTimeZone));
    }

    private static DaemonLine? LineOf(DaemonStatus? daemon) => daemon is null ? null : new DaemonLine(
        daemon.Process, daemon.Started, daemon.LastCheckIn, daemon.Problem, daemon.PlanRevision, daemon.NextRun,
        daemon.WaitsFor, daemon.Running, daemon.IsDuplicate, daemon.UnsentRuns);

    private static IEnumerable<string> Describe(DaemonStatus? daemon, TimeZoneInfo zone)
    {
        if (daemon is null)
        {
            yield return "Daemon    none runs: nothing is backed up by itself. Start one with 'beffroi run'.";
            yield break;
        }
        var plan = daemon.PlanRevision > 0 ? $"plan {daemon.PlanRevision}" : "no plan yet";
        var next = daemon switch
        {
            { Running: { } work } => $"works now ({work})",
            { NextRun: { } at } => $"next run {Quantity.Time(at, zone)}"
                + (daemon.WaitsFor is { } reason ? $" ({reason})" : ""),
            _ => "waits for a plan",
        };
        yield return $"Daemon    process {daemon.Process}, {plan}, {next}";
        if (daemon.LastCheckIn is { } last)
            yield return $"          last spoke to the server {Quantity.Time(last, zone)}";
        if (daemon.Problem is { } problem) yield return $"          {problem}";
        if (daemon.UnsentRuns > 0)
            yield return $"          {Quantity.Count(daemon.UnsentRuns, "report")} to send when the server answers";
        if (daemon.IsDuplicate)
            yield return "          ANOTHER COMPUTER USES THIS IDENTITY: a cloned disk? Enrol the copy anew.";
    }

    private static string Describe(RunRecord run, TimeZoneInfo zone)
    {
        var outcome = run.Result.Outcome switch
        {
            RunOutcome.Completed => "done",
            RunOutcome.CompletedWithWarnings => $"done, {Quantity.Count(run.Result.Warnings, "problem")}",
            RunOutcome.Failed => "failed",
            RunOutcome.Interrupted => "stopped",
            RunOutcome.DryRun => "dry run",
            _ => "running",
        };
        var snapshot = run.Result.Snapshot is { } id
            ? $"  {id.ToString()[..12]}  {Quantity.Count(run.Result.Files, "file")}, {Quantity.Bytes(run.Result.Bytes)}"
            : "";
        return $"{Quantity.Time(run.Started, zone)}  {outcome}{snapshot}";
    }
}

using System.CommandLine;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Daemon;
using Beffroi.Agent.Platform;
using Beffroi.Vault;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi run': the daemon.</summary>
internal sealed class RunCommand : Command
{
    internal RunCommand(AgentContext context)
        : base(
            "run",
            "Run as the computer's service: carry out the plan and what is asked for in the portal, until SIGTERM or "
            + "Ctrl+C. Exit codes: 0 stopped, 1 error, 10 not enrolled, 13 another one runs.")
    {
        SetAction((_, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, json: false, () => ExecuteAsync(context, cancellationToken)));
    }

    private static async Task<int> ExecuteAsync(AgentContext context, CancellationToken cancellationToken)
    {
        var enrolment = context.LoadEnrolment();
        using var alone = RunLock.TryHoldDaemon(context.Home) ?? throw new VaultException(
            ErrorCode.AlreadyRunning, retryable: true,
            $"A daemon of this agent runs already ({context.Home.DaemonLockFile} is held). One is enough: 'beffroi "
            + "status' shows what it does.");
        await using var loop = new DaemonLoop(
            context, enrolment, HostFacts.OfThisSystem(), ServiceNotice.OfProcess());
        await loop.RunAsync(cancellationToken);
        return ExitCode.Done;
    }
}

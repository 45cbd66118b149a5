using System.CommandLine;
using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Enrolling;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Windows;
using Beffroi.Vault;

namespace Beffroi.Agent.Daemon;

/// <summary>'beffroi run': the daemon.</summary>
internal sealed class RunCommand : Command
{
    private static readonly TimeSpan s_enrolmentAgain = TimeSpan.FromSeconds(15);

    internal RunCommand(AgentContext context)
        : base(
            "run",
            "Run as the computer's service: carry out the plan and what is asked for in the portal, until SIGTERM or "
            + "Ctrl+C. Exit codes: 0 stopped, 1 error, 10 not enrolled, 13 another one runs.")
    {
        var install = new Option<bool>("--install")
        {
            Description = "Make this program the computer's service, started with it, and start it now.",
        };
        var uninstall = new Option<bool>("--uninstall") { Description = "Stop the service and remove it." };
        var service = new Option<bool>("--service") { Description = "Only for Windows, which starts services so." };
        Options.Add(install);
        Options.Add(uninstall);
        Options.Add(service);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, json: false,
            () => parsed.GetValue(install) ? ChangeAsync(context, isWanted: true, cancellationToken)
                : parsed.GetValue(uninstall) ? ChangeAsync(context, isWanted: false, cancellationToken)
                : parsed.GetValue(service) ? ServeAsync(context)
                : ExecuteAsync(context, cancellationToken)));
    }

    /// <summary>As a service of Windows, which is started before anybody enrolled the computer, perhaps, and has
    /// nobody to start it again then: it waits.</summary>
    private static Task<int> ServeAsync(AgentContext context)
    {
        if (!OperatingSystem.IsWindows())
            throw new VaultException(ErrorCode.NotOnThisSystem, retryable: false,
                "--service is for the service manager of Windows. Run 'beffroi run' instead.");
        return Task.FromResult(ServiceProcess.Run(stop => CommandRunner.RunAsync(
            context.Terminal, json: false, async () =>
            {
                await WaitForEnrolmentAsync(context, stop);
                return stop.IsCancellationRequested ? ExitCode.Done : await ExecuteAsync(context, stop);
            })));
    }

    private static async Task WaitForEnrolmentAsync(AgentContext context, CancellationToken stop)
    {
        for (string? told = null; ;)
        {
            try
            {
                await EnrolmentRun.LoadOrEnrolAsync(context, stop);
                return;
            }
            catch (VaultException failure)
            {
                if (told != failure.Message) context.Terminal.Note(told = failure.Message);
            }
            await Task.Delay(s_enrolmentAgain, context.Time, stop)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
        }
    }

    private static async Task<int> ChangeAsync(
        AgentContext context, bool isWanted, CancellationToken cancellationToken)
    {
        if (isWanted) context.LoadEnrolment(); // A service that could only end again helps nobody.
        var registration = ServiceRegistration.OfThisSystem();
        if (isWanted) await registration.InstallAsync(cancellationToken);
        else await registration.RemoveAsync(cancellationToken);
        context.Terminal.WriteLine(isWanted
            ? "The agent is this computer's service now, and runs. 'beffroi status' shows what it does."
            : "The service is gone; nothing is backed up by itself any more. The enrolment stays.");
        return ExitCode.Done;
    }

    private static async Task<int> ExecuteAsync(AgentContext context, CancellationToken cancellationToken)
    {
        var enrolment = await EnrolmentRun.LoadOrEnrolAsync(context, cancellationToken);
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

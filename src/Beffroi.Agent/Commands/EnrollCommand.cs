using System.CommandLine;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Enrolling;
using Beffroi.Agent.Platform.Windows;
using Beffroi.Protocol;
using Beffroi.Vault;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi enroll': makes this computer a device of a member.</summary>
internal sealed class EnrollCommand : Command
{
    private static readonly Option<string?> Server = new("--server")
    {
        Description = "Address of the server, such as https://sauvegarde.example.fr", HelpName = "URL",
    };

    private static readonly Option<string?> Token = new("--token")
    {
        Description = "The enrolment token that the operator gave you. It works once. '-' asks for it on standard "
            + "input: every account of the computer may list the arguments of programs.",
        HelpName = "TOKEN",
    };

    private static readonly Option<string?> DeviceName = new("--name")
    {
        Description = "How this computer is called in lists. By default its host name.", HelpName = "NAME",
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Replace an enrolment that this computer has already.",
    };

    private static readonly Option<string?> Later = new("--later")
    {
        Description = "For installers: address and token as one text. When the server cannot be reached now, the "
            + "service enrols later.",
        HelpName = "\"URL TOKEN\"",
    };

    internal EnrollCommand(AgentContext context)
        : base(
            "enroll",
            "Enrol this computer with a server. Without options, with what an installer left here. Exit codes: 0 done, "
            + "2 usage, 11 server unreachable, 12 token refused.")
    {
        var json = SharedOptions.Json();
        Options.Add(Server);
        Options.Add(Token);
        Options.Add(DeviceName);
        Options.Add(Force);
        Options.Add(Later);
        Options.Add(json);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), () => parsed.GetValue(Later) is { } request
                ? EnrolForInstallerAsync(context, request, parsed.GetValue(json), cancellationToken)
                : EnrolNowAsync(context, parsed, parsed.GetValue(json), cancellationToken)));
    }

    private static async Task<int> EnrolNowAsync(
        AgentContext context, ParseResult parsed, bool json, CancellationToken cancellationToken)
    {
        var wanted = await WantedByAsync(context, parsed, cancellationToken);
        if (EnrolmentFile.Exists(context.Home) && !parsed.GetValue(Force))
        {
            if (wanted is not null || PendingEnrolment.Load(context.Home) is null) throw EnrolledAlready(context);
            return LeaveAsItIs(context);
        }
        if ((wanted ?? PendingEnrolment.Load(context.Home)) is not { } pending)
            throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                "--server and --token are missing, and no installer left an enrolment request here. Ask your operator "
                + "for both.");
        var (enrolment, answer) = wanted is null
            ? await EnrolmentRun.EnrolPendingAsync(context, pending, cancellationToken)
            : await EnrolmentRun.EnrolAsync(
                context, pending, parsed.GetValue(DeviceName) ?? Environment.MachineName, cancellationToken);
        Show(context.Terminal, enrolment, answer, json);
        return ExitCode.Done;
    }

    /// <summary>An installer of Windows shows nothing of what its programs say.</summary>
    private static async Task<int> EnrolForInstallerAsync(
        AgentContext context, string request, bool json, CancellationToken cancellationToken)
    {
        try
        {
            return await EnrolLaterAsync(context, request, json, cancellationToken);
        }
        catch (VaultException failure) when (OperatingSystem.IsWindows())
        {
            WindowsEventLog.Report(failure.Message);
            throw;
        }
    }

    /// <summary>An installer goes through also where there is no network yet; the request then waits in a file that
    /// only the owner reads.</summary>
    private static async Task<int> EnrolLaterAsync(
        AgentContext context, string request, bool json, CancellationToken cancellationToken)
    {
        var pending = PendingEnrolment.Parse(request);
        if (EnrolmentFile.Exists(context.Home)) return LeaveAsItIs(context);
        pending.Save(context.Home);
        try
        {
            var (enrolment, answer) = await EnrolmentRun.EnrolPendingAsync(context, pending, cancellationToken);
            Show(context.Terminal, enrolment, answer, json);
        }
        catch (VaultException failure) when (failure.Code == ErrorCode.ServerUnreachable)
        {
            context.Terminal.Note($"{failure.Message} The service enrols this computer once the server answers.");
        }
        return ExitCode.Done;
    }

    private static async Task<PendingEnrolment?> WantedByAsync(
        AgentContext context, ParseResult parsed, CancellationToken cancellationToken) =>
        (parsed.GetValue(Server), parsed.GetValue(Token)) switch
        {
            ({ } server, "-") => new PendingEnrolment(
                PendingEnrolment.AddressOf(server), await AskTokenAsync(context, cancellationToken)),
            ({ } server, { } token) => new PendingEnrolment(PendingEnrolment.AddressOf(server), token),
            (null, null) => null,
            _ => throw new VaultException(
                ErrorCode.UsageInvalid, retryable: false, "--server and --token go together."),
        };

    private static async Task<string> AskTokenAsync(AgentContext context, CancellationToken cancellationToken) =>
        await context.Terminal.AskAsync("Paste the enrolment token, then press Enter:", cancellationToken)
        ?? throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
            "--token - reads the token from standard input, where there is none. Type it when you are asked, or write "
            + "it there: echo TOKEN | beffroi enroll --server URL --token -");

    private static int LeaveAsItIs(AgentContext context)
    {
        PendingEnrolment.Delete(context.Home);
        context.Terminal.Note("This computer is enrolled already and stays so; the new token was not used.");
        return ExitCode.Done;
    }

    private static VaultException EnrolledAlready(AgentContext context) => new(
        ErrorCode.UsageInvalid, retryable: false,
        $"This computer is enrolled already ({context.Home.EnrolmentFile}). 'beffroi status' shows as what; 'beffroi "
        + "unenroll' ends it; --force replaces it.");

    private static void Show(Terminal terminal, Enrolment enrolment, EnrolmentAnswer answer, bool json)
    {
        if (json)
        {
            terminal.WriteJson(new EnrolmentLine(
                enrolment.Device.ToString(), enrolment.Vault.ToString(), answer.Member, enrolment.DeviceName,
                enrolment.Server.AbsoluteUri, answer.Replaces?.ToString()), CliJson.Default.EnrolmentLine);
            return;
        }
        terminal.WriteLine($"'{enrolment.DeviceName}' is now a device of {answer.Member} (device {enrolment.Device}).");
        if (answer.Replaces is not null)
            terminal.WriteLine(
                "It takes the place of the lost computer: 'beffroi snapshots' lists its snapshots, 'beffroi restore' "
                + "brings them back.");
        terminal.WriteLine("Next: beffroi backup PATH");
    }
}

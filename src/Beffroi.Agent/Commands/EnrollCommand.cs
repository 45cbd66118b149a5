using System.CommandLine;
using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Records;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi enroll': makes this computer a device of a member.</summary>
internal sealed class EnrollCommand : Command
{
    private static readonly Option<string> Server = new("--server")
    {
        Description = "Address of the server, such as https://sauvegarde.example.fr", Required = true, HelpName = "URL",
    };

    private static readonly Option<string> Token = new("--token")
    {
        Description = "The enrolment token that the operator gave you. It works once.",
        Required = true,
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

    internal EnrollCommand(AgentContext context)
        : base(
            "enroll",
            "Enrol this computer with a server. Exit codes: 0 done, 2 usage, 11 server unreachable, 12 token refused.")
    {
        var json = SharedOptions.Json();
        Options.Add(Server);
        Options.Add(Token);
        Options.Add(DeviceName);
        Options.Add(Force);
        Options.Add(json);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), async () =>
        {
            if (EnrolmentFile.Exists(context.Home) && !parsed.GetValue(Force))
                throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                    $"This computer is enrolled already ({context.Home.EnrolmentFile}). 'beffroi status' shows as "
                    + "what; 'beffroi unenroll' ends it; --force replaces it.");
            var enrolment = await EnrolAsync(
                context, AddressOf(parsed.GetRequiredValue(Server)), parsed.GetRequiredValue(Token),
                parsed.GetValue(DeviceName) ?? Environment.MachineName, cancellationToken);
            Show(context.Terminal, enrolment.Enrolment, enrolment.Answer, parsed.GetValue(json));
            return ExitCode.Done;
        }));
    }

    private static async Task<(Enrolment Enrolment, EnrolmentAnswer Answer)> EnrolAsync(
        AgentContext context, Uri server, string tokenText, string name, CancellationToken cancellationToken)
    {
        var token = EnrolmentToken.Parse(tokenText);
        await using var connection = context.ConnectFirst(server, token);
        EnrolmentFile.TrySaving(context.Home);
        using var signKey = SigningKey.Generate();
        using var sealKey = HpkePrivateKey.Generate();
        var machine = ConvergenceSecret.Generate();
        var request = new EnrolmentRequest(
            tokenText, name, PlatformName, AgentContext.Version, signKey.PublicKey.ToArray(),
            sealKey.PublicKey.ToArray(), machine.Id.Value);
        var client = new EnrolmentClient(connection, context.Patience(RetryPolicy.QueryPatience));
        var (answer, authority) = await client.EnrolAsync(request, cancellationToken);
        if (answer.Chunker != 1)
            throw new VaultException(ErrorCode.ProtocolUnsupported, retryable: false,
                $"The server asks for chunker {answer.Chunker}, which this agent does not know. Update the agent.");
        var enrolment = new Enrolment
        {
            Server = server,
            AuthorityPem = authority,
            Vault = new VaultId(answer.Vault),
            Device = new DeviceId(answer.Device),
            DeviceName = name,
            MemberName = answer.Member,
            Mode = EnrolmentMode.Managed,
            SigningKey = signKey.ExportPkcs8(),
            SealPrivateScalar = sealKey.Export(),
            MachineSecret = machine,
            GroupSecret = new ConvergenceSecret(new SecretId(answer.GroupSecretId), answer.GroupSecret),
            RecoveryPublicKey = answer.RecoveryKey,
            KeyServicePublicKey = answer.ServiceKey,
            ServerPublicKey = answer.ServerKey,
            Chunker = (byte)answer.Chunker,
        };
        EnrolmentFile.Save(context.Home, enrolment);
        return (enrolment, answer);
    }

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

    private static Uri AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is ("https" or "http")
            ? server
            : throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                $"'{text}' is no address of a server. Write it with https://, as your operator gave it to you.");

    private static string PlatformName =>
        OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux";
}

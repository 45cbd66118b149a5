using System.CommandLine;
using Beffroi.Agent.Configuration;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi unenroll': this computer is no device any more. Its snapshots stay.</summary>
internal sealed class UnenrollCommand : Command
{
    internal UnenrollCommand(AgentContext context)
        : base(
            "unenroll",
            "End this computer's enrolment. Its snapshots stay with the member. Exit codes: 0 done, 10 not enrolled, "
            + "11 server unreachable.")
    {
        var force = new Option<bool>("--force")
        {
            Description = "Forget the enrolment here even if the server cannot be told.",
        };
        var json = SharedOptions.Json();
        Options.Add(force);
        Options.Add(json);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), async () =>
        {
            var enrolment = context.LoadEnrolment();
            var isTold = true;
            try
            {
                await using var connection = context.Connect(enrolment);
                await using var session = await context.OpenSessionAsync(
                    connection, enrolment, SessionPurpose.Query, new BufferPool(), cancellationToken);
                await session.UnenrolAsync(cancellationToken);
            }
            catch (VaultException failure) when (parsed.GetValue(force))
            {
                isTold = false;
                context.Terminal.Note(
                    $"The server was not told: {failure.Message} Ask the operator to revoke device "
                    + $"{enrolment.Device}.");
            }
            EnrolmentFile.Delete(context.Home);
            if (parsed.GetValue(json))
                context.Terminal.WriteJson(
                    new UnenrolmentLine(enrolment.Device.ToString(), enrolment.MemberName, isTold),
                    CliJson.Default.UnenrolmentLine);
            else
                context.Terminal.WriteLine(
                    $"'{enrolment.DeviceName}' is no longer enrolled. Its snapshots stay with {enrolment.MemberName}.");
            return ExitCode.Done;
        }));
    }
}

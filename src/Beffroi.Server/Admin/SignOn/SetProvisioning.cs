using System.CommandLine;
using Beffroi.Identity.Access;
using Beffroi.Identity.Provisioning;

namespace Beffroi.Server.Admin.SignOn;

internal sealed record SetAccounts(Guid Service, bool IsOn);

/// <summary>'set-provisioning': tells a service of accounts by SCIM, or no more.</summary>
internal sealed class SetProvisioning : AdminVerb<SetAccounts>
{
    private readonly Option<Guid> _service =
        new("--service") { Description = "Client id of the service.", Required = true };
    private readonly Option<string?> _address =
        new("--address") { Description = "Base address of its SCIM 2.0 end points." };
    private readonly Option<string?> _token =
        new("--token") { Description = "Its bearer token; '-' reads it from standard input." };
    private readonly Option<bool> _off = new("--off") { Description = "Tell it nothing more." };

    internal SetProvisioning()
        : base(
            "set-provisioning", "Makes and shuts accounts at a service by SCIM 2.0, for who may sign in there.",
            AdminJson.Default.SetAccounts)
    {
        foreach (var option in new Option[] { _service, _address, _token, _off }) Add(option);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<SetAccounts> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var desk = services.GetRequiredService<ProvisioningDesk>();
        var service = parsed.GetRequiredValue(_service);
        if (parsed.GetValue(_off))
        {
            return await desk.SwitchOffAsync(Caller.System(Actor), service, cancellationToken)
                ? new SetAccounts(service, IsOn: false)
                : throw Misused($"The service {service} is told of no accounts.");
        }
        var token = parsed.GetValue(_token);
        if (token == "-") token = await Console.In.ReadLineAsync(cancellationToken);
        return await desk.SetAsync(
            Caller.System(Actor), service, parsed.GetValue(_address) ?? "", token ?? "", cancellationToken)
            ? new SetAccounts(service, IsOn: true)
            : throw Misused($"Give the client id of a service (not {service}?), --address with https://, and --token.");
    }

    protected override string ToText(SetAccounts answer) => answer.IsOn
        ? $"Service {answer.Service} is told of accounts, from the next minute on."
        : $"Service {answer.Service} is told of accounts no more. Those it has stay as they are.";
}

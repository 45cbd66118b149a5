using System.CommandLine;
using Beffroi.Identity.Access;
using Beffroi.Identity.Provisioning;

namespace Beffroi.Server.Admin.SignOn;

internal sealed record SetAccounts(Guid Service, bool IsOn);

/// <summary>'set-provisioning': tells a service of accounts by SCIM or LDAP, or no more.</summary>
internal sealed class SetProvisioning : AdminVerb<SetAccounts>
{
    private readonly Option<Guid> _service =
        new("--service") { Description = "Client id of the service.", Required = true };
    private readonly Option<string?> _address = new("--address")
    {
        Description = "Base address of its SCIM 2.0 end points, or ldaps://HOST/BASE_DN of a directory.",
    };
    private readonly Option<string?> _token =
        new("--token") { Description = "SCIM: its bearer token; '-' reads it from standard input." };
    private readonly Option<string?> _bindName =
        new("--bind-dn") { Description = "LDAP: the name to sign in with at the directory." };
    private readonly Option<string?> _password =
        new("--password") { Description = "LDAP: its password; '-' reads it from standard input." };
    private readonly Option<bool> _off = new("--off") { Description = "Tell it nothing more." };

    internal SetProvisioning()
        : base(
            "set-provisioning", "Makes and shuts accounts at a service by SCIM 2.0 or LDAP, for who may sign in there.",
            AdminJson.Default.SetAccounts)
    {
        foreach (var option in new Option[] { _service, _address, _token, _bindName, _password, _off }) Add(option);
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
        var bindName = parsed.GetValue(_bindName);
        var secret = parsed.GetValue(bindName is null ? _token : _password);
        if (secret == "-") secret = await Console.In.ReadLineAsync(cancellationToken);
        var form = new ProvisioningForm(parsed.GetValue(_address) ?? "", bindName, secret ?? "");
        return await desk.SetAsync(Caller.System(Actor), service, form, cancellationToken) is { } fault
            ? throw Misused(Sentence(fault, service))
            : new SetAccounts(service, IsOn: true);
    }

    private static string Sentence(ProvisioningFault fault, Guid service) => fault switch
    {
        ProvisioningFault.UnknownService => $"No service has the client id {service}.",
        ProvisioningFault.Address => "Give --address: https://… of its SCIM end points, or ldaps://HOST/BASE_DN.",
        ProvisioningFault.BindName =>
            "Give --bind-dn and --password with ldap:// and ldaps://, and --token with https://.",
        _ => "Give the service's --token, or the --password that belongs to --bind-dn.",
    };

    protected override string ToText(SetAccounts answer) => answer.IsOn
        ? $"Service {answer.Service} is told of accounts, from the next minute on."
        : $"Service {answer.Service} is told of accounts no more. Those it has stay as they are.";
}

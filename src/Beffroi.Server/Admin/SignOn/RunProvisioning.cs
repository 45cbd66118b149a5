using System.CommandLine;
using Beffroi.Identity.Access;
using Beffroi.Identity.Provisioning;

namespace Beffroi.Server.Admin.SignOn;

internal sealed record ToldAccounts(int Taken);

/// <summary>'run-provisioning': tells services of accounts now, for whoever sets one up and watches.</summary>
internal sealed class RunProvisioning : AdminVerb<ToldAccounts>
{
    internal RunProvisioning()
        : base(
            "run-provisioning", "Tells services of accounts now, instead of within the minute.",
            AdminJson.Default.ToldAccounts)
    {
    }

    protected override bool UsesBlobs => false;

    protected override async Task<ToldAccounts> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken) =>
        new(await services.GetRequiredService<ProvisioningDesk>().RunAsync(
            Caller.System(Actor), services.GetRequiredService<IAccountTransport>(), cancellationToken));

    protected override string ToText(ToldAccounts answer) =>
        $"Accounts that services took: {answer.Taken}. 'list-provisioning' shows who waits, and why.";
}

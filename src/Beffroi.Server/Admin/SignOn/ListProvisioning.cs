using System.CommandLine;
using Beffroi.Identity.Access;
using Beffroi.Identity.Provisioning;

namespace Beffroi.Server.Admin.SignOn;

internal sealed record AccountList(IReadOnlyList<ListedAccount> Accounts);

internal sealed record ListedAccount(
    Guid Person, string Name, bool IsAcknowledged, bool IsRefused, int Attempts, string? Error);

/// <summary>'list-provisioning': how the accounts at a service stand.</summary>
internal sealed class ListProvisioning : AdminVerb<AccountList>
{
    private readonly Option<Guid> _service =
        new("--service") { Description = "Client id of the service.", Required = true };

    internal ListProvisioning()
        : base("list-provisioning", "Shows how the accounts at a service stand.", AdminJson.Default.AccountList) =>
        Add(_service);

    protected override bool UsesBlobs => false;

    protected override async Task<AccountList> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var states = await services.GetRequiredService<ProvisioningDesk>().ListAsync(
            Caller.System(Actor), parsed.GetRequiredValue(_service), cancellationToken);
        return new AccountList(
        [
            .. states.Select(state => new ListedAccount(
                state.Person.Value, state.Name, state.IsAcknowledged, state.IsRefused, state.Attempts,
                state.Error)),
        ]);
    }

    protected override string ToText(AccountList answer) => answer.Accounts.Count == 0
        ? "The service has been told of nobody yet."
        : string.Join('\n', answer.Accounts.Select(account =>
            $"{account.Person}  {StandingOf(account)}  {account.Name}"
                + (account.Error is { } error ? $"  {error} (attempt {account.Attempts})" : "")));

    private static string StandingOf(ListedAccount account) => account switch
    {
        { IsRefused: true } => "refused",
        { IsAcknowledged: true } => "there",
        _ => "waits",
    };
}

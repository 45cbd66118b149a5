using System.CommandLine;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.Oidc.Parties;

namespace Beffroi.Server.Admin.SignOn;

/// <param name="Secret">Shown this once; none of a public service.</param>
internal sealed record AddedRelyingParty(string ClientId, string? Secret);

/// <summary>'register-service': a service that signs people in with the portal, as the page does it.</summary>
internal sealed class AddRelyingParty : AdminVerb<AddedRelyingParty>
{
    private readonly Option<string> _name = new("--name") { Description = "Name of its tile.", Required = true };
    private readonly Option<string> _address =
        new("--address") { Description = "Where its tile leads.", Required = true };
    private readonly Option<string[]> _redirect =
        new("--redirect") { Description = "Address to send codes to; may be given several times." };
    private readonly Option<string[]> _logout =
        new("--after-logout") { Description = "Address after signing out; may be given several times." };
    private readonly Option<string?> _told =
        new("--logout-address") { Description = "Address at which it is told that a session has ended." };
    private readonly Option<Guid[]> _members =
        new("--member") { Description = "Member that has it; may be given several times. Without: all members." };
    private readonly Option<bool> _public = new("--public") { Description = "It cannot keep a secret." };
    private readonly Option<bool> _devices =
        new("--devices") { Description = "It may sign people in by a code, without a browser." };
    private readonly Option<bool> _withoutPkce =
        new("--without-pkce") { Description = "Do not insist on PKCE: for old software with a secret." };

    internal AddRelyingParty()
        : base(
            "register-service", "Registers a service that signs people in with the portal.",
            AdminJson.Default.AddedRelyingParty)
    {
        foreach (var option in new Option[]
        {
            _name, _address, _redirect, _logout, _told, _members, _public, _devices, _withoutPkce,
        }) Add(option);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<AddedRelyingParty> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var members = parsed.GetValue(_members) ?? [];
        var form = new RelyingPartyForm(
            parsed.GetRequiredValue(_name), Description: null,
            parsed.GetValue(_public) ? PartyKind.Public : PartyKind.Confidential, parsed.GetRequiredValue(_address),
            parsed.GetValue(_redirect) ?? [], parsed.GetValue(_logout) ?? [], OidcScope.All,
            RequiresPkce: !parsed.GetValue(_withoutPkce), "RS256", parsed.GetValue(_devices),
            IsForAllMembers: members.Length == 0, IsForStaff: true, [.. members.Select(id => new MemberId(id))])
        {
            LogoutAddress = parsed.GetValue(_told),
        };
        return await services.GetRequiredService<RelyingPartyDesk>().AddAsync(
            Caller.System(Actor), form, logo: null, cancellationToken) switch
        {
            SavedParty.Done done => new AddedRelyingParty(done.Id.ToString("N"), done.Secret),
            SavedParty.Refused refused => throw Misused("The service was not registered: "
                + string.Join(", ", refused.Faults.Select(fault => $"{fault.Kind} '{fault.Value}'"))
                + ". Addresses begin with https://, or http:// on this computer, and have no # nor *."),
            _ => throw new InvalidOperationException("An answer that nobody thought of."),
        };
    }

    protected override string ToText(AddedRelyingParty answer) => answer.Secret is null
        ? $"Client id {answer.ClientId}"
        : $"Client id {answer.ClientId}\nSecret {answer.Secret}\nThe secret is not shown again.";
}

using System.CommandLine;
using Beffroi.Identity.Access;
using Beffroi.Identity.External;

namespace Beffroi.Server.Admin.SignOn;

internal sealed record SetProvider(string Id, bool IsOn);

/// <summary>'set-provider': somebody else who signs people in, such as ProConnect; or switches one off.</summary>
internal sealed class SetSignInProvider : AdminVerb<SetProvider>
{
    private readonly Option<string> _id =
        new("--id") { Description = "Short name, such as proconnect; never changes.", Required = true };
    private readonly Option<string> _name = new("--name")
    {
        Description = "On the button.", DefaultValueFactory = _ => "ProConnect",
    };

    private readonly Option<string?> _issuer =
        new("--issuer") { Description = "Such as https://auth.agentconnect.gouv.fr/api/v2" };
    private readonly Option<string?> _client = new("--client-id") { Description = "The portal's id there." };
    private readonly Option<string?> _secret =
        new("--secret") { Description = "The portal's secret there; '-' reads it from standard input." };
    private readonly Option<string> _scopes = new("--scopes")
    {
        Description = "What is asked for, parted by spaces.",
        DefaultValueFactory = _ => string.Join(' ', ProviderSettings.UsualScopes),
    };

    private readonly Option<string?> _acr = new("--acr") { Description = "How strongly it must recognise people." };
    private readonly Option<bool> _signed =
        new("--signed-userinfo") { Description = "Believe only a signed answer about who somebody is." };
    private readonly Option<bool> _create =
        new("--create-accounts") { Description = "Make unknown people agents of the member of their SIRET." };
    private readonly Option<bool> _off = new("--off") { Description = "Switch it off." };

    internal SetSignInProvider()
        : base(
            "set-provider", "Lets another OpenID Connect provider sign people in, such as ProConnect.",
            AdminJson.Default.SetProvider)
    {
        foreach (var option in new Option[]
        {
            _id, _name, _issuer, _client, _secret, _scopes, _acr, _signed, _create, _off,
        }) Add(option);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<SetProvider> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var providers = services.GetRequiredService<ProviderRegister>();
        var id = parsed.GetRequiredValue(_id);
        if (parsed.GetValue(_off))
        {
            return await providers.SwitchOffAsync(Caller.System(Actor), id, cancellationToken)
                ? new SetProvider(id, IsOn: false)
                : throw Misused($"There is no provider '{id}'.");
        }
        var secret = parsed.GetValue(_secret);
        if (secret == "-") secret = await Console.In.ReadLineAsync(cancellationToken);
        var settings = new ProviderSettings(
            id, parsed.GetRequiredValue(_name), parsed.GetValue(_issuer) ?? "", parsed.GetValue(_client) ?? "",
            secret ?? "", parsed.GetRequiredValue(_scopes).Split(' ', StringSplitOptions.RemoveEmptyEntries),
            parsed.GetValue(_acr), parsed.GetValue(_signed), parsed.GetValue(_create));
        return await providers.SetAsync(Caller.System(Actor), settings, cancellationToken)
            ? new SetProvider(id, IsOn: true)
            : throw Misused("Give --issuer with https://, --client-id and --secret; --id has small letters, digits and "
                + "hyphens; --scopes has openid.");
    }

    protected override string ToText(SetProvider answer) =>
        $"Provider {answer.Id} is switched {(answer.IsOn ? "on" : "off")}.";
}

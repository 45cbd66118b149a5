using System.Text.Json.Nodes;
using Beffroi.Identity.Access;
using Beffroi.Identity.External;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>The portal as a service of another provider: whom it believes, and which account that is.</summary>
public sealed class ExternalSignInTests(TestCluster cluster)
{
    private static readonly Visitor Visitor = new("192.0.2.7", "test");

    [Fact]
    public async Task Somebody_of_a_members_SIRET_gets_an_account_and_finds_it_again_by_subject()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);

        var first = Assert.IsType<ExternalOutcome.Admitted>(await ComeAsync(host, provider));
        provider.Info["email"] = "luc@nouvelle-adresse.example";
        var second = Assert.IsType<ExternalOutcome.Admitted>(await ComeAsync(host, provider));

        Assert.Equal(first.Session.Person, second.Session.Person);
        Assert.Equal("/sauvegardes", second.ReturnTo);
        var caller = await host.Get<SessionBook>().FindCallerAsync(second.Session.Id, null, CancellationToken.None);
        Assert.Equal(("Luc Petit", new RoleGrant(Role.Agent, host.Member)), (caller!.Name, caller.Grants.Single()));
        Assert.All(provider.Asked, form => Assert.Contains("client_secret=", form, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_asked_keeps_ProConnects_rules()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        await using var scope = Scope(host);
        var departure = await LeaveAsync(scope);

        var asked = QueryHelpers.ParseQuery(new Uri(departure.Address).Query);

        Assert.Equal(
            ["acr_values", "client_id", "nonce", "redirect_uri", "response_type", "scope", "state"],
            asked.Keys.Order());
        Assert.True(asked["state"].ToString().Length >= 32 && asked["nonce"].ToString().Length >= 32);
        Assert.NotEqual(asked["state"], asked["nonce"]);
    }

    [Fact]
    public async Task A_known_mail_address_alone_opens_nothing_until_its_owner_has_signed_in()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        await host.AddPersonAsync("LUC@arvigny.example", Role.Agent, host.Member);
        await host.AddPersonAsync("eve@arvigny.example", Role.Agent, host.Member);

        var wanted = Assert.IsType<ExternalOutcome.LinkWanted>(await ComeAsync(host, provider));
        await LinkAsync(host, wanted.Link, await host.SignInAsync("eve@arvigny.example"));
        Assert.IsType<ExternalOutcome.LinkWanted>(await ComeAsync(host, provider));
        await LinkAsync(host, wanted.Link + "x", await host.SignInAsync("luc@arvigny.example"));
        Assert.IsType<ExternalOutcome.LinkWanted>(await ComeAsync(host, provider));
        var own = await host.SignInAsync("luc@arvigny.example");
        await LinkAsync(host, wanted.Link, own);

        var admitted = Assert.IsType<ExternalOutcome.Admitted>(await ComeAsync(host, provider));
        Assert.Equal(own.Person, admitted.Session.Person);
    }

    [Fact]
    public async Task Two_proofs_here_are_not_replaced_by_one_there()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        var admitted = Assert.IsType<ExternalOutcome.Admitted>(await ComeAsync(host, provider));
        await using (var db = host.Open())
        {
            await db.People.Where(row => row.Id == admitted.Session.Person.Value)
                .ExecuteUpdateAsync(row => row.SetProperty(each => each.TwoFactorEnabled, true));
        }

        Assert.IsType<ExternalOutcome.CodeWanted>(await ComeAsync(host, provider));
        provider.ChangeToken = claims => claims["acr"] = "eidas2";
        Assert.IsType<ExternalOutcome.Admitted>(await ComeAsync(host, provider));
    }

    [Theory]
    [InlineData("siret", "21123456700017")]
    [InlineData("siret", "not a siret")]
    [InlineData("siret", null)]
    [InlineData("email", null)]
    public async Task Somebody_without_a_member_or_an_address_gets_no_account(string claim, string? value)
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        provider.Info[claim] = value;

        await RefusedAsync(host, provider, ExternalRefusal.NoAccount);
    }

    [Fact]
    public async Task An_address_that_the_provider_itself_doubts_is_none()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        provider.Info["email_verified"] = false;
        await RefusedAsync(host, provider, ExternalRefusal.NoAccount);
        await host.AddPersonAsync("luc@arvigny.example", Role.Agent, host.Member);
        await RefusedAsync(host, provider, ExternalRefusal.NoAccount);
    }

    [Fact]
    public async Task An_account_that_was_reported_is_shut_to_providers_too()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        await ComeAsync(host, provider);
        await using (var db = host.Open())
        {
            DateTimeOffset? forEver = DateTimeOffset.MaxValue; // As ReportCompromisedAsync leaves it.
            await db.People.ExecuteUpdateAsync(row => row.SetProperty(each => each.LockoutEnd, forEver));
        }

        await RefusedAsync(host, provider, ExternalRefusal.Shut);
    }

    [Fact]
    public async Task A_shut_account_stays_shut()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        await ComeAsync(host, provider);
        await using (var db = host.Open())
        {
            var now = host.Time.GetUtcNow();
            await db.People.ExecuteUpdateAsync(row => row.SetProperty(each => each.DisabledAt, now));
        }

        await RefusedAsync(host, provider, ExternalRefusal.Shut);
    }

    [Theory]
    [InlineData("nonce", "\"another\"")]
    [InlineData("aud", "\"another\"")]
    [InlineData("iss", "\"https://evil.example\"")]
    [InlineData("exp", "1")]
    [InlineData("sub", "\"pc-2\"")]
    public async Task A_token_that_is_not_for_this_question_is_refused(string claim, string value)
    {
        var provider = new FakeProvider { ChangeToken = claims => claims[claim] = JsonNode.Parse(value) };
        await using var host = await StartAsync(provider);

        await RefusedAsync(host, provider, ExternalRefusal.ProviderFailed);
    }

    [Fact]
    public async Task Another_key_no_signature_and_another_issuers_document_are_refused()
    {
        var provider = new FakeProvider { ForgesWith = JwsKey.Create(JwsKey.Es256) };
        await using var host = await StartAsync(provider);
        await RefusedAsync(host, provider, ExternalRefusal.ProviderFailed);

        (provider.ForgesWith, provider.SignsInfo) = (null, false);
        await RefusedAsync(host, provider, ExternalRefusal.ProviderFailed);

        (provider.SignsInfo, provider.Info["aud"]) = (true, "another");
        await RefusedAsync(host, provider, ExternalRefusal.ProviderFailed);

        host.Time.Step(TimeSpan.FromHours(2)); // What was read of the provider is read again.
        provider.DiscoveredIssuer = "https://evil.example";
        await using var scope = Scope(host);
        Assert.Null(await scope.ServiceProvider.GetRequiredService<ExternalSignInDesk>()
            .LeaveAsync("proconnect", FakeProvider.ComeBack, "/", CancellationToken.None));
    }

    [Fact]
    public async Task An_answer_to_another_browser_or_of_another_provider_is_refused()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        await using var scope = Scope(host);
        var (mine, theirs) = (await LeaveAsync(scope), await LeaveAsync(scope));
        var answer = provider.Visit(mine.Address);

        Assert.Equal(ExternalRefusal.Expired, await TryAsync(answer, theirs.Cookie));
        Assert.Equal(ExternalRefusal.Expired, await TryAsync(answer, cookie: null));
        Assert.Equal(ExternalRefusal.Expired, await TryAsync(answer, mine.Cookie[..^2]));
        Assert.Equal(
            ExternalRefusal.ProviderFailed,
            await TryAsync(new(answer) { ["iss"] = "https://evil.example" }, mine.Cookie));
        Assert.Equal(
            ExternalRefusal.Denied,
            await TryAsync(new() { ["error"] = "access_denied", ["state"] = answer["state"] }, mine.Cookie));

        async Task<ExternalRefusal> TryAsync(Dictionary<string, string> parameters, string? cookie) =>
            Assert.IsType<ExternalOutcome.Refused>(
                await scope.ServiceProvider.GetRequiredService<ExternalSignInDesk>().ReturnAsync(
                    parameters.GetValueOrDefault, cookie, FakeProvider.ComeBack, Visitor,
                    CancellationToken.None)).Reason;
    }

    [Fact]
    public async Task Signing_out_leads_by_way_of_the_provider_and_back_to_nowhere_else()
    {
        var provider = new FakeProvider();
        await using var host = await StartAsync(provider);
        var admitted = Assert.IsType<ExternalOutcome.Admitted>(await ComeAsync(host, provider));
        await using var scope = Scope(host);
        var desk = scope.ServiceProvider.GetRequiredService<ExternalSignInDesk>();

        var address = await desk.FindSignOutAsync(
            admitted.Session.Id, "https://portail.example.fr/connexion/externe/fin", "/connexion",
            CancellationToken.None);
        var asked = QueryHelpers.ParseQuery(new Uri(address!).Query);

        Assert.StartsWith($"{FakeProvider.Issuer}/session/end?", address, StringComparison.Ordinal);
        Assert.Equal(3, asked["id_token_hint"].ToString().Split('.').Length);
        Assert.Equal("/connexion", desk.ReturnSignedOut(asked["state"]));
        Assert.Null(desk.ReturnSignedOut("https://evil.example"));
        await host.AddPersonAsync("eve@arvigny.example", Role.Agent, host.Member);
        var local = await host.SignInAsync("eve@arvigny.example");
        Assert.Null(await desk.FindSignOutAsync(local.Id, "https://x.example/fin", "/", CancellationToken.None));
    }

    private async Task<OidcHost> StartAsync(FakeProvider provider)
    {
        var host = await OidcHost.StartAsync(cluster, provider.Replace);
        var isSet = await host.Get<ProviderRegister>().SetAsync(
            OidcHost.Admin,
            new ProviderSettings(
                "proconnect", "ProConnect", FakeProvider.Issuer, "portail", "secret", ProviderSettings.UsualScopes,
                "eidas1", RequiresSignedUserInfo: true, CreatesAccounts: true),
            CancellationToken.None);
        Assert.True(isSet);
        return host;
    }

    private static AsyncServiceScope Scope(OidcHost host) => host.Get<IServiceScopeFactory>().CreateAsyncScope();

    private static async Task<Departure> LeaveAsync(AsyncServiceScope scope)
    {
        var departure = await scope.ServiceProvider.GetRequiredService<ExternalSignInDesk>()
            .LeaveAsync("proconnect", FakeProvider.ComeBack, "/sauvegardes", CancellationToken.None);
        Assert.NotNull(departure);
        return departure;
    }

    private static async Task<ExternalOutcome> ComeAsync(OidcHost host, FakeProvider provider)
    {
        await using var scope = Scope(host);
        var departure = await LeaveAsync(scope);
        var answer = provider.Visit(departure.Address);
        return await scope.ServiceProvider.GetRequiredService<ExternalSignInDesk>().ReturnAsync(
            answer.GetValueOrDefault, departure.Cookie, FakeProvider.ComeBack, Visitor, CancellationToken.None);
    }

    private static async Task RefusedAsync(OidcHost host, FakeProvider provider, ExternalRefusal reason) =>
        Assert.Equal(reason, Assert.IsType<ExternalOutcome.Refused>(await ComeAsync(host, provider)).Reason);

    private static async Task LinkAsync(OidcHost host, string link, OpenedSession session)
    {
        await using var scope = Scope(host);
        await scope.ServiceProvider.GetRequiredService<ExternalSignInDesk>()
            .LinkAsync(link, session, CancellationToken.None);
    }
}

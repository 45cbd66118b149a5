using System.Text.Json;
using Beffroi.Identity.Access;
using Beffroi.Identity.Account;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.Oidc.Authorize;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>Where one right could be made to pass for another: an older request, an older registration, a session whose
/// browser has gone.</summary>
public sealed class SignOnEdgeTests(TestCluster cluster)
{
    [Fact]
    public async Task Having_been_asked_for_one_request_is_worth_nothing_for_another()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var first = Assert.IsType<AuthorizeOutcome.SignIn>(
            await host.AskAsync(party, null, ("prompt", "login"), ("state", "first")));
        host.Time.Step(TimeSpan.FromMinutes(5));
        var session = await host.SomebodyAsync();
        host.Time.Step(TimeSpan.FromMinutes(5));
        var second = Assert.IsType<AuthorizeOutcome.SignIn>(
            await host.AskAsync(party, session, ("prompt", "login"), ("state", "second")));
        const string Asked = "beffroi_asked";
        var (older, newer) = (ValueOf(first.Continue, Asked), ValueOf(second.Continue, Asked));

        var mixed = second.Continue.Replace(Uri.EscapeDataString(newer), Uri.EscapeDataString(older),
            StringComparison.Ordinal);

        Assert.NotEqual(second.Continue, mixed);
        Assert.IsType<AuthorizeOutcome.SignIn>(await host.AskAgainAsync(mixed, session));
        Assert.IsType<AuthorizeOutcome.GoBack>(await host.AskAgainAsync(first.Continue, session));
    }

    [Fact]
    public async Task What_a_service_is_no_more_registered_for_it_is_no_more_told()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var tokens = await host.TokensAsync(party, await host.SomebodyAsync());

        await ChangeAsync(host, party, [OidcScope.OpenId, OidcScope.OfflineAccess]);
        var (_, info) = await host.UserInfoAsync(Text(tokens, "access_token"));
        var (status, renewed) = await host.RefreshAsync(party, Text(tokens, "refresh_token"));
        var claims = (await host.ReadAsync(Text(renewed, "id_token"), party, nonce: null)).Claims;
        await ChangeAsync(host, party, [OidcScope.OpenId]);

        Assert.Equal(["sub"], info.EnumerateObject().Select(claim => claim.Name));
        Assert.Equal(200, status);
        Assert.False(claims.TryGetProperty("email", out _) || claims.TryGetProperty("siret", out _));
        Assert.Equal(400, (await host.RefreshAsync(party, Text(renewed, "refresh_token"))).Status);
    }

    [Fact]
    public async Task A_session_is_in_its_owners_list_as_long_as_a_refresh_token_of_it_is_good_and_can_be_ended_there()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var session = await host.SomebodyAsync();
        var tokens = await host.TokensAsync(party, session);
        host.Time.Step(TimeSpan.FromDays(10));
        await using var scope = host.Get<IServiceScopeFactory>().CreateAsyncScope();
        var account = scope.ServiceProvider.GetRequiredService<OwnAccountDesk>();
        var caller = Caller.Of(session.Person, "Jeanne", null, [new RoleGrant(Role.Referent, host.Member)]);

        Assert.Null(await host.Get<SessionBook>().FindCallerAsync(session.Id, null, CancellationToken.None));
        var listed = Assert.Single(await account.ListSessionsAsync(caller, CancellationToken.None));
        Assert.Null(await account.EndSessionAsync(caller, listed.Id, CancellationToken.None));

        Assert.Equal(400, (await host.RefreshAsync(party, Text(tokens, "refresh_token"))).Status);
        Assert.Empty(await account.ListSessionsAsync(caller, CancellationToken.None));
    }

    [Fact]
    public async Task An_issuer_is_never_the_Host_header_of_somebody_elsewhere()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        using var discovery = new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration");
        using var token = new HttpRequestMessage(HttpMethod.Post, "/oidc/token")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("client_id", party.ClientId)]),
        };
        foreach (var request in new[] { discovery, token })
        {
            request.Headers.Host = "evil.example";

            Assert.Equal(503, (await host.SendAsync(request)).Status);
        }
    }

    [Fact]
    public async Task A_service_has_few_addresses_and_none_that_leads_anywhere()
    {
        await using var host = await OidcHost.StartAsync(cluster);

        Assert.Contains(PartyFaultKind.TooManyAddresses, await FaultsAsync(
            [.. Enumerable.Range(0, 21).Select(i => $"https://mail.example.org/{i}")]));
        foreach (var wrong in new[]
        {
            "http://mail.example.org/back", "https://*.example.org/back", "https://mail.example.org/back#x",
            "https://mail.example.org\\@evil.example/", "https://someone@mail.example.org/back", "javascript:alert(1)",
            "data:text/html,x", "/back", "mail.example.org/back", "https://mail.example.org/ba ck", "app:/back",
        }) Assert.Equal([PartyFaultKind.Redirect], await FaultsAsync([wrong]));

        async Task<IEnumerable<PartyFaultKind>> FaultsAsync(IReadOnlyList<string> redirects)
        {
            var saved = await host.Get<RelyingPartyDesk>().AddAsync(
                OidcHost.Admin,
                new RelyingPartyForm(
                    "Messagerie", null, PartyKind.Confidential, "https://mail.example.org/", redirects, [],
                    OidcScope.All, RequiresPkce: true, "RS256", MayUseDevices: false, IsForAllMembers: true,
                    IsForStaff: true, []),
                logo: null, CancellationToken.None);
            return Assert.IsType<SavedParty.Refused>(saved).Faults.Select(fault => fault.Kind);
        }
    }

    private static async Task ChangeAsync(OidcHost host, TestParty party, IReadOnlyList<string> scopes)
    {
        var desk = host.Get<RelyingPartyDesk>();
        var known = await desk.FindAsync(OidcHost.Admin, party.Id, CancellationToken.None);
        Assert.IsType<SavedParty.Done>(await desk.ChangeAsync(
            OidcHost.Admin, party.Id, known!.Form with { Scopes = scopes }, null, CancellationToken.None));
    }

    private static string ValueOf(string address, string name) =>
        QueryHelpers.ParseQuery(address[address.IndexOf('?', StringComparison.Ordinal)..])[name].ToString();

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}

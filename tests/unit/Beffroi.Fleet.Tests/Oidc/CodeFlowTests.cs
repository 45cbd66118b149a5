using System.Text.Json;
using Beffroi.Identity.Access;
using Beffroi.Identity.Oidc.Authorize;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Parties;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>What a service gets when everything is right, and how it asks.</summary>
public sealed class CodeFlowTests(TestCluster cluster)
{
    [Fact]
    public async Task A_code_gives_tokens_that_say_who_the_person_is()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var session = await host.SomebodyAsync();
        var answer = OidcHost.AnswerOf(await host.AskAsync(party, session));

        var (status, tokens) = await host.RedeemAsync(party, answer["code"]);
        var reading = await host.ReadAsync(Text(tokens, "id_token"), party, "n-1");
        var (infoStatus, info) = await host.UserInfoAsync(Text(tokens, "access_token"));

        Assert.Equal(("état & 100 % = vrai", host.Issuer), (answer["state"], answer["iss"]));
        Assert.Equal((200, 200), (status, infoStatus));
        Assert.Equal("Bearer", Text(tokens, "token_type"));
        Assert.Equal("openid profile email siret roles offline_access", Text(tokens, "scope"));
        Assert.Null(reading.Fault);
        foreach (var claims in new[] { reading.Claims, info })
        {
            Assert.Equal(session.Person.ToString(), Text(claims, "sub"));
            Assert.Equal("Jeanne Morel", Text(claims, "name"));
            Assert.Equal("jeanne@arvigny.example", Text(claims, "email"));
            Assert.True(claims.GetProperty("email_verified").GetBoolean());
            Assert.Equal("21450003300011", Text(claims, "siret"));
            Assert.Equal("Arvigny", Text(claims, "organization_label"));
            Assert.Equal(host.Member.ToString(), Text(claims, "member"));
            Assert.Equal("[\"referent\"]", claims.GetProperty("roles").ToString());
        }
        Assert.Equal("eidas1", Text(reading.Claims, "acr"));
        Assert.Equal("[\"pwd\"]", reading.Claims.GetProperty("amr").ToString());
        Assert.Equal(host.Time.GetUtcNow().ToUnixTimeSeconds(), reading.Claims.GetProperty("auth_time").GetInt64());
        Assert.NotEqual(session.Id.ToString("N"), Text(reading.Claims, "sid"));
    }

    [Fact]
    public async Task A_service_is_told_only_what_it_is_registered_for_and_asks_for()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync(form => form with { Scopes = ["openid", "profile"] });
        var session = await host.SomebodyAsync();

        var tokens = await host.TokensAsync(party, session);
        var (_, info) = await host.UserInfoAsync(Text(tokens, "access_token"));

        Assert.Equal("openid profile", Text(tokens, "scope"));
        Assert.Equal(["name", "preferred_username", "sub"], info.EnumerateObject().Select(each => each.Name).Order());
        Assert.False(tokens.TryGetProperty("refresh_token", out _));
    }

    [Fact]
    public async Task A_service_without_secret_signs_in_with_PKCE_from_any_port_of_this_computer()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync(form => form with
        {
            Kind = PartyKind.Public,
            RedirectUris = ["http://127.0.0.1/back"],
            Algorithm = JwsKey.Es256,
        });
        var session = await host.SomebodyAsync();
        const string Address = "http://127.0.0.1:51234/back";

        var code = await host.CodeAsync(party, session, ("redirect_uri", Address));
        var (status, tokens) = await host.RedeemAsync(party, code, ("redirect_uri", Address));

        Assert.Equal(200, status);
        Assert.Null((await host.ReadAsync(Text(tokens, "id_token"), party, "n-1")).Fault);
    }

    [Fact]
    public async Task Discovery_names_what_there_is_under_the_address_it_was_asked_at()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        using var found = JsonDocument.Parse(await host.Http.GetStringAsync("/.well-known/openid-configuration"));
        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration");
        elsewhere.Headers.Host = "attacker.example";

        Assert.Equal(host.Issuer, Text(found.RootElement, "issuer"));
        Assert.Equal($"{host.Issuer}/oidc/token", Text(found.RootElement, "token_endpoint"));
        Assert.Equal("[\"S256\"]", found.RootElement.GetProperty("code_challenge_methods_supported").ToString());
        Assert.Equal(503, (await host.SendAsync(elsewhere)).Status);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_asked_to_unless_the_service_forbids_it()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();

        var asked = Assert.IsType<AuthorizeOutcome.SignIn>(await host.AskAsync(
            party, session: null, ("login_hint", "jeanne@arvigny.example"), ("ui_locales", "de en-GB fr")));
        var silent = OidcHost.AnswerOf(await host.AskAsync(party, session: null, ("prompt", "none")));
        var code = OidcHost.AnswerOf(await host.AskAgainAsync(asked.Continue, await host.SomebodyAsync()));

        Assert.Equal(("jeanne@arvigny.example", "en"), (asked.Name, asked.Language));
        Assert.Equal(("login_required", "état & 100 % = vrai"), (silent["error"], silent["state"]));
        Assert.Equal("état & 100 % = vrai", code["state"]);
        Assert.Contains("code", code);
    }

    [Theory]
    [InlineData("prompt", "login")]
    [InlineData("max_age", "0")]
    [InlineData("max_age", "60")]
    public async Task Who_must_sign_in_anew_does_so_once(string name, string value)
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var before = await host.SomebodyAsync();
        host.Time.Step(TimeSpan.FromMinutes(2));

        var asked = Assert.IsType<AuthorizeOutcome.SignIn>(await host.AskAsync(party, before, (name, value)));
        var withoutDoingSo = await host.AskAgainAsync(asked.Continue, before);
        host.Time.Step(TimeSpan.FromMinutes(1));
        var after = await host.SignInAsync("jeanne@arvigny.example");
        host.Time.Step(TimeSpan.FromSeconds(5));
        var answer = OidcHost.AnswerOf(await host.AskAgainAsync(asked.Continue, after));

        Assert.IsType<AuthorizeOutcome.SignIn>(withoutDoingSo);
        var (_, tokens) = await host.RedeemAsync(party, answer["code"]);
        var claims = (await host.ReadAsync(Text(tokens, "id_token"), party, "n-1")).Claims;
        Assert.Equal(
            (host.Time.GetUtcNow() - TimeSpan.FromSeconds(5)).ToUnixTimeSeconds(),
            claims.GetProperty("auth_time").GetInt64());
    }

    [Fact]
    public async Task People_whose_member_lacks_the_service_are_refused_and_have_no_tile()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var other = await host.AddMemberAsync("Vauclair", "21123456700017");
        var party = await host.RegisterAsync(form => form with { IsForAllMembers = false, Members = [other] });
        var ours = await host.SomebodyAsync();
        await host.AddPersonAsync("luc@vauclair.example", Role.Agent, other);
        var theirs = await host.SignInAsync("luc@vauclair.example");
        await host.AddPersonAsync("aide@prestataire.example", Role.Provider, other);
        var helper = await host.SignInAsync("aide@prestataire.example");

        var refused = Assert.IsType<AuthorizeOutcome.Refused>(await host.AskAsync(party, ours));
        var silent = OidcHost.AnswerOf(await host.AskAsync(party, ours, ("prompt", "none")));

        Assert.Equal((AuthorizeRefusal.NotForYou, "Messagerie"), (refused.Reason, refused.PartyName));
        Assert.StartsWith(OidcHost.Back, refused.BackTo, StringComparison.Ordinal);
        Assert.Equal("access_denied", silent["error"]);
        Assert.IsType<AuthorizeOutcome.GoBack>(await host.AskAsync(party, theirs));
        Assert.IsType<AuthorizeOutcome.Refused>(await host.AskAsync(party, helper));
        Assert.Equal(0, await TilesAsync(Role.Referent, host.Member));
        Assert.Equal(1, await TilesAsync(Role.Agent, other));
        Assert.Equal(0, await TilesAsync(Role.Provider, other));

        async Task<int> TilesAsync(Role role, Identity.MemberId member) =>
            (await host.Get<RelyingPartyDesk>().ListTilesAsync(
                Caller.Of(ours.Person, "x", null, [new RoleGrant(role, member)]), CancellationToken.None)).Count;
    }

    [Fact]
    public async Task Only_scripts_of_a_service_in_the_browser_may_read_tokens()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        await host.RegisterAsync();
        await host.RegisterAsync(form => form with
        {
            Kind = PartyKind.Public,
            RedirectUris = ["https://app.example.org/back"],
        });

        Assert.Equal("*", await AllowedAsync(HttpMethod.Get, "/oidc/jwks", "https://anywhere.example"));
        Assert.Equal(
            "https://app.example.org",
            await AllowedAsync(HttpMethod.Options, "/oidc/token", "https://app.example.org"));
        Assert.Null(await AllowedAsync(HttpMethod.Options, "/oidc/token", "https://mail.example.org"));
        Assert.Null(await AllowedAsync(HttpMethod.Options, "/oidc/userinfo", "https://app.example.org.evil.example"));
        Assert.Null(await AllowedAsync(HttpMethod.Post, "/oidc/introspect", "https://app.example.org"));

        async Task<string?> AllowedAsync(HttpMethod method, string path, string origin)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("Origin", origin);
            using var response = await host.Http.SendAsync(request);
            return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values)
                ? values.Single()
                : null;
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}

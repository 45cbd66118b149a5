using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Oidc.Authorize;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>What thieves, forgers and broken services get: nothing, and what they took is ended.</summary>
public sealed class SignOnFaultTests(TestCluster cluster)
{
    [Fact]
    public async Task A_replayed_code_ends_the_tokens_that_it_gave()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var code = await host.CodeAsync(party, await host.SomebodyAsync());
        var (_, tokens) = await host.RedeemAsync(party, code);

        var (status, answer) = await host.RedeemAsync(party, code);

        Assert.Equal((400, "invalid_grant"), (status, Text(answer, "error")));
        Assert.Equal(401, (await host.UserInfoAsync(Text(tokens, "access_token"))).Status);
        Assert.Equal(400, (await host.RefreshAsync(party, Text(tokens, "refresh_token"))).Status);
        Assert.Contains("code-replayed", await ActsAsync(host));
    }

    [Fact]
    public async Task Of_many_at_once_with_one_code_at_most_one_gets_tokens_and_then_nobody_has_any()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var code = await host.CodeAsync(party, await host.SomebodyAsync());

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => host.RedeemAsync(party, code)));

        var given = answers.Where(answer => answer.Status == 200).ToList();
        Assert.InRange(given.Count, 0, 1);
        foreach (var (_, tokens) in given)
            Assert.Equal(401, (await host.UserInfoAsync(Text(tokens, "access_token"))).Status);
    }

    [Fact]
    public async Task A_code_is_good_for_one_minute()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var session = await host.SomebodyAsync();
        var (early, late) = (await host.CodeAsync(party, session), await host.CodeAsync(party, session));

        host.Time.Step(TimeSpan.FromSeconds(59));
        Assert.Equal(200, (await host.RedeemAsync(party, early)).Status);
        host.Time.Step(TimeSpan.FromSeconds(1));
        Assert.Equal(400, (await host.RedeemAsync(party, late)).Status);
    }

    [Theory]
    [InlineData("another-verifier-another-verifier-another-ver")]
    [InlineData("short")]
    [InlineData(null)]
    public async Task Another_verifier_or_none_gets_nothing_and_uses_the_code_up(string? verifier)
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var code = await host.CodeAsync(party, await host.SomebodyAsync());

        var (status, answer) = await host.RedeemAsync(party, code, ("code_verifier", verifier));

        Assert.Equal((400, "invalid_grant"), (status, Text(answer, "error")));
        Assert.Equal(400, (await host.RedeemAsync(party, code)).Status);
    }

    [Theory]
    [InlineData("code_challenge", null)]
    [InlineData("code_challenge_method", "plain")]
    [InlineData("code_challenge_method", null)]
    [InlineData("code_challenge", "short")]
    [InlineData("response_type", "token")]
    [InlineData("response_type", "code id_token")]
    [InlineData("response_mode", "fragment")]
    [InlineData("scope", "profile")]
    [InlineData("prompt", "none login")]
    [InlineData("max_age", "-1")]
    [InlineData("request", "eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("request_uri", "https://evil.example/request")]
    public async Task A_request_that_is_wrong_goes_back_with_its_state_and_no_code(string name, string? value)
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();

        var answer = OidcHost.AnswerOf(await host.AskAsync(party, await host.SomebodyAsync(), (name, value)));

        Assert.Contains("error", answer);
        Assert.DoesNotContain("code", answer);
        Assert.Equal(("état & 100 % = vrai", host.Issuer), (answer["state"], answer["iss"]));
    }

    [Fact]
    public async Task A_service_without_PKCE_is_told_when_somebody_added_or_took_a_verifier()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync(form => form with { RequiresPkce = false });
        var session = await host.SomebodyAsync();
        (string, string?)[] plain = [("code_challenge", null), ("code_challenge_method", null)];

        Assert.Equal(200, (await host.RedeemAsync(
            party, await host.CodeAsync(party, session, plain), ("code_verifier", null))).Status);
        Assert.Equal(400, (await host.RedeemAsync(party, await host.CodeAsync(party, session, plain))).Status);
        Assert.Equal(400, (await host.RedeemAsync(
            party, await host.CodeAsync(party, session), ("code_verifier", null))).Status);
        var withoutNonce = OidcHost.AnswerOf(await host.AskAsync(party, session, [.. plain, ("nonce", null)]));
        Assert.Equal("invalid_request", withoutNonce["error"]);
    }

    [Theory]
    [InlineData("https://mail.example.org/oidc/callback/")]
    [InlineData("https://mail.example.org/oidc/Callback")]
    [InlineData("https://mail.example.org/oidc/callback?next=https://evil.example")]
    [InlineData("https://mail.example.org/oidc/callback#x")]
    [InlineData("https://mail.example.org/oidc/x/../callback")]
    [InlineData("https://mail.example.org/oidc/%63allback")]
    [InlineData("https://mail.example.org.evil.example/oidc/callback")]
    [InlineData("https://mail.example.org@evil.example/oidc/callback")]
    [InlineData("http://mail.example.org/oidc/callback")]
    [InlineData("https://mail.example.org:444/oidc/callback")]
    [InlineData("//evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData(null)]
    public async Task Another_address_to_go_back_to_is_a_page_and_never_a_redirect(string? address)
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();

        var outcome = await host.AskAsync(party, await host.SomebodyAsync(), ("redirect_uri", address));

        var refused = Assert.IsType<AuthorizeOutcome.Refused>(outcome);
        Assert.Equal((AuthorizeRefusal.WrongAddress, null), (refused.Reason, refused.BackTo));
    }

    [Fact]
    public async Task A_service_that_is_unknown_or_switched_off_is_a_page()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var (party, session) = (await host.RegisterAsync(), await host.SomebodyAsync());
        await host.Get<RelyingPartyDesk>().SwitchAsync(OidcHost.Admin, party.Id, isOn: false, CancellationToken.None);

        foreach (var unknown in new[] { party, new TestParty(Guid.Empty, null) })
        {
            var refused = Assert.IsType<AuthorizeOutcome.Refused>(await host.AskAsync(unknown, session));
            Assert.Equal(AuthorizeRefusal.UnknownParty, refused.Reason);
        }
    }

    [Fact]
    public async Task A_code_or_a_refresh_token_of_another_service_gets_nothing_and_is_ended()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var (victim, thief) = (await host.RegisterAsync(), await host.RegisterAsync());
        var session = await host.SomebodyAsync();
        var (code, tokens) = (await host.CodeAsync(victim, session), await host.TokensAsync(victim, session));

        Assert.Equal(400, (await host.RedeemAsync(thief, code)).Status);
        Assert.Equal(400, (await host.RedeemAsync(victim, code)).Status);
        Assert.Equal(400, (await host.RefreshAsync(thief, Text(tokens, "refresh_token"))).Status);
        Assert.Equal(400, (await host.RefreshAsync(victim, Text(tokens, "refresh_token"))).Status);
        Assert.Equal(
            TokenFault.WrongAudience, (await host.ReadAsync(Text(tokens, "id_token"), thief, "n-1")).Fault);
    }

    [Fact]
    public async Task A_refresh_token_is_good_once_and_used_twice_ends_the_sign_in()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var first = await host.TokensAsync(party, await host.SomebodyAsync());
        host.Time.Step(TimeSpan.FromDays(20)); // Long after the session's own end: that is what it is for.

        var (status, second) = await host.RefreshAsync(
            party, Text(first, "refresh_token"), ("scope", "openid email"));
        Assert.Equal((200, "openid email"), (status, Text(second, "scope")));
        Assert.Null((await host.ReadAsync(Text(second, "id_token"), party, nonce: null)).Fault);
        Assert.Equal("invalid_scope", Text(
            (await host.RefreshAsync(party, Text(second, "refresh_token"), ("scope", "openid admin"))).Json, "error"));

        Assert.Equal(400, (await host.RefreshAsync(party, Text(first, "refresh_token"))).Status);

        Assert.Equal(400, (await host.RefreshAsync(party, Text(second, "refresh_token"))).Status);
        Assert.Equal(401, (await host.UserInfoAsync(Text(second, "access_token"))).Status);
        Assert.Contains("refresh-token-reused", await ActsAsync(host));
    }

    [Fact]
    public async Task A_refresh_token_ends_thirty_days_after_the_sign_in_however_often_it_is_renewed()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var tokens = await host.TokensAsync(party, await host.SomebodyAsync());
        host.Time.Step(TimeSpan.FromDays(29));
        var (_, renewed) = await host.RefreshAsync(party, Text(tokens, "refresh_token"));
        host.Time.Step(TimeSpan.FromDays(1));

        Assert.Equal(400, (await host.RefreshAsync(party, Text(renewed, "refresh_token"))).Status);
    }

    [Theory]
    [InlineData("sign-out")]
    [InlineData("password")]
    [InlineData("shut account")]
    [InlineData("switched off")]
    [InlineData("member lost it")]
    public async Task Whatever_ends_the_right_ends_every_token(string how)
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var session = await host.SomebodyAsync();
        var tokens = await host.TokensAsync(party, session);
        var code = await host.CodeAsync(party, session);

        await EndAsync(host, how, party, session);

        Assert.Equal(401, (await host.UserInfoAsync(Text(tokens, "access_token"))).Status);
        Assert.NotEqual(200, (await host.RefreshAsync(party, Text(tokens, "refresh_token"))).Status);
        Assert.NotEqual(200, (await host.RedeemAsync(party, code)).Status);
    }

    [Fact]
    public async Task A_service_proves_who_it_is_in_one_way_and_rightly()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var open = await host.RegisterAsync(form => form with
        {
            Kind = PartyKind.Public,
            RedirectUris = ["https://app.example.org/back"],
        });
        (string, string?)[] grant = [("grant_type", "refresh_token"), ("refresh_token", "x")];

        Assert.Equal((401, "invalid_client"), await TryAsync(party with { Secret = "bfs_wrong" }, grant));
        Assert.Equal((401, "invalid_client"), await TryAsync(party with { Secret = null }, grant));
        Assert.Equal((401, "invalid_client"), await TryAsync(open with { Secret = "anything" }, grant));
        Assert.Equal((400, "invalid_grant"), await TryAsync(open, grant));
        Assert.Equal((400, "invalid_request"), await TryAsync(party, [.. grant, ("client_secret", party.Secret)]));
        Assert.Equal(
            (400, "invalid_grant"),
            await TryAsync(party with { Secret = null }, [.. grant, ("client_secret", party.Secret)]));
        Assert.Equal((400, "unsupported_grant_type"), await TryAsync(party, ("grant_type", "password")));
        var renewed = await host.Get<RelyingPartyDesk>()
            .RenewSecretAsync(OidcHost.Admin, party.Id, CancellationToken.None);
        Assert.Equal((401, "invalid_client"), await TryAsync(party, grant));
        Assert.Equal((400, "invalid_grant"), await TryAsync(party with { Secret = renewed }, grant));

        async Task<(int, string)> TryAsync(TestParty who, params (string, string?)[] parameters)
        {
            var (status, answer) = await host.PostAsync("/oidc/token", who, parameters);
            return (status, Text(answer, "error"));
        }
    }

    [Fact]
    public async Task A_service_asks_and_ends_what_its_own_tokens_are_worth()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var (party, other) = (await host.RegisterAsync(), await host.RegisterAsync());
        var tokens = await host.TokensAsync(party, await host.SomebodyAsync());
        var (access, refresh) = (Text(tokens, "access_token"), Text(tokens, "refresh_token"));

        Assert.True(await IsActiveAsync(party, access));
        Assert.False(await IsActiveAsync(other, access));
        await host.PostAsync("/oidc/revoke", other, ("token", refresh));
        Assert.True(await IsActiveAsync(party, refresh));
        await host.PostAsync("/oidc/revoke", party, ("token", access));
        Assert.Equal((false, true), (await IsActiveAsync(party, access), await IsActiveAsync(party, refresh)));
        Assert.Equal(200, (await host.PostAsync("/oidc/revoke", party, ("token", refresh))).Status);
        Assert.Equal(200, (await host.PostAsync("/oidc/revoke", party, ("token", "bfr_unknown"))).Status);
        Assert.False(await IsActiveAsync(party, refresh));

        async Task<bool> IsActiveAsync(TestParty who, string token) =>
            (await host.PostAsync("/oidc/introspect", who, ("token", token))).Json.GetProperty("active").GetBoolean();
    }

    [Fact]
    public async Task An_access_token_that_is_old_or_made_up_opens_nothing()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var tokens = await host.TokensAsync(party, await host.SomebodyAsync());

        Assert.Equal(401, (await host.UserInfoAsync("bfa_made-up")).Status);
        Assert.Equal(401, (await host.UserInfoAsync(Text(tokens, "id_token"))).Status);
        Assert.Equal(401, (await host.UserInfoAsync(Text(tokens, "refresh_token"))).Status);
        host.Time.Step(TimeSpan.FromHours(1));
        Assert.Equal(401, (await host.UserInfoAsync(Text(tokens, "access_token"))).Status);
    }

    [Fact]
    public async Task A_parameter_twice_is_refused_at_both_ends()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var (party, session) = (await host.RegisterAsync(), await host.SomebodyAsync());
        var asked = Assert.IsType<AuthorizeOutcome.SignIn>(await host.AskAsync(party, null));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oidc/token")
        {
            Content = new StringContent(
                "grant_type=refresh_token&grant_type=refresh_token", null, "application/x-www-form-urlencoded"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{party.ClientId}:{party.Secret}")));

        var twice = OidcHost.AnswerOf(await host.AskAgainAsync(asked.Continue + "&nonce=other", session));

        Assert.Equal("invalid_request", twice["error"]);
        Assert.Equal("invalid_request", Text((await host.SendAsync(request)).Json, "error"));
    }

    private static async Task EndAsync(OidcHost host, string how, TestParty party, OpenedSession session)
    {
        await using var db = host.Open();
        var person = await db.People.SingleAsync(row => row.Id == session.Person.Value);
        switch (how)
        {
            case "sign-out":
                await host.Get<SessionBook>().EndAsync(session.Id, CancellationToken.None);
                break;
            case "password":
                person.SecurityStamp = "another";
                break;
            case "shut account":
                person.DisabledAt = host.Time.GetUtcNow();
                break;
            case "switched off":
                await host.Get<RelyingPartyDesk>()
                    .SwitchAsync(OidcHost.Admin, party.Id, isOn: false, CancellationToken.None);
                break;
            default:
                var known = await host.Get<RelyingPartyDesk>()
                    .FindAsync(OidcHost.Admin, party.Id, CancellationToken.None);
                await host.Get<RelyingPartyDesk>().ChangeAsync(
                    OidcHost.Admin, party.Id, known!.Form with { IsForAllMembers = false }, null,
                    CancellationToken.None);
                break;
        }
        await db.SaveChangesAsync();
    }

    private static async Task<IEnumerable<string>> ActsAsync(OidcHost host) =>
        (await host.Get<JournalReader>().ReadAsync(
            OidcHost.Admin, new JournalFilter(), 20, CancellationToken.None)).Select(line => line.Act);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}

using System.Text.Json;
using Beffroi.Identity.Access;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.Oidc.Devices;
using Beffroi.Identity.Oidc.Jose;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.SignIn;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>Programs without a browser, and signing out at a service's wish.</summary>
public sealed class DeviceTests(TestCluster cluster)
{
    [Fact]
    public async Task A_program_waits_for_its_code_to_be_entered_and_then_has_a_session_of_its_own()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var session = await host.SomebodyAsync();
        var caller = Caller.Of(session.Person, "Jeanne", "192.0.2.7", [new RoleGrant(Role.Referent, host.Member)]);
        var desk = host.Get<DeviceDesk>();
        var (_, begun) = await host.PostAsync("/oidc/device", party, ("scope", "openid offline_access"));
        var userCode = Text(begun, "user_code");

        Assert.Equal("authorization_pending", await PollAsync());
        host.Time.Step(TimeSpan.FromSeconds(4));
        Assert.Equal("slow_down", await PollAsync());
        host.Time.Step(TimeSpan.FromSeconds(10));
        Assert.Equal("authorization_pending", await PollAsync());
        var waiting = await desk.FindAsync(
            caller, userCode.ToLowerInvariant().Replace('-', ' '), CancellationToken.None);
        Assert.Equal((userCode, "Messagerie", true), (waiting!.UserCode, waiting.PartyName, waiting.IsForYou));
        Assert.True(await desk.AnswerAsync(caller, session.Id, userCode, isApproved: true, CancellationToken.None));
        Assert.False(await desk.AnswerAsync(caller, session.Id, userCode, isApproved: false, CancellationToken.None));
        var (status, tokens) = await AskAsync();

        Assert.Equal(200, status);
        Assert.Equal("invalid_grant", await PollAsync());
        await host.Get<SessionBook>().EndAsync(session.Id, CancellationToken.None);
        var (infoStatus, info) = await host.UserInfoAsync(Text(tokens, "access_token"));
        Assert.Equal((200, session.Person.ToString()), (infoStatus, Text(info, "sub")));
        Assert.Equal(200, (await host.RefreshAsync(party, Text(tokens, "refresh_token"))).Status);

        Task<(int Status, JsonElement Json)> AskAsync() => host.PostAsync(
            "/oidc/token", party, ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", Text(begun, "device_code")));

        async Task<string> PollAsync() => Text((await AskAsync()).Json, "error");
    }

    [Fact]
    public async Task A_program_that_is_refused_or_waited_for_too_long_gets_nothing()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var (party, other) = (await host.RegisterAsync(), await host.RegisterAsync());
        var session = await host.SomebodyAsync();
        var caller = Caller.Of(session.Person, "Jeanne", "192.0.2.7", [new RoleGrant(Role.Referent, host.Member)]);
        var (_, refused) = await host.PostAsync("/oidc/device", party);
        var (_, late) = await host.PostAsync("/oidc/device", party);

        await host.Get<DeviceDesk>().AnswerAsync(
            caller, session.Id, Text(refused, "user_code"), isApproved: false, CancellationToken.None);

        Assert.Equal("access_denied", await PollAsync(party, refused));
        Assert.Equal("invalid_grant", await PollAsync(other, late));
        host.Time.Step(TimeSpan.FromMinutes(10));
        Assert.Equal("expired_token", await PollAsync(party, late));
        Assert.Null(await host.Get<DeviceDesk>()
            .FindAsync(caller, Text(late, "user_code"), CancellationToken.None));

        async Task<string> PollAsync(TestParty who, JsonElement begun) => Text((await host.PostAsync(
            "/oidc/token", who, ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", Text(begun, "device_code")))).Json, "error");
    }

    [Fact]
    public async Task Codes_of_programs_cannot_be_guessed_one_after_the_other()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var session = await host.SomebodyAsync();
        var caller = Caller.Of(session.Person, "Jeanne", "192.0.2.9", [new RoleGrant(Role.Referent, host.Member)]);
        var (_, begun) = await host.PostAsync("/oidc/device", party);

        var desk = host.Get<DeviceDesk>();
        for (var i = 0; i < AttemptLimit.FailuresMax / 2; i++)
        {
            Assert.Null(await desk.FindAsync(caller, "BBBB-BBBB", CancellationToken.None));
            Assert.False(await desk.AnswerAsync(
                caller, session.Id, "CCCC-CCCC", isApproved: true, CancellationToken.None));
        }

        var right = Text(begun, "user_code");
        Assert.Null(await desk.FindAsync(caller, right, CancellationToken.None));
        Assert.False(await desk.AnswerAsync(caller, session.Id, right, isApproved: true, CancellationToken.None));
    }

    [Fact]
    public async Task Programs_of_one_address_cannot_wait_without_number()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        for (var i = 0; i < DeviceDesk.WaitingMax; i++)
            Assert.Equal(200, (await host.PostAsync("/oidc/device", party)).Status);

        var (status, refused) = await host.PostAsync("/oidc/device", party);
        host.Time.Step(TimeSpan.FromMinutes(10));

        Assert.Equal((429, "slow_down"), (status, Text(refused, "error")));
        Assert.Equal(200, (await host.PostAsync("/oidc/device", party)).Status);
    }

    [Fact]
    public async Task A_service_signs_out_whom_it_names_and_everybody_else_is_asked()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var (session, other) = (await host.SomebodyAsync(), await host.SignInAsync("jeanne@arvigny.example"));
        var token = Text(await host.TokensAsync(party, session), "id_token");
        host.Time.Step(TimeSpan.FromHours(8)); // An old token names a session as well.

        var named = await SignOutAsync(token, OidcHost.AfterSignOut, session);
        var ofOther = await SignOutAsync(token, OidcHost.AfterSignOut, other);
        var forged = await SignOutAsync(token[..^4] + "AAAA", OidcHost.AfterSignOut, session);
        var elsewhere = await SignOutAsync(token, "https://evil.example/", session);
        var nobody = await SignOutAsync(token, OidcHost.AfterSignOut, session: null);

        Assert.Equal(new SignOutDecision(false, "Messagerie", OidcHost.AfterSignOut + "?state=s%201"), named);
        Assert.True(ofOther.MustAsk);
        Assert.Equal(new SignOutDecision(true, null, null), forged);
        Assert.Equal(new SignOutDecision(false, "Messagerie", null), elsewhere);
        Assert.Equal(named, nobody);

        Task<SignOutDecision> SignOutAsync(string hint, string back, OpenedSession? session) =>
            host.Get<SignOutDesk>().DecideAsync(
                new SignOutRequest(hint, null, back, "s 1"), session?.Id, host.Issuer, CancellationToken.None);
    }

    [Fact]
    public async Task Keys_follow_each_other_and_what_the_last_one_signed_stays_good_for_a_week()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var first = Text(await host.TokensAsync(party, await host.SomebodyAsync()), "id_token");
        var before = await KeysAsync();

        host.Time.Step(TimeSpan.FromDays(88));
        var announced = await KeysAsync();
        host.Time.Step(TimeSpan.FromDays(2));
        var session = await host.SignInAsync("jeanne@arvigny.example");
        var second = Text(await host.TokensAsync(party, session), "id_token");
        var during = await host.Get<SignOutDesk>().DecideAsync(
            new SignOutRequest(first, null, null, null), null, host.Issuer, CancellationToken.None);
        host.Time.Step(TimeSpan.FromDays(7));
        var after = await KeysAsync();

        Assert.Equal(2, before.Count); // RS256 and ES256.
        Assert.Equal(4, announced.Count);
        Assert.Contains(KeyOf(first), before);
        Assert.DoesNotContain(KeyOf(second), before);
        Assert.Contains(KeyOf(second), announced);
        Assert.Equal("Messagerie", during.PartyName);
        Assert.Equal(2, after.Count);
        Assert.DoesNotContain(KeyOf(first), after);

        async Task<List<string>> KeysAsync()
        {
            using var keys = JsonDocument.Parse(await host.Http.GetStringAsync("/oidc/jwks"));
            return [.. keys.RootElement.GetProperty("keys").EnumerateArray().Select(key => Text(key, "kid"))];
        }

        static string KeyOf(string token)
        {
            using var header = JsonDocument.Parse(
                System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]));
            return Text(header.RootElement, "kid");
        }
    }

    [Fact]
    public async Task What_stolen_keys_have_signed_is_worth_nothing_once_they_are_replaced()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync();
        var session = await host.SomebodyAsync();
        var before = Text(await host.TokensAsync(party, session), "id_token");

        await host.Get<SigningKeyDesk>().ReplaceAllAsync(OidcHost.Admin, CancellationToken.None);
        var after = Text(await host.TokensAsync(party, session), "id_token");

        Assert.Equal(TokenFault.UnknownKey, (await host.ReadAsync(before, party, "n-1")).Fault);
        Assert.Null((await host.ReadAsync(after, party, "n-1")).Fault);
        await Assert.ThrowsAsync<AccessDeniedException>(() => host.Get<SigningKeyDesk>().ReplaceAllAsync(
            Caller.Of(session.Person, "Jeanne", null, [new RoleGrant(Role.Referent, host.Member)]),
            CancellationToken.None));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}

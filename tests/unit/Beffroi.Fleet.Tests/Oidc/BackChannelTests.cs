using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Web;
using Beffroi.Identity.Oidc.BackChannel;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beffroi.Fleet.Tests.Oidc;

/// <summary>Services are told that a session has ended (OpenID Connect Back-Channel Logout 1.0).</summary>
public sealed class BackChannelTests(TestCluster cluster)
{
    private const string Address = "https://mail.example.org/oidc/logout?mode=back";

    [Fact]
    public async Task A_service_is_told_once_of_a_session_that_ended_by_a_token_for_it()
    {
        using var service = new LogoutEndPoint();
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync(form => form with { LogoutAddress = Address });
        var session = await host.SomebodyAsync();
        var tokens = await host.TokensAsync(party, session);
        Assert.Equal(0, await RunAsync(host, service)); // Nothing has ended.

        await host.Get<SessionBook>().EndAsync(session.Id, CancellationToken.None);
        Assert.Equal(1, await RunAsync(host, service));
        Assert.Equal(0, await RunAsync(host, service));

        var (address, token) = Assert.Single(service.Told);
        Assert.Equal(Address, address);
        var claims = (await host.ReadAsync(token, party, nonce: null)).Claims;
        var known = (await host.ReadAsync(tokens.GetProperty("id_token").GetString()!, party, "n-1")).Claims;
        foreach (var same in new[] { "iss", "sub", "aud", "sid" })
            Assert.Equal(known.GetProperty(same).GetString(), claims.GetProperty(same).GetString());
        Assert.Equal(
            ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"],
            claims.EnumerateObject().Select(each => each.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            "{}", claims.GetProperty("events").GetProperty("http://schemas.openid.net/event/backchannel-logout")
                .GetRawText());
        Assert.Equal(120, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]));
        Assert.Equal("logout+jwt", header.RootElement.GetProperty("typ").GetString());
    }

    [Fact]
    public async Task Only_services_that_know_the_session_and_ask_for_it_are_told()
    {
        using var service = new LogoutEndPoint();
        await using var host = await OidcHost.StartAsync(cluster);
        var asks = await host.RegisterAsync(form => form with { LogoutAddress = Address });
        var silent = await host.RegisterAsync();
        var mine = await host.SomebodyAsync();
        var other = await host.SignInAsync("jeanne@arvigny.example");
        await host.TokensAsync(asks, other);
        await host.TokensAsync(silent, mine);

        await host.Get<SessionBook>().EndAsync(mine.Id, CancellationToken.None);

        Assert.Equal(0, await RunAsync(host, service));
    }

    [Fact]
    public async Task A_shut_account_is_told_of_even_where_the_portals_session_had_run_out()
    {
        using var service = new LogoutEndPoint();
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync(form => form with { LogoutAddress = Address });
        var session = await host.SomebodyAsync();
        await host.TokensAsync(party, session);
        host.Time.Step(TimeSpan.FromDays(2));

        await using (var db = host.Open())
        {
            await db.People.ExecuteUpdateAsync(row => row.SetProperty(each => each.DisabledAt, host.Time.GetUtcNow()));
        }

        Assert.Equal(1, await RunAsync(host, service));
    }

    [Fact]
    public async Task A_service_that_is_away_is_told_later_and_not_for_ever()
    {
        using var service = new LogoutEndPoint { Status = HttpStatusCode.ServiceUnavailable };
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await host.RegisterAsync(form => form with { LogoutAddress = Address });
        var first = await host.SomebodyAsync();
        var second = await host.SignInAsync("jeanne@arvigny.example");
        foreach (var session in new[] { first, second })
        {
            await host.TokensAsync(party, session);
            await host.Get<SessionBook>().EndAsync(session.Id, CancellationToken.None);
        }

        await RunAsync(host, service);
        Assert.Single(service.Told); // The second does not wait for a service that has just failed.
        await RunAsync(host, service);
        await RunAsync(host, service);
        Assert.Equal(2, service.Told.Count);
        service.Status = HttpStatusCode.OK;
        host.Time.Step(TimeSpan.FromSeconds(15));
        Assert.Equal(2, await RunAsync(host, service));

        service.Status = HttpStatusCode.BadRequest;
        service.Told.Clear();
        var third = await host.SignInAsync("jeanne@arvigny.example");
        await host.TokensAsync(party, third);
        await host.Get<SessionBook>().EndAsync(third.Id, CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            await RunAsync(host, service);
            host.Time.Step(TimeSpan.FromMinutes(20));
        }
        Assert.Equal(ServiceSessions.AttemptsMax, service.Told.Count);
    }

    [Theory]
    [InlineData("http://mail.example.org/logout")]
    [InlineData("fr.exemple.agenda:/logout")]
    [InlineData("https://mail.example.org/logout#x")]
    public async Task An_open_address_is_not_registered(string address)
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var saved = await host.Get<RelyingPartyDesk>().AddAsync(
            OidcHost.Admin,
            new RelyingPartyForm(
                "X", null, PartyKind.Confidential, "https://mail.example.org/", [OidcHost.Back], [], [], true, "RS256",
                false, true, true, [])
            {
                LogoutAddress = address,
            },
            logo: null, CancellationToken.None);

        var fault = Assert.Single(Assert.IsType<SavedParty.Refused>(saved).Faults);
        Assert.Equal((PartyFaultKind.Logout, address), (fault.Kind, fault.Value));
    }

    private static async Task<int> RunAsync(OidcHost host, LogoutEndPoint service)
    {
        using var http = new HttpClient(service, disposeHandler: false);
        return await new LogoutCaller(
            host.Get<ServiceSessions>(), host.Get<SigningKeys>(), http, host.Time,
            NullLogger<LogoutCaller>.Instance).RunOnceAsync(CancellationToken.None);
    }

    /// <summary>A service's end point without a network.</summary>
    private sealed class LogoutEndPoint : HttpMessageHandler
    {
        internal HttpStatusCode Status { get; set; } = HttpStatusCode.OK;
        internal List<(string Address, string Token)> Told { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal(HttpMethod.Post, request.Method);
            Assert.Equal("application/x-www-form-urlencoded", request.Content!.Headers.ContentType?.MediaType);
            var form = HttpUtility.ParseQueryString(await request.Content.ReadAsStringAsync(cancellationToken));
            Told.Add((request.RequestUri!.AbsoluteUri, form["logout_token"]!));
            return new HttpResponseMessage(Status);
        }
    }
}

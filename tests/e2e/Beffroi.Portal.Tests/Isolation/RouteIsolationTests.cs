using System.Net;

namespace Beffroi.Portal.Tests.Isolation;

/// <summary>Every route of the server, tried by those who have no business there.</summary>
[Collection<TwoTownsTests>]
public sealed class RouteIsolationTests(TwoTowns towns)
{
    [Fact]
    public async Task Every_route_of_the_server_stands_in_the_table()
    {
        var routes = await ServerRoutes.ListAsync(towns);
        string[] known =
        [
            .. RouteTable.People.Select(rule => rule.Route),
            .. RouteTable.PlainPosts.Select(path => $"POST {path}"),
            .. RouteTable.AskedAgain.Select(path => $"POST {path}"), .. RouteTable.Services,
            .. RouteTable.Machines, .. RouteTable.AgentsDoor, .. RouteTable.Agents.Keys,
        ];

        string[] faults =
        [
            .. routes.Except(known).Select(route => $"{route}: say in RouteTable who may use it"),
            .. known.Except(routes).Select(route => $"{route}: gone, take it out of RouteTable"),
        ];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Nobody_gets_further_than_the_sign_in()
    {
        using var nobody = new Visitor(towns.Address);
        await DemandAsync(nobody, rule => rule.Nobody, towns.TownSecrets);
    }

    [Fact]
    public async Task Another_members_referent_sees_nothing_whatever_the_ids()
    {
        using var stranger = await Visitor.SignInAsync(towns, TwoTowns.StrangerEmail);
        await DemandAsync(stranger, rule => rule.Stranger, towns.TownSecrets);
    }

    [Fact]
    public async Task An_agent_sees_nothing_of_what_their_member_has()
    {
        using var agent = await Visitor.SignInAsync(towns, TwoTowns.AgentEmail);
        await DemandAsync(agent, rule => rule.LowRole, towns.Secrets);
    }

    [Fact]
    public async Task The_referent_does_see_it_so_that_the_other_tests_mean_something()
    {
        using var referent = await Visitor.SignInAsync(towns, Site.ReferentEmail);
        foreach (var path in RouteTable.People.Where(rule => rule.Route.Contains('{', StringComparison.Ordinal))
            .Where(rule => rule is { Stranger: Welcome.NotFound, LowRole: Welcome.Refused })
            .SelectMany(rule => rule.Paths).Where(path => path.Contains('{', StringComparison.Ordinal)))
        {
            var page = await referent.GetAsync(towns.Fill(path));
            Assert.True(page.Status == HttpStatusCode.OK, $"{path}: {page.Status}");
            Assert.True(
                IsAbout(page, [.. towns.Secrets, "Arvigny"]), $"{path} shows nothing of Arvigny to its référent.");
        }
    }

    [Fact]
    public async Task No_post_is_taken_without_the_forms_token()
    {
        using var referent = await Visitor.SignInAsync(towns, Site.ReferentEmail);
        var paths = RouteTable.People.Where(rule => rule.Route.Contains("POST", StringComparison.Ordinal))
            .Select(rule => towns.Fill(rule.Paths[0]))
            .Where(path => !RouteTable.AskedAgain.Contains(path.Split('?')[0])).Concat(RouteTable.PlainPosts);
        foreach (var path in paths)
        {
            var reply = await referent.PostWithoutTokenAsync(path, "vu", ("langue", "en"), ("theme", "dark"));
            Assert.True(
                reply.Status is HttpStatusCode.BadRequest
                    || reply is { Status: HttpStatusCode.Redirect, Location: { } to } && IsRefusal(to),
                $"{path}: {reply.Status}");
        }
    }

    [Fact]
    public async Task A_post_of_a_service_is_asked_again_by_a_link_and_does_nothing_by_itself()
    {
        using var referent = await Visitor.SignInAsync(towns, Site.ReferentEmail);
        foreach (var path in RouteTable.AskedAgain)
        {
            var reply = await referent.PostWithoutTokenAsync(path, handler: null, ("state", "a&b=c"));
            Assert.Equal(
                (HttpStatusCode.SeeOther, $"{path}?state=a%26b%3Dc"), (reply.Status, reply.Location));
        }
        Assert.Equal(HttpStatusCode.OK, (await referent.GetAsync("/compte")).Status); // Not signed out.
    }

    [Fact]
    public async Task What_services_ask_is_answered_to_no_persons_session()
    {
        using var referent = await Visitor.SignInAsync(towns, Site.ReferentEmail);
        foreach (var route in RouteTable.Services)
        {
            var reply = await referent.PostWithoutTokenAsync(
                route.Split(' ')[1], handler: null, ("client_id", towns.Service.ToString("N")), ("token", "x"));
            Assert.True(reply.Status == HttpStatusCode.Unauthorized, $"{route}: {reply.Status}");
        }
    }

    private async Task DemandAsync(
        Visitor visitor, Func<RouteRule, Welcome> expected, IReadOnlyList<string> secrets)
    {
        List<string> faults = [];
        foreach (var rule in RouteTable.People)
            foreach (var path in rule.Paths)
            {
                var asked = towns.Fill(path);
                var reply = await visitor.GetAsync(asked);
                var met = WelcomeOf(reply);
                if (met != expected(rule).ToString()) faults.Add($"{path}: {met} instead of {expected(rule)}");

                // What they brought themselves, a page may repeat.
                faults.AddRange(secrets
                    .Where(secret => !Uri.UnescapeDataString(asked).Contains(secret, StringComparison.OrdinalIgnoreCase)
                        && reply.Body.Contains(secret, StringComparison.OrdinalIgnoreCase))
                    .Select(secret => $"{path} shows '{secret}'"));
            }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static string WelcomeOf(Reply reply) => reply switch
    {
        { Status: HttpStatusCode.OK } => nameof(Welcome.Open),
        { Status: HttpStatusCode.NotFound } => nameof(Welcome.NotFound),
        { Status: HttpStatusCode.BadRequest } => nameof(Welcome.Malformed),
        { Status: HttpStatusCode.Redirect, Location: { } to } when IsRefusal(to) => nameof(Welcome.Refused),
        { Status: HttpStatusCode.Redirect, Location: { } to } when IsSignIn(to) => nameof(Welcome.SignIn),
        _ => $"{reply.Status} {reply.Location}",
    };

    private static bool IsRefusal(string location) => location.Contains("/refus?", StringComparison.Ordinal);

    private static bool IsSignIn(string location) =>
        location == "/connexion" || location.Contains("/connexion?", StringComparison.Ordinal);

    private static bool IsAbout(Reply page, IReadOnlyList<string> secrets) =>
        secrets.Any(secret => page.Body.Contains(secret, StringComparison.OrdinalIgnoreCase));
}

using System.Text;
using System.Text.Json.Nodes;
using Beffroi.Connectors.Scim;
using Beffroi.Fleet.Tests.Oidc;
using Beffroi.Identity.Access;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Provisioning;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Tests.Provisioning;

/// <summary>Accounts at a service: for who may sign in there, and told until they are taken.</summary>
public sealed class ProvisioningTests(TestCluster cluster)
{
    private const string Jeanne = "jeanne@arvigny.example";

    private static readonly ProvisioningForm Form = new(FakeScim.Address, BindName: null, "jeton");

    [Fact]
    public async Task Who_may_sign_in_at_a_service_has_an_account_there_and_it_follows_them()
    {
        var scim = new FakeScim();
        await using var host = await OidcHost.StartAsync(cluster);
        var other = await host.AddMemberAsync("Vauclair", "21123456700017");
        var party = await StartAsync(host, form => form with
        {
            IsForAllMembers = false,
            IsForStaff = false,
            Members = [host.Member],
        });
        var person = await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);
        await host.AddPersonAsync("luc@vauclair.example", Role.Agent, other);
        await host.AddPersonAsync("aide@prestataire.example", Role.Provider, host.Member);
        await host.AddPersonAsync("olive@syndicat.example", Role.Operations, member: null);

        Assert.Equal(1, await PassAsync(host, scim));
        Assert.Equal(0, await PassAsync(host, scim)); // Nothing new, nothing said.
        var made = Assert.Single(scim.Users).Value.DeepClone();
        await ChangeAsync(host, person, row => row.Name = "Jeanne Morel-Petit");
        await PassAsync(host, scim);
        var renamed = scim.Of(Jeanne).DeepClone();
        await ChangeAsync(host, person, row => row.DisabledAt = host.Time.GetUtcNow());
        await PassAsync(host, scim);
        var shut = scim.Of(Jeanne).DeepClone();
        await ChangeAsync(host, person, row => row.DisabledAt = null);
        await PassAsync(host, scim);

        Assert.Equal(
            ($"{person}", "Jeanne Morel", true, "referent", "Arvigny"),
            ((string?)made["externalId"], (string?)made["displayName"], (bool?)made["active"],
                (string?)made["roles"]![0]!["value"], (string?)made[ScimTransport.WorkSchema]!["organization"]));
        Assert.Equal("Jeanne Morel-Petit", (string?)renamed["displayName"]);
        Assert.False((bool?)shut["active"]);
        Assert.Empty(shut["roles"]!.AsArray());
        Assert.True((bool?)scim.Of(Jeanne)["active"]);
        Assert.Equal(["POST", "PUT", "PUT", "PUT"], scim.Asked);
        Assert.Equal((true, 0, null), await StateAsync(host, party));
    }

    [Fact]
    public async Task A_service_that_loses_a_member_has_its_peoples_accounts_shut_and_not_deleted()
    {
        var scim = new FakeScim();
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await StartAsync(host);
        await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);
        await PassAsync(host, scim);

        var desk = host.Get<RelyingPartyDesk>();
        var known = await desk.FindAsync(OidcHost.Admin, party, CancellationToken.None);
        await desk.ChangeAsync(
            OidcHost.Admin, party, known!.Form with { IsForAllMembers = false }, null, CancellationToken.None);
        await PassAsync(host, scim);

        Assert.False((bool?)scim.Of(Jeanne)["active"]);
    }

    [Fact]
    public async Task A_service_that_is_away_is_told_later_and_asked_once_in_each_pass()
    {
        var scim = new FakeScim { IsDown = true };
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await StartAsync(host);
        await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);

        await PassAsync(host, scim);
        await PassAsync(host, scim);
        var (isThere, attempts, error) = await StateAsync(host, party);
        scim.IsDown = false;
        host.Time.Step(TimeSpan.FromMinutes(1));

        Assert.Equal((false, 1), (isThere, attempts));
        Assert.Contains("does not answer", error, StringComparison.Ordinal);
        Assert.Equal(1, await PassAsync(host, scim));
        Assert.Equal((true, 0, null), await StateAsync(host, party));
    }

    [Fact]
    public async Task An_account_whose_answer_was_lost_is_found_again_and_not_made_twice()
    {
        var scim = new FakeScim { LosesAnswers = true };
        await using var host = await OidcHost.StartAsync(cluster);
        await StartAsync(host);
        await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);

        await PassAsync(host, scim);
        scim.LosesAnswers = false;
        host.Time.Step(TimeSpan.FromMinutes(1));

        Assert.Equal(1, await PassAsync(host, scim));
        Assert.Single(scim.Users);
    }

    [Fact]
    public async Task Somebody_elses_account_of_the_same_name_is_left_alone_and_reported()
    {
        var scim = new FakeScim();
        scim.Users["theirs"] = new JsonObject { ["id"] = "theirs", ["userName"] = Jeanne, ["displayName"] = "Other" };
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await StartAsync(host);
        var person = await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);
        await host.AddPersonAsync("luc@arvigny.example", Role.Agent, host.Member);

        Assert.Equal(1, await PassAsync(host, scim)); // The others are not held up.
        host.Time.Step(TimeSpan.FromDays(1));
        Assert.Equal(0, await PassAsync(host, scim));
        var states = await ListAsync(host, party);

        Assert.Equal("Other", (string?)scim.Users["theirs"]["displayName"]);
        Assert.Equal("drive.example.org answered 409: The userName is taken.",
            states.Single(state => state.Person == person).Error);
        scim.Users.Remove("theirs");
        await SetAsync(host, party); // What was refused is said again.
        Assert.Equal(1, await PassAsync(host, scim));
    }

    [Theory]
    [InlineData("""{"detail":"\u0000"}""")]
    [InlineData("""{"id":"\u0000"}""")]
    [InlineData("""{"id":"1","id":"2"}""")]
    [InlineData("[")]
    public async Task A_service_that_talks_nonsense_is_reported_and_asked_again(string nonsense)
    {
        var scim = new FakeScim { Nonsense = nonsense };
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await StartAsync(host);
        await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);

        Assert.Equal(0, await PassAsync(host, scim));

        var (isThere, attempts, error) = await StateAsync(host, party);
        Assert.Equal((false, 1), (isThere, attempts));
        Assert.StartsWith("drive.example.org answered 201", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_not_taken_waits_for_an_administrator()
    {
        var scim = new FakeScim { Token = "another" };
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await StartAsync(host);
        await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);
        await PassAsync(host, scim);

        var (_, _, error) = await StateAsync(host, party);
        scim.Token = "jeton";
        host.Time.Step(TimeSpan.FromMinutes(1));

        Assert.Contains("401", error, StringComparison.Ordinal);
        Assert.Equal(1, await PassAsync(host, scim));
    }

    [Fact]
    public async Task A_token_is_kept_sealed_and_sent_to_no_open_address()
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await StartAsync(host);
        var desk = host.Get<ProvisioningDesk>();

        Assert.Equal(ProvisioningFault.Address, await desk.SetAsync(
            OidcHost.Admin, party, Form with { Address = "http://drive.example.org/scim" }, CancellationToken.None));
        Assert.Equal(ProvisioningFault.UnknownService, await desk.SetAsync(
            OidcHost.Admin, Guid.Empty, Form, CancellationToken.None));
        await using var db = host.Open();
        var row = await db.AccountTargets.SingleAsync();
        Assert.DoesNotContain("jeton", Encoding.Latin1.GetString(row.SealedToken), StringComparison.Ordinal);
        var referent = Caller.Of(
            new PersonId(Guid.Empty), "x", null, [new RoleGrant(Role.Referent, host.Member)]);
        await Assert.ThrowsAsync<AccessDeniedException>(() => desk.SetAsync(
            referent, party, Form, CancellationToken.None));
        Assert.True(await desk.SwitchOffAsync(OidcHost.Admin, party, CancellationToken.None));
        await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);
        Assert.Equal(0, await PassAsync(host, new FakeScim()));
    }

    [Theory]
    [InlineData("ldaps://annuaire.example.org/dc=example,dc=org", "cn=portail", "x", null)]
    [InlineData("ldap://127.0.0.1:3890/ou=Mairie%20d%27Arvigny,dc=example", "cn=portail", "é", null)]
    [InlineData("ldaps://annuaire.example.org/", "cn=portail", "x", ProvisioningFault.Address)]
    [InlineData("ldaps:///dc=example", "cn=portail", "x", ProvisioningFault.Address)]
    [InlineData("ldaps://moi:motdepasse@example.org/dc=example", "cn=portail", "x", ProvisioningFault.Address)]
    [InlineData("ldaps://example.org/dc=example?uid?sub", "cn=portail", "x", ProvisioningFault.Address)]
    [InlineData("ldaps://example.org/dc=example%00", "cn=portail", "x", ProvisioningFault.Address)]
    [InlineData("ldapi:///dc=example", "cn=portail", "x", ProvisioningFault.Address)]
    [InlineData("ldaps://example.org/dc=example", null, "x", ProvisioningFault.BindName)]
    [InlineData("ldaps://example.org/dc=example", "", "x", ProvisioningFault.BindName)]
    [InlineData("ldaps://example.org/dc=example", "portail", "x", ProvisioningFault.BindName)]
    [InlineData("ldaps://example.org/dc=example", "cn=portail", "", ProvisioningFault.Secret)]
    [InlineData(FakeScim.Address, "cn=portail", "x", ProvisioningFault.BindName)]
    [InlineData(FakeScim.Address, null, "é", ProvisioningFault.Secret)]
    [InlineData(FakeScim.Address, null, "x\r\nHost: y", ProvisioningFault.Secret)]
    public async Task What_cannot_be_is_not_set(
        string address, string? bindName, string secret, ProvisioningFault? expected)
    {
        await using var host = await OidcHost.StartAsync(cluster);
        var party = (await host.RegisterAsync()).Id;

        Assert.Equal(expected, await host.Get<ProvisioningDesk>().SetAsync(
            OidcHost.Admin, party, new ProvisioningForm(address, bindName, secret), CancellationToken.None));
    }

    [Fact]
    public async Task At_another_address_everybody_is_told_of_again()
    {
        var scim = new FakeScim();
        await using var host = await OidcHost.StartAsync(cluster);
        var party = await StartAsync(host);
        await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);
        await PassAsync(host, scim);
        scim.Users.Clear(); // Another service, which knows nobody.

        await SetAsync(host, party);
        Assert.Equal(0, await PassAsync(host, scim));
        Assert.Null(await host.Get<ProvisioningDesk>().SetAsync(
            OidcHost.Admin, party, Form with { Address = $"{FakeScim.Address}/" }, CancellationToken.None));

        Assert.Equal(1, await PassAsync(host, scim));
        Assert.Equal("Jeanne Morel", (string?)scim.Of(Jeanne)["displayName"]);
    }

    [Fact]
    public async Task The_overview_counts_and_a_retry_says_again_what_was_refused()
    {
        var scim = new FakeScim();
        scim.Users["theirs"] = new JsonObject { ["id"] = "theirs", ["userName"] = Jeanne };
        await using var host = await OidcHost.StartAsync(cluster);
        var party = (await host.RegisterAsync()).Id;
        var desk = host.Get<ProvisioningDesk>();
        Assert.Null(await desk.FindAsync(OidcHost.Admin, party, CancellationToken.None));
        Assert.False(await desk.RetryAsync(OidcHost.Admin, party, CancellationToken.None));
        await SetAsync(host, party);
        await host.AddPersonAsync(Jeanne, Role.Referent, host.Member);
        await host.AddPersonAsync("luc@arvigny.example", Role.Agent, host.Member);
        await PassAsync(host, scim);

        var before = await desk.FindAsync(OidcHost.Admin, party, CancellationToken.None);
        scim.Users.Remove("theirs");
        Assert.True(await desk.RetryAsync(OidcHost.Admin, party, CancellationToken.None));
        await PassAsync(host, scim);
        await desk.SwitchOffAsync(OidcHost.Admin, party, CancellationToken.None);
        var after = await desk.FindAsync(OidcHost.Admin, party, CancellationToken.None);

        var now = host.Time.GetUtcNow();
        Assert.Equal(new ProvisioningOverview(FakeScim.Address, null, true, now, 1, 0, 1), before);
        Assert.Equal(new ProvisioningOverview(FakeScim.Address, null, false, now, 2, 0, 0), after);
        Assert.False(await desk.RetryAsync(OidcHost.Admin, party, CancellationToken.None));
    }

    private static async Task<Guid> StartAsync(
        OidcHost host, Func<RelyingPartyForm, RelyingPartyForm>? change = null)
    {
        var party = (await host.RegisterAsync(change)).Id;
        await SetAsync(host, party);
        return party;
    }

    private static async Task SetAsync(OidcHost host, Guid party) => Assert.Null(
        await host.Get<ProvisioningDesk>().SetAsync(OidcHost.Admin, party, Form, CancellationToken.None));

    private static async Task<int> PassAsync(OidcHost host, FakeScim scim)
    {
        using var http = new HttpClient(scim, disposeHandler: false);
        return await host.Get<AccountKeeper>().RunOnceAsync(new ScimTransport(http), CancellationToken.None);
    }

    private static Task<IReadOnlyList<ProvisioningState>> ListAsync(OidcHost host, Guid party) =>
        host.Get<ProvisioningDesk>().ListAsync(OidcHost.Admin, party, CancellationToken.None);

    private static async Task<(bool IsThere, int Attempts, string? Error)> StateAsync(OidcHost host, Guid party)
    {
        var state = Assert.Single(await ListAsync(host, party));
        return (state.IsAcknowledged, state.Attempts, state.Error);
    }

    private static async Task ChangeAsync(
        OidcHost host, PersonId person, Action<Identity.People.Person> change)
    {
        await using var db = host.Open();
        change(await db.People.SingleAsync(row => row.Id == person.Value));
        await db.SaveChangesAsync();
    }
}

using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Account;
using Beffroi.Identity.Journal;
using Beffroi.Identity.People;
using Beffroi.Identity.SignIn;

namespace Beffroi.Fleet.Tests.People;

/// <summary>Delegated administration: what a référent may do, and whom they never reach.</summary>
public sealed class PeopleTests(TestCluster cluster)
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task A_referent_invites_an_agent_who_chooses_a_password_and_signs_in()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);

        var outcome = await InviteAsync(town, referent, "luc@a.example", Role.Agent, town.A);

        Assert.True(outcome is { Fault: null, IsNew: true });
        Assert.Equal(AccountState.Invited, (await FindAsync(town, referent, outcome.Person))!.State);
        Assert.IsType<SignInOutcome.Refused>(await town.SignInAsync("luc@a.example", ""));
        var token = await town.LastTokenAsync("luc@a.example");
        Assert.Equal(AccountFault.TooShort, await UseAsync(town, token, "court"));
        Assert.Null(await UseAsync(town, token, "la mairie ouvre à neuf heures"));
        Assert.IsType<SignInOutcome.Admitted>(
            await town.SignInAsync("luc@a.example", "la mairie ouvre à neuf heures"));
        Assert.Equal(AccountState.Active, (await FindAsync(town, referent, outcome.Person))!.State);
        Assert.Equal(AccountFault.LinkSpent, await UseAsync(town, token, "une autre phrase encore"));
        Assert.Equal(
            [Acts.PersonAdded, Acts.RoleGiven, Acts.PersonInvited, Acts.InvitationAccepted, Acts.SignedIn],
            (await town.ActsAsync()).Where(act => act != "vault-created"));
    }

    [Fact]
    public async Task An_invitation_ends_after_seven_days_and_a_new_one_ends_the_old()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var invited = await InviteAsync(town, referent, "luc@a.example", Role.Agent, town.A);
        var first = await town.LastTokenAsync("luc@a.example");

        town.Time.Step(TimeSpan.FromDays(7));
        Assert.Equal(AccountFault.LinkExpired, await UseAsync(town, first, "la mairie ouvre à neuf heures"));
        Assert.Equal(AccountState.InvitationExpired, (await FindAsync(town, referent, invited.Person))!.State);

        Assert.Null(await town.AskAsync<RoleDesk, PeopleFault?>(
            desk => desk.InviteAgainAsync(referent, invited.Person, Never)));
        var second = await town.LastTokenAsync("luc@a.example");
        Assert.NotEqual(first, second);
        Assert.Null(await town.AskAsync<RoleDesk, PeopleFault?>(
            desk => desk.InviteAgainAsync(referent, invited.Person, Never)));
        Assert.Equal(AccountFault.LinkSpent, await UseAsync(town, second, "la mairie ouvre à neuf heures"));
        var third = await town.LastTokenAsync("luc@a.example");
        Assert.Null(await UseAsync(town, third, "la mairie ouvre à neuf heures"));
        Assert.Equal(
            PeopleFault.NotInvited,
            await town.AskAsync<RoleDesk, PeopleFault?>(
                desk => desk.InviteAgainAsync(referent, invited.Person, Never)));
    }

    [Fact]
    public async Task Another_members_person_is_not_found_by_any_act()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var theirs = await town.AddAsync("paul@b.example", Role.Agent, town.B);
        var staff = await town.AddAsync("olive@s.example", Role.Support, member: null);
        var before = await town.ActsAsync();
        foreach (var id in new[] { theirs, staff, PersonId.New() })
        {
            Assert.Null(await FindAsync(town, referent, id));
            foreach (var act in EveryAct(town, referent, id)) Assert.Equal(PeopleFault.NotFound, await act());
        }
        Assert.Equal(before, await town.ActsAsync());
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync("paul@b.example"));
    }

    [Fact]
    public async Task Another_members_people_are_in_no_list_and_get_no_role()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        await town.AddAsync("paul@b.example", Role.Agent, town.B);
        foreach (var filter in new[]
        {
            new PeopleFilter(), new PeopleFilter(Text: "paul"), new PeopleFilter(Member: town.B),
            new PeopleFilter(StaffOnly: true),
        })
        {
            var page = await town.AskAsync<PeopleDirectory, PeoplePage>(
                desk => desk.ListAsync(referent, filter, Never));
            Assert.DoesNotContain(page.People, person => person.Email == "paul@b.example");
        }
        var invited = await InviteAsync(town, referent, "luc@b.example", Role.Agent, town.B);
        Assert.Equal(PeopleFault.NotFound, invited.Fault);
        Assert.Empty(await town.MailsAsync("luc@b.example"));
    }

    [Fact]
    public async Task Somebody_without_the_right_is_refused_every_act()
    {
        await using var town = await Town.BuildAsync(cluster);
        var agent = await town.AddCallerAsync("luc@a.example", Role.Agent, town.A);
        var accountant = await town.AddCallerAsync("cleo@s.example", Role.Accounting, member: null);
        var target = await town.AddAsync("jeanne@a.example", Role.Referent, town.A);
        foreach (var caller in new[] { agent, accountant })
        {
            foreach (var act in EveryAct(town, caller, target))
                await Assert.ThrowsAsync<AccessDeniedException>(act);
            await Assert.ThrowsAsync<AccessDeniedException>(() => town.AskAsync<PeopleDirectory, PeoplePage>(
                desk => desk.ListAsync(caller, new PeopleFilter(), Never)));
        }
    }

    [Fact]
    public async Task The_last_referent_of_a_member_stays()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var staff = await town.AddCallerAsync("olive@s.example", Role.Direction, member: null);
        var own = referent.Person!.Value;
        var role = (await FindAsync(town, staff, own))!.Roles[0].Id;

        // Somebody invited who never came in is no second référent.
        await InviteAsync(town, staff, "luc@a.example", Role.Referent, town.A);
        foreach (var caller in new[] { referent, staff })
            Assert.Equal(PeopleFault.LastReferent, await EndAsync(town, caller, own, role));
        Assert.Equal(PeopleFault.LastReferent, await DisableAsync(town, staff, own));

        var second = await town.AddAsync("anne@a.example", Role.Referent, town.A);
        Assert.Null(await DisableAsync(town, staff, second));
        Assert.Equal(PeopleFault.LastReferent, await EndAsync(town, staff, own, role));
        Assert.Null(await town.AskAsync<AccountControlDesk, PeopleFault?>(
            desk => desk.EnableAsync(staff, second, Never)));
        Assert.Null(await EndAsync(town, staff, own, role));
        Assert.Empty((await town.CallerAsync(own)).Grants);
    }

    [Fact]
    public async Task Two_referents_who_remove_each_other_at_once_leave_one()
    {
        await using var town = await Town.BuildAsync(cluster);
        var one = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var two = await town.AddCallerAsync("anne@a.example", Role.Referent, town.A);

        var faults = await Task.WhenAll(
            DisableAsync(town, one, two.Person!.Value), DisableAsync(town, two, one.Person!.Value));

        Assert.Single(faults, fault => fault is null);
        Assert.Single(faults, PeopleFault.LastReferent);
    }

    [Fact]
    public async Task Nobody_gives_more_than_they_may_do_nor_anything_to_themselves()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var administrator = await town.AddCallerAsync("luc@a.example", Role.FunctionalAdministrator, town.A);
        var support = await town.AddCallerAsync("olive@s.example", Role.Support, member: null);

        Assert.Equal(
            PeopleFault.RoleTooHigh,
            (await InviteAsync(town, administrator, "x@a.example", Role.Referent, town.A)).Fault);
        Assert.Equal(
            PeopleFault.RoleTooHigh, (await InviteAsync(town, referent, "x@a.example", Role.Support, null)).Fault);
        Assert.Equal(
            PeopleFault.RoleTooHigh, (await InviteAsync(town, support, "x@s.example", Role.Direction, null)).Fault);
        Assert.Equal(PeopleFault.RoleTooHigh, await DisableAsync(town, administrator, referent.Person!.Value));
        Assert.Equal(
            PeopleFault.Oneself, (await InviteAsync(town, support, "olive@s.example", Role.Agent, town.A)).Fault);
        Assert.Equal(
            PeopleFault.StaffAndMember,
            (await InviteAsync(town, referent, "olive@s.example", Role.Agent, town.A)).Fault);
        Assert.Equal(PeopleFault.Oneself, await DisableAsync(town, referent, referent.Person!.Value));
    }

    [Fact]
    public async Task A_provider_serves_the_members_that_gave_the_role_and_no_member_shuts_it_out_of_others()
    {
        await using var town = await Town.BuildAsync(cluster);
        var ofA = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var ofB = await town.AddCallerAsync("paul@b.example", Role.Referent, town.B);
        var provider = await town.AddAsync("info@service.example", Role.Provider, town.A);

        Assert.Null((await InviteAsync(town, ofB, "info@service.example", Role.Provider, town.B)).Fault);

        var seen = await town.CallerAsync(provider);
        Assert.True(seen.Can(Permission.ManageDevices, town.B));
        Assert.Single((await FindAsync(town, ofB, provider))!.Roles); // A's role is A's business.
        Assert.Equal(PeopleFault.SharedAccount, await DisableAsync(town, ofB, provider));
        var role = (await FindAsync(town, ofB, provider))!.Roles[0].Id;
        var elsewhere = (await FindAsync(town, ofA, provider))!.Roles[0].Id;
        Assert.Equal(PeopleFault.NotFound, await EndAsync(town, ofB, provider, elsewhere));
        Assert.Null(await EndAsync(town, ofB, provider, role));
        seen = await town.CallerAsync(provider);
        Assert.False(seen.Can(Permission.ManageDevices, town.B));
        Assert.True(seen.Can(Permission.ManageDevices, town.A));
    }

    [Fact]
    public async Task A_role_with_dates_holds_between_them()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var luc = await town.AddAsync("luc@a.example", Role.Agent, town.A);
        var now = town.Time.GetUtcNow();
        var wanted = new RoleWanted(Role.Provider, town.A, now.AddDays(2), now.AddDays(4));

        Assert.Equal(
            PeopleFault.BadDates,
            await GiveAsync(town, referent, luc, wanted with { Until = now.AddDays(1) }));
        Assert.Null(await GiveAsync(town, referent, luc, wanted));
        Assert.Equal(PeopleFault.AlreadyHeld, await GiveAsync(town, referent, luc, wanted));

        Assert.False((await town.CallerAsync(luc)).Can(Permission.ManageDevices, town.A));
        town.Time.Step(TimeSpan.FromDays(3));
        Assert.True((await town.CallerAsync(luc)).Can(Permission.ManageDevices, town.A));
        town.Time.Step(TimeSpan.FromDays(1));
        Assert.False((await town.CallerAsync(luc)).Can(Permission.ManageDevices, town.A));
    }

    [Fact]
    public async Task A_live_session_ends_when_the_account_is_disabled()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var luc = await town.AddAsync("luc@a.example", Role.Agent, town.A);
        var session = Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync("luc@a.example")).Session.Id;
        var sessions = town.Get<SessionBook>();
        Assert.NotNull(await sessions.FindCallerAsync(session, "192.0.2.9", Never));

        Assert.Null(await DisableAsync(town, referent, luc));

        Assert.Null(await sessions.FindCallerAsync(session, "192.0.2.9", Never));
        Assert.IsType<SignInOutcome.Refused>(await town.SignInAsync("luc@a.example"));
        Assert.Null(await town.AskAsync<AccountControlDesk, PeopleFault?>(
            desk => desk.EnableAsync(referent, luc, Never)));
        Assert.Null(await sessions.FindCallerAsync(session, "192.0.2.9", Never));
    }

    [Fact]
    public async Task A_compromised_account_is_locked_until_its_owner_chooses_a_new_password()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        await town.AddAsync("anne@a.example", Role.Referent, town.A);
        var luc = await town.AddAsync("luc@a.example", Role.Agent, town.A);
        var session = Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync("luc@a.example")).Session.Id;

        Assert.Null(await town.AskAsync<AccountControlDesk, PeopleFault?>(
            desk => desk.ReportCompromisedAsync(referent, luc, Never)));

        Assert.Null(await town.Get<SessionBook>().FindCallerAsync(session, null, Never));
        Assert.IsType<SignInOutcome.Refused>(await town.SignInAsync("luc@a.example"));
        Assert.Equal(AccountState.Locked, (await FindAsync(town, referent, luc))!.State);
        Assert.Contains(await town.MailsAsync("anne@a.example"), mail => mail.Kind == "CompromiseReported");
        Assert.Contains(Acts.AccountCompromised, await town.ActsAsync());
        var (kind, token) = (await town.MailsAsync("luc@a.example"))[^1];
        Assert.Equal("AccountLocked", kind);
        Assert.Null(await town.AskAsync<PasswordLinkDesk, AccountFault?>(desk => desk.UseAsync(
            token, LinkPurpose.PasswordReset, "une phrase toute neuve", new Visitor(null, null), Never)));
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync("luc@a.example", "une phrase toute neuve"));
    }

    [Fact]
    public async Task The_operator_gives_no_role_over_files_behind_the_referents_back()
    {
        await using var town = await Town.BuildAsync(cluster);
        await town.AddAsync("jeanne@a.example", Role.Referent, town.A);
        var support = await town.AddCallerAsync("olive@s.example", Role.Support, member: null);

        await InviteAsync(town, support, "luc@a.example", Role.Referent, town.A);

        Assert.Contains(await town.MailsAsync("jeanne@a.example"), mail => mail.Kind == "RoleGivenByOperator");
    }

    private static IEnumerable<Func<Task<PeopleFault?>>> EveryAct(Town town, Caller caller, PersonId id) =>
    [
        () => town.AskAsync<RoleDesk, PeopleFault?>(desk => desk.InviteAgainAsync(caller, id, Never)),
        () => GiveAsync(town, caller, id, new RoleWanted(Role.Agent, town.A)),
        () => EndAsync(town, caller, id, Guid.Empty),
        () => DisableAsync(town, caller, id),
        () => town.AskAsync<AccountControlDesk, PeopleFault?>(desk => desk.EnableAsync(caller, id, Never)),
        () => town.AskAsync<AccountControlDesk, PeopleFault?>(desk => desk.EndSessionsAsync(caller, id, Never)),
        () => town.AskAsync<AccountControlDesk, PeopleFault?>(
            desk => desk.RemoveSecondFactorAsync(caller, id, Never)),
        () => town.AskAsync<AccountControlDesk, PeopleFault?>(
            desk => desk.ReportCompromisedAsync(caller, id, Never)),
    ];

    private static Task<InviteOutcome> InviteAsync(
        Town town, Caller caller, string email, Role role, MemberId? member) =>
        town.AskAsync<RoleDesk, InviteOutcome>(desk => desk.InviteAsync(
            caller, email, email.Split('@')[0], new RoleWanted(role, member), Never));

    private static Task<PersonSummary?> FindAsync(Town town, Caller caller, PersonId id) =>
        town.AskAsync<PeopleDirectory, PersonSummary?>(desk => desk.FindAsync(caller, id, Never));

    private static Task<PeopleFault?> GiveAsync(Town town, Caller caller, PersonId id, RoleWanted wanted) =>
        town.AskAsync<RoleDesk, PeopleFault?>(desk => desk.GiveAsync(caller, id, wanted, Never));

    private static Task<PeopleFault?> EndAsync(Town town, Caller caller, PersonId id, Guid role) =>
        town.AskAsync<RoleDesk, PeopleFault?>(desk => desk.EndAsync(caller, id, role, Never));

    private static Task<PeopleFault?> DisableAsync(Town town, Caller caller, PersonId id) =>
        town.AskAsync<AccountControlDesk, PeopleFault?>(desk => desk.DisableAsync(caller, id, Never));

    private static Task<AccountFault?> UseAsync(Town town, string token, string password) =>
        town.AskAsync<PasswordLinkDesk, AccountFault?>(desk => desk.UseAsync(
            token, LinkPurpose.Invitation, password, new Visitor("192.0.2.9", "Firefox"), Never));
}

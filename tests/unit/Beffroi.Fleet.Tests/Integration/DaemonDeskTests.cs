using System.Net;
using Beffroi.Fleet.Consents;
using Beffroi.Fleet.Orders;
using Beffroi.Fleet.Plans;
using Beffroi.Fleet.Presence;
using Beffroi.Fleet.Runs;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Protocol;
using Beffroi.Testing;
using Beffroi.Vault;
using static Beffroi.Fleet.Tests.Integration.IntakeTests;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>What people decide reaches the daemons, and what daemons report reaches people.</summary>
public sealed class DaemonDeskTests(TestCluster cluster)
{
    private static readonly Caller Admin = Caller.System("admin:test");
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_plan_reaches_the_device_at_its_next_check_in_be_it_a_month_later()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, _, agent) = await EnrolAsync(host);
        using var _a = agent;
        var desk = host.Get<PlanDesk>();
        var before = await agent.CheckInAsync();
        var proposed = await desk.ProposeAsync(Admin, agent.Device, None);
        var saved = await desk.ReviseAsync(Admin, agent.Device, proposed!, basedOn: 0, None);
        var second = proposed! with { Schedule = PlanSchedule.Every(30) };
        await desk.ReviseAsync(Admin, agent.Device, second, basedOn: 1, None);
        host.Time.Step(TimeSpan.FromDays(31));

        await agent.OpenSessionAsync("plan");
        var after = await agent.CheckInAsync();
        var known = await agent.CheckInAsync(request => request with { PlanRevision = 2 });
        var plan = await desk.FindAsync(Admin, agent.Device, None);

        Assert.Equal((0, null), (before.PlanRevision, before.Plan));
        Assert.IsType<PlanOutcome.Saved>(saved);
        Assert.Equal((2, 2), (after.PlanRevision, after.Plan!.Revision));
        Assert.Equal(("continuous", 30), (after.Plan.Schedule.Mode, after.Plan.Schedule.EveryMinutes));
        Assert.Null(known.Plan);
        Assert.Equal((2, host.Time.GetUtcNow()), (plan!.KnownRevision, plan.KnownAt));
        Assert.Equal([2, 1], (await desk.HistoryAsync(Admin, agent.Device, None)).Select(each => each.Revision));
    }

    [Fact]
    public async Task Of_two_people_who_change_a_plan_at_once_the_second_is_told_and_nothing_is_overwritten()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, _, agent) = await EnrolAsync(host);
        using var _a = agent;
        var desk = host.Get<PlanDesk>();
        var plan = (await desk.ProposeAsync(Admin, agent.Device, None))!;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(_ => desk.ReviseAsync(Admin, agent.Device, plan, basedOn: 0, None)));
        var broken = plan with { Scope = plan.Scope with { Include = ["home", "/a/../b"] }, TimeZone = "Mars" };
        var invalid = await desk.ReviseAsync(Admin, agent.Device, broken, basedOn: 1, None);

        Assert.Single(outcomes.OfType<PlanOutcome.Saved>());
        Assert.Equal(3, outcomes.OfType<PlanOutcome.Outdated>().Count());
        Assert.Equal(
            [PlanFaultKind.PathInvalid, PlanFaultKind.PathInvalid, PlanFaultKind.TimeZoneUnknown],
            Assert.IsType<PlanOutcome.Invalid>(invalid).Faults.Select(fault => fault.Kind));
        Assert.Single(await desk.HistoryAsync(Admin, agent.Device, None));
    }

    [Fact]
    public async Task The_scope_is_signed_by_somebody_of_the_member_and_a_new_scope_needs_it_anew()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, _, agent) = await EnrolAsync(host);
        using var _a = agent;
        var (desk, referent) = (host.Get<PlanDesk>(), Person(Role.Referent, member));
        var support = Person(Role.Support, member: null);
        var plan = (await desk.ProposeAsync(support, agent.Device, None))!;
        await desk.ReviseAsync(support, agent.Device, plan, basedOn: 0, None);

        var byOperator = await desk.SignOffAsync(support, agent.Device, 1, None);
        var byMember = await desk.SignOffAsync(referent, agent.Device, 1, None);
        var again = await desk.SignOffAsync(referent, agent.Device, 1, None);
        var paced = plan with { Pace = plan.Pace with { JitterMinutes = 1 } };
        var same = await desk.ReviseAsync(support, agent.Device, paced, basedOn: 1, None);
        var wider = plan with { Scope = plan.Scope with { Include = ["/home", "/srv"] } };
        var changed = await desk.ReviseAsync(support, agent.Device, wider, basedOn: 2, None);

        Assert.Equal(SignOffOutcome.NotOfTheMember, byOperator);
        Assert.Equal((SignOffOutcome.SignedNow, SignOffOutcome.SignedBefore), (byMember, again));
        Assert.Equal("Référent", Assert.IsType<PlanOutcome.Saved>(same).Revision.Signature!.Name);
        Assert.Null(Assert.IsType<PlanOutcome.Saved>(changed).Revision.Signature);
        Assert.Equal(4, await host.ScalarAsync<long>(
            "select count(*) from identity.journal where act in ('plan-revised', 'plan-signed')"));
    }

    [Fact]
    public async Task A_run_is_kept_once_with_the_servers_time_and_only_with_a_snapshot_of_its_own()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, _, agent) = await EnrolAsync(host);
        using var _a = agent;
        await agent.OpenSessionAsync();
        var snapshot = await agent.BackUpAsync([1, 2, 3]);
        await agent.OpenSessionAsync("plan");
        var (failed, good) = (Guid.NewGuid(), Guid.NewGuid());

        using var first = await agent.ReportRunAsync(failed);
        using var second = await agent.ReportRunAsync(failed, report => report with { Message = "another" });
        using var foreign = await agent.ReportRunAsync(Guid.NewGuid(), report => report with
        {
            Outcome = "completed",
            Snapshot = new string('0', 64),
        });
        using var own = await agent.ReportRunAsync(good, report => report with
        {
            Outcome = "completed",
            Class = "yearly",
            Clock = report.Clock,
            Started = report.Clock.AddMinutes(-5),
            Snapshot = snapshot.Commit.Id.ToString(),
        });
        using var nonsense = await agent.ReportRunAsync(Guid.NewGuid(), report => report with { Trigger = "whim" });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
        await AssertRefusedAsync(foreign, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
        await AssertRefusedAsync(nonsense, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
        var log = host.Get<RunLog>();
        var runs = await log.OfDeviceAsync(Admin, agent.Device, host.Time.GetUtcNow().AddDays(-30), None);
        Assert.Equal([good, failed], runs.Select(run => run.Id));
        Assert.Equal(host.Time.GetUtcNow().AddMinutes(-10), runs[1].Started); // Its clock says 2001.
        Assert.Equal((RunClass.Yearly, true), (runs[0].Class, runs[0].IsGood));
        var detail = await log.FindAsync(Admin, failed, None);
        Assert.Equal("The quota is used up.", detail!.Message);
        Assert.Equal(["/srv/mairie/x.pst"], detail.Unreadable);
        var latest = await log.LatestAsync(Admin, member: null, None);
        Assert.Equal([good], latest.Select(run => run.Id));
        var day = Assert.Single(await log.DaysAsync(
            Admin, member: null, host.Time.GetUtcNow().AddDays(-30), "Europe/Paris", None));
        Assert.Equal((RunOutcome.Completed, 2), (day.Best, day.Runs));
    }

    [Fact]
    public async Task An_order_goes_from_asked_to_done_and_never_back()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, _, agent) = await EnrolAsync(host);
        using var _a = agent;
        var (desk, referent) = (host.Get<OrderDesk>(), Person(Role.Referent, member));
        var asked = Assert.IsType<OrderOutcome.Asked>(await desk.AskBackupAsync(referent, agent.Device, None)).Order;
        var twice = await desk.AskBackupAsync(referent, agent.Device, None);

        var heard = Assert.Single((await agent.CheckInAsync()).Orders);
        List<(string State, bool GoOn, OrderState Now)> steps = [];
        foreach (var state in new[] { "taken", "running", "taken", "running", "done", "running" })
        {
            using var answer = await agent.ReportProgressAsync(heard.Id, state, bytes: steps.Count);
            var goesOn = (await TestAgent.ReadAsync(answer, ProtocolJson.Default.OrderProgressAnswer)).GoOn;
            steps.Add((state, goesOn, (await desk.FindAsync(referent, heard.Id, None))!.State));
        }

        Assert.Equal(asked.Id, heard.Id);
        Assert.IsType<OrderOutcome.AskedBefore>(twice);
        Assert.Equal(
            [
                ("taken", true, OrderState.Taken), ("running", true, OrderState.Running),
                ("taken", false, OrderState.Running), ("running", true, OrderState.Running),
                ("done", true, OrderState.Done), ("running", false, OrderState.Done),
            ],
            steps);
        Assert.Empty((await agent.CheckInAsync()).Orders);
        using var unknown = await agent.ReportProgressAsync(Guid.NewGuid(), "running");
        await AssertRefusedAsync(unknown, HttpStatusCode.NotFound, ErrorCode.NotFound);
    }

    [Fact]
    public async Task An_order_that_nobody_takes_up_expires_and_one_that_is_called_back_stops()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, _, agent) = await EnrolAsync(host);
        using var _a = agent;
        var (desk, referent) = (host.Get<OrderDesk>(), Person(Role.Referent, member));
        var late = Assert.IsType<OrderOutcome.Asked>(await desk.AskBackupAsync(referent, agent.Device, None)).Order;
        host.Time.Step(late.ExpiresAt - late.AskedAt);
        await agent.OpenSessionAsync("plan");
        var atExpiry = await agent.CheckInAsync();
        using var tooLate = await agent.ReportProgressAsync(late.Id, "taken");

        var running = Assert.IsType<OrderOutcome.Asked>(
            await desk.AskBackupAsync(referent, agent.Device, None)).Order;
        using var begun = await agent.ReportProgressAsync(running.Id, "running");
        var back = await desk.CallBackAsync(referent, running.Id, None);
        using var goingOn = await agent.ReportProgressAsync(running.Id, "running");

        Assert.Empty(atExpiry.Orders);
        Assert.Equal(OrderState.Expired, (await desk.FindAsync(referent, late.Id, None))!.State);
        Assert.False((await TestAgent.ReadAsync(tooLate, ProtocolJson.Default.OrderProgressAnswer)).GoOn);
        Assert.True((await TestAgent.ReadAsync(begun, ProtocolJson.Default.OrderProgressAnswer)).GoOn);
        Assert.Equal(OrderState.CalledBack, back!.State);
        Assert.False((await TestAgent.ReadAsync(goingOn, ProtocolJson.Default.OrderProgressAnswer)).GoOn);
    }

    [Fact]
    public async Task A_restore_is_for_a_snapshot_of_the_device_and_for_paths_that_can_exist()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, vault, agent) = await EnrolAsync(host);
        using var _a = agent;
        await agent.OpenSessionAsync();
        var snapshot = await agent.BackUpAsync([1]);
        using var other = await host.EnrolAsync(vault);
        var (_, foreignVault, _) = await host.AddMemberAsync();
        using var foreign = await host.EnrolAsync(foreignVault);
        var theirs = await foreign.BackUpAsync([2]);
        var (desk, referent) = (host.Get<OrderDesk>(), Person(Role.Referent, member));
        var sound = new RestoreRequest(
            snapshot.Commit.Id, ["/srv/a.txt"], RestoreTarget.Folder, "/srv/restored", RestoreConflict.KeepBoth);

        var unknown = await desk.AskRestoreAsync(
            referent, agent.Device, sound with { Snapshot = theirs.Commit.Id }, None);
        var misplaced = await desk.AskRestoreAsync(
            referent, other.Device, sound with { Target = RestoreTarget.Original, Folder = null }, None);
        var climbing = await desk.AskRestoreAsync(referent, agent.Device, sound with { Paths = ["/a/../b"] }, None);
        var relative = await desk.AskRestoreAsync(referent, agent.Device, sound with { Folder = "here" }, None);
        var asked = await desk.AskRestoreAsync(referent, agent.Device, sound, None);
        await agent.OpenSessionAsync("plan");
        var heard = Assert.Single((await agent.CheckInAsync()).Orders);

        Assert.Equal(OrderFault.SnapshotUnknown, Assert.IsType<OrderOutcome.Invalid>(unknown).Fault);
        Assert.Equal(OrderFault.PlaceForeign, Assert.IsType<OrderOutcome.Invalid>(misplaced).Fault);
        Assert.Equal(OrderFault.PathInvalid, Assert.IsType<OrderOutcome.Invalid>(climbing).Fault);
        Assert.Equal(OrderFault.FolderInvalid, Assert.IsType<OrderOutcome.Invalid>(relative).Fault);
        Assert.Equal(heard.Id, Assert.IsType<OrderOutcome.Asked>(asked).Order.Id);
        Assert.Equal(
            (snapshot.Commit.Id.ToString(), "folder", "/srv/restored", "keepBoth"),
            (heard.Restore!.Snapshot, heard.Restore.Target, heard.Restore.Folder, heard.Restore.Conflict));
        Assert.Equal(agent.Device.Value, heard.Restore.From);
    }

    [Fact]
    public async Task Staff_sends_a_restore_only_while_the_referent_agrees()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, _, agent) = await EnrolAsync(host);
        using var _a = agent;
        await agent.OpenSessionAsync();
        var snapshot = await agent.BackUpAsync([1]);
        var (desk, consents) = (host.Get<OrderDesk>(), host.Get<ReadingConsents>());
        var (support, referent) = (Person(Role.Support, member: null), Person(Role.Referent, member));
        var wish = new RestoreRequest(
            snapshot.Commit.Id, [], RestoreTarget.Folder, "/srv/restored", RestoreConflict.KeepBoth);

        var before = await desk.AskRestoreAsync(support, agent.Device, wish, None);
        var question = await consents.AskAsync(support, member, "Le poste a brûlé", hours: 2, None);
        await consents.AnswerAsync(referent, question.Consent!.Value, isGranted: true, None);
        var asked = host.Time.GetUtcNow();
        var during = await desk.AskRestoreAsync(support, agent.Device, wish, None);
        host.Time.Step(TimeSpan.FromHours(3));
        var after = await desk.AskRestoreAsync(support, agent.Device, wish with { Folder = "/srv/again" }, None);

        Assert.Equal(OrderFault.ConsentMissing, Assert.IsType<OrderOutcome.Invalid>(before).Fault);
        Assert.Equal(
            asked.AddHours(2), Assert.IsType<OrderOutcome.Asked>(during).Order.ExpiresAt,
            TimeSpan.FromMilliseconds(1));
        Assert.Equal(OrderFault.ConsentMissing, Assert.IsType<OrderOutcome.Invalid>(after).Fault);

        // One that was asked for under a consent ends with it, also on a computer that is off.
        question = await consents.AskAsync(support, member, "Le poste a brûlé", hours: 2, None);
        await consents.AnswerAsync(referent, question.Consent!.Value, isGranted: true, None);
        var last = await desk.AskRestoreAsync(support, agent.Device, wish with { Folder = "/srv/last" }, None);
        await consents.RevokeAsync(referent, question.Consent!.Value, None);

        var order = Assert.IsType<OrderOutcome.Asked>(last).Order.Id;
        Assert.Equal(OrderState.CalledBack, (await desk.FindAsync(referent, order, None))!.State);
    }

    [Fact]
    public async Task Another_members_person_finds_nothing_and_a_mere_agent_is_refused()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, _, agent) = await EnrolAsync(host);
        using var _a = agent;
        var (other, _, _) = await host.AddMemberAsync();
        await host.Get<PlanDesk>().ReviseAsync(
            Admin, agent.Device, (await host.Get<PlanDesk>().ProposeAsync(Admin, agent.Device, None))!, 0, None);
        var run = Guid.NewGuid();
        (await agent.ReportRunAsync(run)).Dispose();
        await agent.CheckInAsync();
        var stranger = Person(Role.Referent, other);
        var clerk = Caller.Of(
            PersonId.New(), "Agent", null, [new(Role.Agent, member), new(Role.Referent, other)]);

        Assert.Null(await host.Get<PlanDesk>().FindAsync(stranger, agent.Device, None));
        Assert.Null(await host.Get<PlanDesk>().ProposeAsync(stranger, agent.Device, None));
        Assert.Empty(await host.Get<PlanDesk>().HistoryAsync(stranger, agent.Device, None));
        Assert.Null(await host.Get<RunLog>().FindAsync(stranger, run, None));
        Assert.Null(await host.Get<OrderDesk>().AskBackupAsync(stranger, agent.Device, None));
        Assert.Null(await host.Get<PresenceBoard>().FindAsync(stranger, agent.Device, None));
        foreach (var caller in new[] { stranger, clerk })
        {
            Assert.Empty(await host.Get<RunLog>().LatestAsync(caller, member: null, None));
            Assert.Empty(await host.Get<RunLog>().DaysAsync(
                caller, member: null, host.Time.GetUtcNow().AddDays(-30), "Europe/Paris", None));
            Assert.Empty(await host.Get<PresenceBoard>().ListAsync(caller, member: null, None));
        }
        await Assert.ThrowsAsync<AccessDeniedException>(
            () => host.Get<OrderDesk>().AskBackupAsync(clerk, agent.Device, None));
        await Assert.ThrowsAsync<AccessDeniedException>(
            () => host.Get<RunLog>().LatestAsync(clerk, member, None));
    }

    private static Caller Person(Role role, MemberId? member) =>
        Caller.Of(PersonId.New(), "Référent", "192.0.2.1", [new RoleGrant(role, member)]);

    private static async Task<(MemberId Member, VaultId Vault, TestAgent Agent)> EnrolAsync(IntakeHost host)
    {
        var (member, vault, _) = await host.AddMemberAsync();
        var agent = await host.EnrolAsync(vault);
        await agent.OpenSessionAsync("plan");
        return (member, vault, agent);
    }
}

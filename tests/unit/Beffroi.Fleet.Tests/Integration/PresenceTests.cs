using Beffroi.Fleet.Drift;
using Beffroi.Fleet.Plans;
using Beffroi.Fleet.Presence;
using Beffroi.Fleet.Watch;
using Beffroi.Identity.Access;
using Beffroi.Protocol;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>What the server knows of a device from its daemon's check-ins.</summary>
public sealed class PresenceTests(TestCluster cluster)
{
    private static readonly Caller Admin = Caller.System("admin:test");
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_check_in_tells_what_the_device_does_by_the_servers_clock()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        await agent.OpenSessionAsync("plan");
        var now = host.Time.GetUtcNow();
        agent.Clock = now.AddHours(3);

        var answer = await agent.CheckInAsync(request => request with
        {
            NextRun = agent.Clock.AddHours(1),
            WaitsFor = "window",
            Power = "battery",
            BatteryPercent = 55,
            Running = new RunningMessage(
                Guid.NewGuid(), "backup", "schedule", agent.Clock.AddMinutes(-4), 10, 1000, FilesTotal: 100),
        });
        var presence = await host.Get<PresenceBoard>().FindAsync(Admin, agent.Device, None);

        Assert.Equal(15, answer.NextSeconds); // Who works is looked at.
        Assert.Equal((now, TimeSpan.FromHours(3)), (presence!.At, presence.ClockAhead));
        Assert.Equal((now.AddHours(1), "window"), (presence.NextRun, presence.WaitsFor));
        Assert.Equal((PowerSource.Battery, 55), (presence.Power, presence.BatteryPercent));
        Assert.Equal((now.AddMinutes(-4), 10, 100L), (
            presence.Running!.Started, presence.Running.Files, presence.Running.FilesTotal));
    }

    [Fact]
    public async Task A_daemon_that_restarts_is_one_computer_and_two_that_take_turns_are_not()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        await agent.OpenSessionAsync("plan");
        async Task<bool> SpeakAsync(Guid start, string hostName)
        {
            host.Time.Step(TimeSpan.FromMinutes(1));
            return (await agent.CheckInAsync(request => request with { Start = start, HostName = hostName }))
                .IsDuplicate;
        }
        var (monday, tuesday, clone) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());

        Assert.False(await SpeakAsync(monday, "accueil"));
        Assert.False(await SpeakAsync(monday, "accueil"));
        Assert.False(await SpeakAsync(tuesday, "accueil"));
        Assert.False(await SpeakAsync(tuesday, "accueil"));
        Assert.False(await SpeakAsync(clone, "secretariat"));
        Assert.True(await SpeakAsync(tuesday, "accueil"));
        Assert.True(await SpeakAsync(clone, "secretariat"));
        var board = host.Get<PresenceBoard>();
        var flagged = await board.FindAsync(Admin, agent.Device, None);
        var lives = await board.LivesAsync(Admin, agent.Device, None);
        Assert.Equal(["secretariat", "accueil", "accueil"], lives.Select(life => life.HostName));
        Assert.True(lives[1].LastSeen > lives[0].FirstSeen); // They overlap.
        Assert.Equal(["secretariat", "accueil"], flagged!.Duplicate!.HostNames);

        Assert.True(await board.SettleDuplicateAsync(Admin, agent.Device, None));
        Assert.False(await board.SettleDuplicateAsync(Admin, agent.Device, None));
        Assert.False(await SpeakAsync(tuesday, "accueil"));
        Assert.False(await SpeakAsync(clone, "secretariat"));
        Assert.True(await SpeakAsync(tuesday, "accueil")); // It was not gone.
    }

    [Fact]
    public async Task What_no_plan_covers_is_listed_until_it_is_covered_and_keeps_its_acknowledgement()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        await agent.OpenSessionAsync("plan");
        var desk = host.Get<DriftDesk>();
        UncoveredMessage[] found =
            [new("/srv/compta", "folder", 10, 5_000), new("/var/lib/postgresql", "database", 3, 9_000)];

        await agent.CheckInAsync(request => request with { Uncovered = found });
        var listed = await desk.ListAsync(Admin, member, None);
        var first = await desk.AcknowledgeAsync(Admin, agent.Device, "/srv/compta", "Copie morte.", None);
        var second = await desk.AcknowledgeAsync(Admin, agent.Device, "/srv/compta", "", None);
        var unknown = await desk.AcknowledgeAsync(Admin, agent.Device, "/srv/other", "", None);
        await agent.CheckInAsync(); // It has not looked again.
        var unchanged = await desk.ListAsync(Admin, member, None);
        await agent.CheckInAsync(request => request with { Uncovered = [] });
        var none = await desk.ListAsync(Admin, member, None);
        await agent.CheckInAsync(request => request with { Uncovered = found });
        var back = await desk.ListAsync(Admin, member, None);

        Assert.Equal(["/var/lib/postgresql", "/srv/compta"], listed.Select(each => each.Path));
        Assert.Equal([true, false], listed.Select(each => each.IsDatabase));
        Assert.Equal((true, false, null), (first, second, unknown));
        Assert.Equal(2, unchanged.Count);
        Assert.Empty(none);
        Assert.Equal([null, "Copie morte."], back.Select(each => each.Acknowledged?.Note));
    }

    [Fact]
    public async Task A_folder_outside_of_the_plan_is_shown_until_somebody_adds_it_or_leaves_it_out()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        await agent.OpenSessionAsync("plan");
        var (desk, plans) = (host.Get<DriftDesk>(), host.Get<PlanDesk>());
        async Task<long?> OpenAsync() => (await host.Get<WatchBoard>().FindAsync(Admin, agent.Device, None))!.Findings
            .FirstOrDefault(finding => finding.Reason == WatchReason.Uncovered)?.Number;
        UncoveredMessage[] found =
        [
            new("/srv/compta", "folder", 10, 5_000), new("/srv/videos", "folder", 4, 7_000),
            new("/var/lib/postgresql", "database", 3, 9_000),
        ];
        await agent.CheckInAsync(request => request with { Uncovered = found });

        Assert.Equal(3, await OpenAsync());
        Assert.Equal(CoverOutcome.NoPlan, await desk.CoverAsync(Admin, agent.Device, "/srv/compta", None));
        var proposed = await plans.ProposeAsync(Admin, agent.Device, None);
        await plans.ReviseAsync(Admin, agent.Device, proposed!, basedOn: 0, None);
        Assert.Equal(CoverOutcome.Covered, await desk.CoverAsync(Admin, agent.Device, "/srv/compta", None));
        Assert.Null(await desk.CoverAsync(Admin, agent.Device, "/srv/compta", None)); // It is covered.
        Assert.Equal(
            CoverOutcome.NeedsDump, await desk.CoverAsync(Admin, agent.Device, "/var/lib/postgresql", None));
        Assert.Null(await desk.CoverAsync(Admin, agent.Device, "/srv/other", None));
        await desk.AcknowledgeAsync(Admin, agent.Device, "/srv/videos", "Films du conseil, gardés ailleurs.", None);

        var plan = await plans.FindAsync(Admin, agent.Device, None);
        Assert.Equal((2, "/srv/compta"), (plan!.Newest.Revision, plan.Newest.Content.Scope.Include[^1]));
        Assert.Equal(1, await OpenAsync()); // The database.
        Assert.Equal(
            ["/var/lib/postgresql", "/srv/videos"],
            (await desk.OfDeviceAsync(Admin, agent.Device, None)).Select(each => each.Path));
    }
}

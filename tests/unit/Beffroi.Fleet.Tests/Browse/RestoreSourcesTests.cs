using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Orders;
using Beffroi.Fleet.Retention;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.SignIn;
using Beffroi.Protocol;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Tests.Browse;

/// <summary>What the pages of a restore ask besides folders: which devices, names, and versions to trust.</summary>
public sealed class RestoreSourcesTests(TestCluster cluster)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_device_that_was_shut_out_still_gives_its_files_back_and_nobody_else_sees_it()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var (sources, device) = (fixture.Host.Get<RestoreSources>(), fixture.Agent.Device);
        var (snapshot, _) = await fixture.BackUpAsync(new TestTree().File("a", "x"));
        var (other, _, _) = await fixture.Host.AddMemberAsync();
        var stranger = BrowseFixture.PersonOf(other, Role.Referent);
        await fixture.Host.Get<DeviceDirectory>().RevokeAsync(device, "stolen", "admin:test", None);

        var listed = Assert.Single(await sources.ListAsync(fixture.Referent, None));
        var found = await sources.FindSnapshotAsync(fixture.Referent, device, sequence: 1, None);

        Assert.Equal((device, fixture.Member, false), (listed.Id, listed.Member, listed.IsInUse));
        Assert.NotNull(listed.LastSnapshotAt);
        Assert.Equal(snapshot, found!.Id);
        Assert.Null(await sources.FindSnapshotAsync(fixture.Referent, device, sequence: 2, None));
        Assert.Empty(await sources.ListAsync(stranger, None));
        Assert.Null(await sources.FindAsync(stranger, device, None));
        Assert.Null(await sources.FindSnapshotAsync(stranger, device, sequence: 1, None));
        await Assert.ThrowsAsync<AccessDeniedException>(
            () => sources.ListAsync(BrowseFixture.PersonOf(fixture.Member, Role.Agent), None));
    }

    [Fact]
    public async Task A_selection_is_named_for_people_and_for_an_order_if_its_names_can_be_written()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("srv/é/a.txt", "a").File("srv/é/b.txt", "b").File("srv/x\ny", "c");
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        var folder = await NameAsync("srv/é", "srv/é/a.txt");
        var odd = await NameAsync("srv/é/b.txt", "srv/x\ny");
        var all = await fixture.Browser.NameAsync(fixture.Referent, snapshot, [EntryId.Top], None);
        var place = await fixture.Browser.FindAsync(
            fixture.Referent, snapshot, new EntryId(tree.NumberOf("srv/é/b.txt")), None);

        Assert.Equal(["/srv/é"], folder.Shown);
        Assert.Equal(folder.Shown, folder.Orderable);
        Assert.Equal(["/srv/x\\x0ay", "/srv/é/b.txt"], odd.Shown);
        Assert.Null(odd.Orderable);
        Assert.Empty(all.Value!.Orderable!);
        Assert.Equal(["srv", "é"], place.Value!.Above.Select(each => each.Name));
        Assert.Equal(("b.txt", EntryKind.File), (place.Value.Entry.Name, place.Value.Entry.Kind));

        async Task<SelectionNames> NameAsync(params string[] paths) => (await fixture.Browser.NameAsync(
            fixture.Referent, snapshot, [.. paths.Select(path => new EntryId(tree.NumberOf(path)))], None)).Value!;
    }

    [Fact]
    public async Task A_run_with_the_signs_of_ransomware_keeps_no_version_and_the_one_before_it_is_safe()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var (calendar, device) = (fixture.Host.Get<RetentionCalendar>(), fixture.Agent.Device);
        SnapshotId? last = null;
        var taken = new List<SnapshotId>();
        for (var day = 1; day <= 5; day++)
        {
            (last, _) = await fixture.BackUpAsync(new TestTree().File("a", $"{day}"), day, last);
            taken.Add(last.Value);
            await fixture.Agent.OpenSessionAsync("plan");
            await ReportAsync(last.Value, day == 3
                ? new RunSignals(1000, 900, 900, 900, 9_000_000, 9_000_000, 900, 0, ".locked")
                : new RunSignals(1000, 3, 1, 0, 9_000, 0, 1, 0));
            fixture.Host.Time.Step(TimeSpan.FromDays(1));
        }

        var verdict = await calendar.ReadAsync(fixture.Referent, device, RetentionPolicy.Preset, None);
        var byId = verdict!.Days.SelectMany(day => day.Snapshots).ToDictionary(each => each.Snapshot.Id);

        Assert.Equal(SnapshotWorth.Anomalous, byId[taken[2]].Snapshot.Worth);
        Assert.False(byId[taken[2]].IsKept);
        Assert.Contains(byId[taken[1]].Reasons, reason => reason.Rule == KeepRule.SafePoint);
        Assert.All(byId.Values.Where(each => each.Snapshot.Id != taken[2]),
            each => Assert.Equal(SnapshotWorth.Good, each.Snapshot.Worth));

        async Task ReportAsync(SnapshotId snapshot, RunSignals signals)
        {
            using var answer = await fixture.Agent.ReportRunAsync(Guid.NewGuid(), report => report with
            {
                Outcome = "completed",
                Snapshot = snapshot.ToString(),
                Signals = signals,
            });
            answer.EnsureSuccessStatusCode();
        }
    }

    [Fact]
    public async Task When_somebody_closes_a_session_what_it_opened_is_wiped_and_its_download_breaks_off()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var content = new byte[40 << 20];
        new Random(7).NextBytes(content);
        var tree = new TestTree().File("grand.bin", content);
        var (snapshot, _) = await fixture.BackUpAsync(tree);
        var person = PersonId.New();
        var thief = Caller.Of(person, "Voleur", "192.0.2.66", [new RoleGrant(Role.Referent, fixture.Member)]);
        var opened = await fixture.Downloads.OpenFileAsync(
            thief, snapshot, new EntryId(tree.NumberOf("grand.bin")), None);
        await using var file = opened.Value!;
        var start = new byte[1000];
        await file.Content.ReadExactlyAsync(start);

        foreach (var watcher in fixture.Host.Get<IEnumerable<ISessionWatcher>>()) watcher.SessionsEnded(person);

        Assert.Equal(0, fixture.Host.Get<SnapshotSessions>().Count);
        var failure = await Assert.ThrowsAsync<VaultException>(() => file.Content.CopyToAsync(Stream.Null));
        Assert.Equal(ErrorCode.ApprovalRequired, failure.Code);
    }

    [Fact]
    public void A_lines_speed_is_the_middle_one_of_the_newest_long_restores()
    {
        var start = DateTimeOffset.UnixEpoch;
        OrderSummary[] orders =
        [
            Order(OrderKind.Restore, OrderState.Done, 1_000, 1), // Too short to measure anything.
            Order(OrderKind.Restore, OrderState.Failed, 900_000_000, 1),
            Order(OrderKind.Backup, OrderState.Done, 900_000_000, 1),
            Order(OrderKind.Restore, OrderState.Done, 500_000_000, 100), // 40 Mb/s
            Order(OrderKind.Restore, OrderState.Done, 500_000_000, 400), // 10
            Order(OrderKind.Restore, OrderState.Done, 500_000_000, 50), // 80
            Order(OrderKind.Restore, OrderState.Done, 500_000_000, 1), // The fourth: too old.
        ];

        Assert.Equal(new LineSpeed(40, IsMeasured: true), MeasuredSpeed.Of(orders));
        Assert.Null(MeasuredSpeed.Of(orders[..3]));

        OrderSummary Order(OrderKind kind, OrderState state, long bytes, int seconds) => new(
            Guid.Empty, new DeviceId(Guid.Empty), new MemberId(Guid.Empty), kind, state, "", start, start, start,
            start.AddSeconds(seconds), null, new OrderNumbers(1, 1, bytes, bytes, 0, null), null, null, null, []);
    }
}

using Beffroi.Fleet.Tests.Integration;
using Beffroi.Fleet.Watch;
using Beffroi.Identity;
using Beffroi.Identity.Access;

namespace Beffroi.Fleet.Tests.Watch;

/// <summary>Alerts begin, get worse, are told once, and end; a board shows only its own members.</summary>
public sealed class AlertLedgerTests(TestCluster cluster)
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task The_mornings_mail_leaves_once_a_day_also_from_two_servers_and_again_if_it_could_not()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var ledger = platform.Get<DigestLedger>();
        var day = new DateOnly(2026, 11, 21);
        var told = 0;
        Task TellAsync(CancellationToken cancellationToken) => Task.FromResult(Interlocked.Increment(ref told));

        await Assert.ThrowsAsync<TimeoutException>(
            () => ledger.OncePerDayAsync(day, _ => throw new TimeoutException(), Never));
        var both = await Task.WhenAll(
            ledger.OncePerDayAsync(day, TellAsync, Never), ledger.OncePerDayAsync(day, TellAsync, Never));

        Assert.Equal(1, told);
        Assert.Single(both, isDone => isDone);
        Assert.True(await ledger.OncePerDayAsync(day.AddDays(1), TellAsync, Never));
    }

    [Fact]
    public async Task A_silent_device_turns_red_by_the_servers_clock_and_is_told_of_once()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, vault) = await platform.AddMemberAsync();
        var device = await platform.AddDeviceAsync(vault);
        var ledger = platform.Get<AlertLedger>();

        Assert.Equal(0, await ledger.RefreshAsync(Never));
        platform.Time.Step(TimeSpan.FromDays(4)); // A laptop that never backed up: orange.
        await ledger.RefreshAsync(Never);
        Assert.Empty(await ledger.ListUntoldAsync(Never));
        platform.Time.Step(TimeSpan.FromDays(4)); // Red.
        await ledger.RefreshAsync(Never);
        var untold = Assert.Single(await ledger.ListUntoldAsync(Never));
        Assert.Equal(member, untold.Member);
        var alert = Assert.Single(untold.Alerts);
        Assert.Equal((device, WatchReason.NeverBackedUp), (alert.Device, alert.Finding.Reason));

        await ledger.NoteToldAsync([alert.Id], Never);
        platform.Time.Step(TimeSpan.FromDays(1));
        await ledger.RefreshAsync(Never);

        Assert.Empty(await ledger.ListUntoldAsync(Never));
        await platform.ExecuteAsync("update fleet.devices set revoked_at = now()");
        await ledger.RefreshAsync(Never);
        Assert.Equal(1, await platform.ScalarAsync<long>("select count(*) from fleet.alerts where cleared_at notnull"));
    }

    [Fact]
    public async Task What_was_acknowledged_may_wait_until_it_gets_worse_or_its_day_comes()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, vault) = await platform.AddMemberAsync();
        var device = await platform.AddDeviceAsync(vault);
        var board = platform.Get<WatchBoard>();
        var referent = Person(Role.Referent, member);
        platform.Time.Step(TimeSpan.FromDays(8));
        var until = platform.Time.GetUtcNow().AddDays(7);

        Assert.True(await board.AcknowledgeAsync(
            referent, device, WatchReason.NeverBackedUp, "en réparation", until, Never));
        Assert.False(await board.AcknowledgeAsync(referent, device, WatchReason.Duplicate, "?", until, Never));
        var seen = (await board.FindAsync(referent, device, Never))!;
        await platform.Get<AlertLedger>().RefreshAsync(Never);

        Assert.Equal((WatchState.Action, WatchState.Good), (seen.State, seen.OpenState));
        Assert.Equal("en réparation", Assert.Single(seen.Acknowledged).Note);
        Assert.Empty(await platform.Get<AlertLedger>().ListUntoldAsync(Never));
        platform.Time.Step(TimeSpan.FromDays(8));
        Assert.Equal(WatchState.Action, (await board.FindAsync(referent, device, Never))!.OpenState);
        Assert.Single(await platform.Get<AlertLedger>().ListUntoldAsync(Never));
    }

    [Fact]
    public async Task Another_members_device_is_not_there()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, vault) = await platform.AddMemberAsync();
        var (other, _) = await platform.AddMemberAsync();
        var device = await platform.AddDeviceAsync(vault);
        var board = platform.Get<WatchBoard>();
        var stranger = Person(Role.Referent, other);
        platform.Time.Step(TimeSpan.FromDays(9));

        Assert.Empty(await board.ListAsync(stranger, member: null, Never));
        Assert.Null(await board.FindAsync(stranger, device, Never));
        Assert.False(await board.AcknowledgeAsync(
            stranger, device, WatchReason.NeverBackedUp, "x", platform.Time.GetUtcNow().AddDays(1), Never));
        Assert.Single(await board.ListAsync(Caller.System("job:test"), member: null, Never));
    }

    private static Caller Person(Role role, MemberId member) =>
        Caller.Of(PersonId.New(), "Jeanne", origin: null, [new RoleGrant(role, member)]);
}

using Beffroi.Identity;
using Beffroi.Identity.Access;

namespace Beffroi.Fleet.Tests.People;

/// <summary>How the operator presents itself: set while the platform runs, by who may, and written down.</summary>
public sealed class OperatorDeskTests(TestCluster cluster)
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly Caller Staff = Caller.System("admin:test");

    [Fact]
    public async Task What_is_saved_is_shown_at_once_and_written_down_once()
    {
        await using var town = await Town.BuildAsync(cluster);
        var desk = town.Get<OperatorDesk>();
        var card = new OperatorCard(" Syndicat du Clocher ", "03 22 00 00 01", " a@b.example ", "Un.\r\n\r\nDeux.");

        Assert.Empty(await desk.SaveAsync(Staff, card, Never));

        var kept = new OperatorCard("Syndicat du Clocher", "03 22 00 00 01", "a@b.example", "Un.\n\nDeux.");
        Assert.Equal(kept, desk.Current);
        Assert.Equal(kept, await desk.ReadAsync(Never));
        Assert.Empty(await desk.SaveAsync(Staff, kept, Never)); // No change, no entry.
        Assert.Single(await town.ActsAsync(), act => act == "operator-presented");
        var named = await town.Get<MemberDirectory>().GetOperatorAsync(Never);
        Assert.Equal("Syndicat du Clocher", named.Name);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_and_nothing_is_changed()
    {
        await using var town = await Town.BuildAsync(cluster);
        var desk = town.Get<OperatorDesk>();

        var faults = await desk.SaveAsync(
            Staff, new OperatorCard(" ", "demain", "a@b", new string('x', OperatorCard.NoticeMax + 1)), Never);

        Assert.Equal(
            [CardFault.NameMissing, CardFault.PhoneInvalid, CardFault.MailInvalid, CardFault.NoticeTooLong], faults);
        Assert.Equal(OperatorCard.Empty, await desk.ReadAsync(Never));
    }

    [Theory]
    [InlineData(Role.Support, false)]
    [InlineData(Role.Accounting, false)]
    [InlineData(Role.Operations, true)]
    public async Task Only_who_runs_the_platform_sets_it(Role role, bool may)
    {
        await using var town = await Town.BuildAsync(cluster);
        var caller = Caller.Of(PersonId.New(), "Luc", null, [new RoleGrant(role, Member: null)]);
        var save = () => town.Get<OperatorDesk>().SaveAsync(caller, new OperatorCard("S", null, null, null), Never);

        if (may) Assert.Empty(await save());
        else await Assert.ThrowsAsync<AccessDeniedException>(save);
    }
}

using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Tests.People;

/// <summary>The journal page by page, by person, and never of another member.</summary>
public sealed class JournalTests(TestCluster cluster)
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_double_while_others_write()
    {
        await using var town = await Town.BuildAsync(cluster);
        var staff = await town.AddCallerAsync("olive@s.example", Role.Direction, member: null);
        for (var count = 0; count < 7; count++) await town.SignInAsync("olive@s.example");
        var reader = town.Get<JournalReader>();
        var first = await reader.ReadPageAsync(staff, new JournalFilter(), 4, Never);
        await town.SignInAsync("olive@s.example");

        var second = await reader.ReadPageAsync(
            staff, new JournalFilter(Before: first.Lines[^1].Number), 4, Never);
        var back = await reader.ReadPageAsync(
            staff, new JournalFilter(After: second.Lines[0].Number), 4, Never);

        Assert.Equal((false, true), (first.HasNewer, first.HasOlder));
        Assert.Equal((true, true), (second.HasNewer, second.HasOlder));
        Assert.Equal(first.Lines[^1].Number - 1, second.Lines[0].Number);
        Assert.Equal(first.Lines.Select(line => line.Number), back.Lines.Select(line => line.Number));
        Assert.True(back.HasNewer); // What was written meanwhile.
    }

    [Fact]
    public async Task The_filter_by_person_finds_what_they_did_and_what_was_done_to_them()
    {
        await using var town = await Town.BuildAsync(cluster);
        var referent = await town.AddCallerAsync("jeanne@a.example", Role.Referent, town.A);
        var luc = await town.AddAsync("luc@a.example", Role.Agent, town.A);
        await town.AddAsync("paul@b.example", Role.Agent, town.B);
        await town.SignInAsync("luc@a.example");
        var reader = town.Get<JournalReader>();

        Assert.Equal(luc, await reader.FindPersonAsync(referent, "LUC@a.example", Never));
        Assert.Null(await reader.FindPersonAsync(referent, "paul@b.example", Never));
        var lines = await reader.ReadAsync(referent, new JournalFilter(Person: luc), 10, Never);
        Assert.Equal([Acts.SignedIn, Acts.PersonAdded], lines.Select(line => line.Act));
        Assert.Equal("luc", lines[0].ActorName);
        Assert.Equal("luc", lines[1].PersonName);
        Assert.Empty(await reader.ReadAsync(referent, new JournalFilter(Member: town.B), 10, Never));
    }

    [Fact]
    public async Task A_line_that_was_changed_is_found_by_its_number()
    {
        await using var town = await Town.BuildAsync(cluster);
        await town.AddAsync("luc@a.example", Role.Agent, town.A);
        await town.SignInAsync("luc@a.example");
        var watch = town.Get<JournalWatch>();
        Assert.Null((await watch.VerifyAsync(Never)).Broken);
        await using (var db = await town.Get<IDbContextFactory<IdentityDb>>().CreateDbContextAsync())
            await db.Database.ExecuteSqlAsync($"update identity.journal set actor = 'nobody' where id = 3");

        Assert.Equal(3, (await watch.VerifyAsync(Never)).Broken);
        Assert.Equal(3, watch.Last?.Broken);
    }
}

using System.Globalization;
using System.Text;
using Beffroi.Fleet.Browse;
using Beffroi.Identity.Access;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Tests.Browse;

/// <summary>How a person finds a file.</summary>
public sealed class SnapshotBrowserTests(TestCluster cluster)
{
    [Fact]
    public async Task Snapshots_are_listed_newest_first_in_pages_and_between_dates()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var start = fixture.Host.Time.GetUtcNow();
        SnapshotId? previous = null;
        for (var day = 1; day <= 5; day++)
        {
            (previous, _) = await fixture.BackUpAsync(new TestTree().File("a", $"{day}"), day, previous);
            fixture.Host.Time.Step(TimeSpan.FromDays(1));
        }
        var device = fixture.Agent.Device;

        var first = await ListAsync(new SnapshotQuery(device, CountMax: 2));
        var second = await ListAsync(new SnapshotQuery(device, BeforeSequence: first.NextBeforeSequence, CountMax: 3));
        var between = await ListAsync(new SnapshotQuery(
            device, From: start.AddDays(1), Until: start.AddDays(3)));

        Assert.Equal([5, 4], first.Snapshots.Select(line => line.Sequence));
        Assert.Equal([3, 2, 1], second.Snapshots.Select(line => line.Sequence));
        Assert.Null(second.NextBeforeSequence);
        Assert.Equal([3, 2], between.Snapshots.Select(line => line.Sequence));
        Assert.Equal(start.AddDays(4), first.Snapshots[0].ReceivedAt);

        async Task<SnapshotPage> ListAsync(SnapshotQuery query) =>
            (await fixture.Browser.ListSnapshotsAsync(fixture.Referent, query, CancellationToken.None))!;
    }

    [Fact]
    public async Task A_folder_shows_its_folders_first_and_leads_up_and_down()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("srv/mairie/Budget/2026.ods", "budget").File("srv/mairie/a.txt", "bonjour")
            .Other("srv/mairie/Zone", EntryKind.Directory)
            .Other("srv/mairie/lien", EntryKind.SymbolicLink, entry => entry with { LinkTarget = "a.txt"u8.ToArray() });
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        var top = await FolderAsync(fixture, snapshot, EntryId.Top);
        var srv = await FolderAsync(fixture, snapshot, top.Entries[0].Id);
        var mairie = await FolderAsync(fixture, snapshot, srv.Entries[0].Id);

        Assert.Empty(top.Above);
        Assert.Equal(["srv", "mairie"], mairie.Above.Select(line => line.Name));
        Assert.Equal(["Budget", "Zone", "a.txt", "lien"], mairie.Entries.Select(line => line.Name));
        Assert.Equal((4L, 0, null), (mairie.Count, mairie.Gaps, mairie.Next));
        Assert.Equal((7, "2023-11-14"), (
            mairie.Entries[2].Bytes, mairie.Entries[2].Modified.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        Assert.Equal("a.txt", mairie.Entries[3].LinkTarget);
        foreach (var wrong in new[] { mairie.Entries[2].Id, new EntryId(99_999) })
            Assert.Equal(ReadingOutcome.NotFound, (await ListAsync(fixture, snapshot, wrong)).Outcome);
    }

    [Fact]
    public async Task A_folder_of_100_000_entries_comes_in_pages_that_miss_and_repeat_nothing()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree();
        for (var i = 0; i < 100_000; i++)
        {
            if (i % 400 == 7) tree.Other($"d/{i:D6}", EntryKind.Directory);
            else tree.File($"d/{i:D6}", []);
        }
        var (snapshot, _) = await fixture.BackUpAsync(tree);
        var (names, cursor, pages) = (new List<EntryLine>(), (string?)null, 0);
        var folder = new EntryId(tree.NumberOf("d"));
        do
        {
            var page = await FolderAsync(fixture, snapshot, folder, cursor);
            names.AddRange(page.Entries);
            (cursor, pages) = (page.Next, pages + 1);
            Assert.True(page.Entries.Count == FolderPage.CountMax || page.Next is null);
            if (pages == 3) cursor = $"f{tree.NumberOf("d/099000")}"; // All 500 in between would take a while.
        }
        while (cursor is not null);

        Assert.Equal(250, names.TakeWhile(line => line.Kind == EntryKind.Directory).Count());
        Assert.Equal(names.Count, names.Select(line => line.Id).Distinct().Count());
        Assert.Equal("099999", names[^1].Name);
        Assert.Equal(
            Enumerable.Range(0, 351).Where(i => i % 400 != 7).Select(i => i.ToString("D6", null)).Take(350),
            names.Skip(250).Take(350).Select(line => line.Name));
    }

    [Fact]
    public async Task Names_that_are_no_text_are_shown_escaped_and_can_be_opened()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("Comptes \\xE9t\\xE9/note\u202Etxt.exe", "x").File("a\nb", "y");
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        var top = await FolderAsync(fixture, snapshot, EntryId.Top);
        var inside = await FolderAsync(fixture, snapshot, top.Entries[0].Id);

        Assert.Equal([("Comptes \\xe9t\\xe9", false), ("a\\x0ab", false)], top.Entries.Select(
            line => (line.Name, line.IsNameExact)));
        Assert.Equal("note\\u202etxt.exe", inside.Entries.Single().Name);
        var file = await fixture.Downloads.OpenFileAsync(
            fixture.Referent, snapshot, inside.Entries[0].Id, CancellationToken.None);
        await using var opened = file.Value!;
        Assert.Equal("x", await new StreamReader(opened.Content).ReadToEndAsync());
        Assert.DoesNotContain(opened.Headers.ContentDisposition, char.IsControl);
    }

    [Theory]
    [InlineData("ETE", 2)]
    [InlineData("été", 2)]
    [InlineData("coeur", 1)]
    [InlineData("l'eau", 1)]
    [InlineData(".ods", 1)]
    [InlineData("rien de tel", 0)]
    [InlineData("  ", 0)]
    public async Task A_search_finds_names_whatever_their_case_and_accents(string text, int count)
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("a/Fête d’été.ods", "1").File("a/e\u0301te\u0301.txt", "2")
            .File("b/Cœur de ville.doc", "3").File("b/Compteur de l’eau.doc", "4").Other("x/y", EntryKind.Directory);
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        var found = (await fixture.Browser.SearchAsync(
            fixture.Referent, snapshot, EntryId.Top, text, from: null, CancellationToken.None)).Value!;

        Assert.Equal(count, found.Found.Count);
        Assert.Null(found.Next);
        Assert.All(found.Found, each => Assert.Equal(
            tree.NumberOf(each.FolderPath[1..]), each.Folder!.Value.Number));
    }

    [Fact]
    public async Task A_search_goes_on_where_it_stopped()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree();
        for (var i = 0; i < 300; i++) tree.File($"d{i % 7}/facture {i:D4}.pdf", []);
        var (snapshot, _) = await fixture.BackUpAsync(tree);
        var (found, from) = (new List<FoundEntry>(), (EntryId?)null);
        do
        {
            var page = (await fixture.Browser.SearchAsync(
                fixture.Referent, snapshot, EntryId.Top, "facture", from, CancellationToken.None)).Value!;
            found.AddRange(page.Found);
            from = page.Next;
        }
        while (from is not null);

        Assert.Equal(300, found.Select(each => each.Entry.Id).Distinct().Count());
        Assert.All(found, each => Assert.Equal(tree.NumberOf(each.FolderPath[1..]), each.Folder!.Value.Number));
        fixture.Host.Time.PerTimestamp = TimeSpan.FromSeconds(5);
        var slow = (await fixture.Browser.SearchAsync(
            fixture.Referent, snapshot, EntryId.Top, "rien de tel", from: null, CancellationToken.None)).Value!;
        Assert.Equal((0, 256, new EntryId(256)), (slow.Found.Count, slow.Searched, slow.Next));
        fixture.Host.Time.PerTimestamp = null;
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.Browser.SearchAsync(
            fixture.Referent, snapshot, EntryId.Top, "facture", from: null, gone.Token));
    }

    [Fact]
    public async Task Versions_of_a_path_are_its_states_and_not_its_snapshots()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("z/autre", "0");
        SnapshotId? id = null;
        for (var night = 1; night <= 6; night++)
        {
            if (night == 2) tree.File("z/budget.ods", "un");
            if (night == 4) tree.File("z/budget.ods", "deux"u8.ToArray(), entry => entry with { ModifiedNs = 5 });
            tree.File("z/autre", $"{night}");
            (id, _) = await fixture.BackUpAsync(tree, night, id);
        }

        var page = (await fixture.Browser.ListVersionsAsync(
            fixture.Referent, id!.Value, new EntryId(tree.NumberOf("z/budget.ods")), null, CancellationToken.None))
            .Value!;

        Assert.Equal([(6L, 4L, 3, 4L), (3L, 2L, 2, 2L)], page.Versions.Select(version => (
            version.Newest.Sequence, version.Oldest.Sequence, version.Snapshots, version.Entry.Bytes)));
        Assert.Equal((null, 0), (page.NextBeforeSequence, page.Unread));
    }

    [Fact]
    public async Task A_selection_is_counted_once_however_it_overlaps()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("a/b/1", new byte[10]).File("a/2", new byte[20]).File("c", new byte[40])
            .Other("a/lien", EntryKind.SymbolicLink, entry => entry with { LinkTarget = "2"u8.ToArray() });
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        var some = await CountAsync(fixture, snapshot, "a", "a/b", "a/b/1");
        var all = (await fixture.Browser.CountAsync(
            fixture.Referent, snapshot, [EntryId.Top], CancellationToken.None)).Value!;

        Assert.Equal(new SelectionTotals(2, 2, 1, 30, IsComplete: true, Gaps: 0), some);
        Assert.Equal((3L, 70L), (all.Files, all.Bytes));
        async Task<SelectionTotals?> CountAsync(BrowseFixture of, SnapshotId id, params string[] paths) =>
            (await of.Browser.CountAsync(
                of.Referent, id, [.. paths.Select(path => new EntryId(tree.NumberOf(path)))], CancellationToken.None))
            .Value;
    }

    [Fact]
    public async Task Anothers_snapshot_is_not_found_and_an_agent_of_the_member_may_not()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var (other, _, _) = await fixture.Host.AddMemberAsync();
        var (snapshot, _) = await fixture.BackUpAsync(new TestTree().File("a", "x"));
        var stranger = BrowseFixture.PersonOf(other, Role.Referent);
        var agent = BrowseFixture.PersonOf(fixture.Member, Role.Agent);
        var file = new EntryId(0);

        Assert.Equal(ReadingOutcome.NotFound, (await fixture.Browser.ListFolderAsync(
            stranger, snapshot, EntryId.Top, null, 10, CancellationToken.None)).Outcome);
        Assert.Equal(ReadingOutcome.NotFound, (await fixture.Downloads.OpenFileAsync(
            stranger, snapshot, file, CancellationToken.None)).Outcome);
        Assert.Null(await fixture.Browser.ListSnapshotsAsync(
            stranger, new SnapshotQuery(fixture.Agent.Device), CancellationToken.None));
        await Assert.ThrowsAsync<AccessDeniedException>(() => fixture.Browser.ListFolderAsync(
            agent, snapshot, EntryId.Top, null, 10, CancellationToken.None));
        await Assert.ThrowsAsync<AccessDeniedException>(() => fixture.Browser.ListSnapshotsAsync(
            agent, new SnapshotQuery(fixture.Agent.Device), CancellationToken.None));
        Assert.Equal(0, await fixture.Host.ScalarAsync<long>(
            "select count(*) from identity.journal where act = 'snapshot-opened'"));
    }

    [Fact]
    public async Task An_opening_is_journalled_once_a_session_and_again_when_the_key_was_wiped()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var (snapshot, _) = await fixture.BackUpAsync(new TestTree().File("a", "x"));
        var referent = fixture.Referent;
        var sessions = fixture.Host.Get<SnapshotSessions>();

        for (var click = 0; click < 3; click++) await FolderAsync(fixture, snapshot, EntryId.Top, by: referent);
        Assert.Equal((1, 1), (await OpeningsAsync(), sessions.Count));
        fixture.Host.Time.Step(SnapshotSessions.IdleMax);
        sessions.Sweep();
        Assert.Equal(0, sessions.Count);
        await FolderAsync(fixture, snapshot, EntryId.Top, by: referent);
        Assert.Equal(2, await OpeningsAsync());
        for (var minutes = 0; minutes < 66; minutes += 6)
        {
            fixture.Host.Time.Step(TimeSpan.FromMinutes(6));
            await FolderAsync(fixture, snapshot, EntryId.Top, by: referent);
        }
        Assert.Equal(3, await OpeningsAsync());
        fixture.Browser.Forget(referent);
        Assert.Equal(0, sessions.Count);
        Assert.Equal(3, await CountLoggedAsync(fixture, "portal-browse"));

        async Task<long> OpeningsAsync() => await fixture.Host.ScalarAsync<long>(
            $"select count(*) from identity.journal where act = 'snapshot-opened' and actor = '{referent.Actor}' "
            + $"and detail->>'snapshot' = '{snapshot}'");
    }

    /// <summary>Entries of the member's own log, in the store.</summary>
    private static async Task<int> CountLoggedAsync(BrowseFixture fixture, string purpose)
    {
        var count = 0;
        await foreach (var blob in fixture.Host.Blobs.ListAsync(
            $"t/{fixture.Agent.Vault}/l/", startAfter: null, CancellationToken.None))
        {
            var bytes = new byte[blob.Bytes];
            await fixture.Host.Blobs.ReadAsync(blob.Name, 0, bytes, CancellationToken.None);
            var text = Encoding.UTF8.GetString(bytes);
            if (text.Contains("root-key-opened", StringComparison.Ordinal)
                && text.Contains($"\"purpose\":\"{purpose}\"", StringComparison.Ordinal))
                count++;
        }
        return count;
    }

    internal static async Task<FolderPage> FolderAsync(
        BrowseFixture fixture, SnapshotId snapshot, EntryId folder, string? cursor = null, Caller? by = null)
    {
        var page = await fixture.Browser.ListFolderAsync(
            by ?? fixture.Referent, snapshot, folder, cursor, FolderPage.CountMax, CancellationToken.None);
        Assert.Equal(ReadingOutcome.Done, page.Outcome);
        return page.Value!;
    }

    private static Task<Reading<FolderPage>> ListAsync(BrowseFixture fixture, SnapshotId snapshot, EntryId folder) =>
        fixture.Browser.ListFolderAsync(fixture.Referent, snapshot, folder, null, 10, CancellationToken.None);
}

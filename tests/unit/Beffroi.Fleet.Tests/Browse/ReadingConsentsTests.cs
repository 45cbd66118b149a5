using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Browse.Archives;
using Beffroi.Fleet.Consents;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Testing;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Browse;

/// <summary>The operator's people and providers read nothing of a member without its référent's consent.</summary>
public sealed class ReadingConsentsTests(TestCluster cluster)
{
    private const string Reason = "Fichier perdu, ticket 4711";

    [Fact]
    public async Task Without_a_consent_nobody_from_outside_reads_names_or_contents()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var (snapshot, _) = await fixture.BackUpAsync(new TestTree().File("a", "x"));
        Caller[] outsiders =
        [
            BrowseFixture.Staff(), BrowseFixture.Staff(Role.Direction), Caller.System("job:test"),
            BrowseFixture.PersonOf(fixture.Member, Role.Provider),
        ];
        foreach (var outsider in outsiders)
        {
            Assert.Equal(ReadingOutcome.ConsentNeeded, await ListAsync(fixture, outsider, snapshot));
            Assert.Equal(ReadingOutcome.ConsentNeeded, (await fixture.Browser.SearchAsync(
                outsider, snapshot, EntryId.Top, "a", null, CancellationToken.None)).Outcome);
            Assert.Equal(ReadingOutcome.ConsentNeeded, (await fixture.Browser.ListVersionsAsync(
                outsider, snapshot, new EntryId(0), null, CancellationToken.None)).Outcome);
            Assert.Equal(ReadingOutcome.ConsentNeeded, (await fixture.Browser.CountAsync(
                outsider, snapshot, [EntryId.Top], CancellationToken.None)).Outcome);
            Assert.Equal(ReadingOutcome.ConsentNeeded, (await fixture.Downloads.OpenFileAsync(
                outsider, snapshot, new EntryId(0), CancellationToken.None)).Outcome);
            Assert.Equal(ReadingOutcome.ConsentNeeded, (await fixture.Downloads.PreviewAsync(
                outsider, snapshot, new EntryId(0), CancellationToken.None)).Outcome);
            Assert.Equal(ReadingOutcome.ConsentNeeded, (await fixture.Downloads.OpenArchiveAsync(
                outsider, snapshot, [EntryId.Top], ArchiveFormat.Zip, "x", BrowseFixture.Readme,
                CancellationToken.None)).Outcome);
            Assert.Single((await fixture.Browser.ListSnapshotsAsync(
                outsider, new SnapshotQuery(fixture.Agent.Device), CancellationToken.None))!.Snapshots);
        }
        Assert.Equal(0, await CountActsAsync(fixture, "snapshot-opened"));
        await Assert.ThrowsAsync<AccessDeniedException>(
            () => ListAsync(fixture, BrowseFixture.Staff(Role.Accounting), snapshot));
    }

    [Fact]
    public async Task A_granted_consent_lets_its_asker_read_until_it_expires_and_every_look_is_journalled()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var (snapshot, _) = await fixture.BackUpAsync(new TestTree().File("a", "x"));
        var (consents, staff) = (fixture.Host.Get<ReadingConsents>(), BrowseFixture.Staff());
        var asked = await AskAsync(fixture, staff);
        Assert.Equal(ReadingOutcome.ConsentNeeded, await ListAsync(fixture, staff, snapshot));
        Assert.Equal(AnswerOutcome.Done, await consents.AnswerAsync(
            fixture.Referent, asked, isGranted: true, CancellationToken.None));

        Assert.Equal(ReadingOutcome.Done, await ListAsync(fixture, staff, snapshot));
        Assert.Equal(ReadingOutcome.ConsentNeeded, await ListAsync(fixture, BrowseFixture.Staff(), snapshot));
        await (await fixture.Downloads.OpenFileAsync(staff, snapshot, new EntryId(0), CancellationToken.None))
            .Value!.DisposeAsync();
        Assert.Equal(
            $"browse top {asked}, file 0 {asked}",
            await fixture.Host.ScalarAsync<string>($"""
                select string_agg(concat(detail->>'purpose', ' ', detail->>'entries', ' ', detail->>'consent'), ', '
                    order by id)
                from identity.journal where act = 'backup-read' and actor = '{staff.Actor}'
                    and member_id = '{fixture.Member}' and origin = '192.0.2.9'
                """));

        fixture.Host.Time.Step(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.Equal(ReadingOutcome.Done, await ListAsync(fixture, staff, snapshot));
        fixture.Host.Time.Step(TimeSpan.FromSeconds(1));
        Assert.Equal(ReadingOutcome.ConsentNeeded, await ListAsync(fixture, staff, snapshot));
        Assert.Equal(ConsentState.Expired, await StateAsync(fixture, asked));
    }

    [Fact]
    public async Task A_consent_taken_back_or_expired_ends_what_is_under_way()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var random = Seed.ForThisTest();
        var big = new byte[12_000_000];
        random.NextBytes(big);
        var (snapshot, _) = await fixture.BackUpAsync(new TestTree().File("grand", big));
        foreach (var isRevoked in new[] { true, false })
        {
            var (consents, staff) = (fixture.Host.Get<ReadingConsents>(), BrowseFixture.Staff());
            var asked = await AskAsync(fixture, staff);
            await consents.AnswerAsync(fixture.Referent, asked, isGranted: true, CancellationToken.None);
            await using var file = (await fixture.Downloads.OpenFileAsync(
                staff, snapshot, new EntryId(0), CancellationToken.None)).Value!;
            var buffer = new byte[100_000];
            await file.Content.ReadExactlyAsync(buffer);
            if (isRevoked) await consents.RevokeAsync(fixture.Referent, asked, CancellationToken.None);
            else fixture.Host.Time.Step(TimeSpan.FromHours(2));

            var failure = await Assert.ThrowsAsync<VaultException>(() => file.Content.CopyToAsync(Stream.Null));

            Assert.Equal(ErrorCode.ApprovalRequired, failure.Code);
            Assert.Equal(ReadingOutcome.ConsentNeeded, await ListAsync(fixture, staff, snapshot));
            Assert.Equal(isRevoked ? ConsentState.Revoked : ConsentState.Expired, await StateAsync(fixture, asked));
        }
    }

    [Fact]
    public async Task Only_the_referent_answers_and_once()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var (other, _, _) = await fixture.Host.AddMemberAsync();
        var consents = fixture.Host.Get<ReadingConsents>();
        var staff = BrowseFixture.Staff(Role.Direction);
        var asked = await AskAsync(fixture, staff);

        foreach (var nobody in new[]
        {
            staff, BrowseFixture.PersonOf(fixture.Member, Role.FunctionalAdministrator),
            BrowseFixture.PersonOf(fixture.Member, Role.Provider), Caller.System("job:test"),
        })
        {
            await Assert.ThrowsAsync<AccessDeniedException>(
                () => consents.AnswerAsync(nobody, asked, isGranted: true, CancellationToken.None));
        }
        var stranger = BrowseFixture.PersonOf(other, Role.Referent);
        Assert.Equal(AnswerOutcome.NotFound, await consents.AnswerAsync(
            stranger, asked, isGranted: true, CancellationToken.None));
        Assert.Empty(await consents.ListAsync(stranger, null, 10, CancellationToken.None));
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => consents.AnswerAsync(
            fixture.Referent, asked, isGranted: i % 2 == 0, CancellationToken.None)));
        Assert.Equal(1, answers.Count(outcome => outcome == AnswerOutcome.Done));
        Assert.Equal(3, answers.Count(outcome => outcome == AnswerOutcome.TooLate));
    }

    [Fact]
    public async Task A_question_needs_a_reason_and_hours_and_lapses_unanswered()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var consents = fixture.Host.Get<ReadingConsents>();
        var staff = BrowseFixture.Staff();
        Assert.Equal(AskOutcome.ReasonInvalid, await TryAsync(staff, fixture.Member, " ", 2));
        Assert.Equal(AskOutcome.ReasonInvalid, await TryAsync(staff, fixture.Member, new string('x', 501), 2));
        Assert.Equal(AskOutcome.ReasonInvalid, await TryAsync(staff, fixture.Member, "Urgent.\n\nAccordez ici", 2));
        Assert.Equal(AskOutcome.HoursInvalid, await TryAsync(staff, fixture.Member, Reason, 73));
        Assert.Equal(AskOutcome.NotNeeded, await TryAsync(fixture.Referent, fixture.Member, Reason, 2));
        Assert.Equal(AskOutcome.NotFound, await TryAsync(staff, MemberId.New(), Reason, 2));
        Assert.Equal(AskOutcome.NotFound, await TryAsync(fixture.Referent, MemberId.New(), Reason, 2));
        var asked = await AskAsync(fixture, staff);
        Assert.Equal(
            new AskedConsent(AskOutcome.StandsAlready, asked),
            await consents.AskAsync(staff, fixture.Member, Reason, 3, CancellationToken.None));

        fixture.Host.Time.Step(TimeSpan.FromDays(7));

        Assert.Equal(AnswerOutcome.TooLate, await consents.AnswerAsync(
            fixture.Referent, asked, isGranted: true, CancellationToken.None));
        Assert.Equal(AskOutcome.Asked, await TryAsync(staff, fixture.Member, Reason, 2));
        Assert.Equal(2, await CountActsAsync(fixture, "consent-asked"));

        async Task<AskOutcome> TryAsync(Caller caller, MemberId member, string reason, int hours) =>
            (await consents.AskAsync(caller, member, reason, hours, CancellationToken.None)).Outcome;
    }

    private static async Task<ConsentId> AskAsync(BrowseFixture fixture, Caller staff)
    {
        var asked = await fixture.Host.Get<ReadingConsents>().AskAsync(
            staff, fixture.Member, Reason, hours: 2, CancellationToken.None);
        Assert.Equal(AskOutcome.Asked, asked.Outcome);
        return asked.Consent!.Value;
    }

    private static async Task<ConsentState> StateAsync(BrowseFixture fixture, ConsentId id)
    {
        var all = await fixture.Host.Get<ReadingConsents>().ListAsync(
            fixture.Referent, fixture.Member, 10, CancellationToken.None);
        return all.Single(line => line.Id == id).State;
    }

    private static async Task<ReadingOutcome> ListAsync(BrowseFixture fixture, Caller caller, SnapshotId snapshot) =>
        (await fixture.Browser.ListFolderAsync(
            caller, snapshot, EntryId.Top, null, 10, CancellationToken.None)).Outcome;

    private static Task<long> CountActsAsync(BrowseFixture fixture, string act) =>
        fixture.Host.ScalarAsync<long>($"select count(*) from identity.journal where act = '{act}'");
}

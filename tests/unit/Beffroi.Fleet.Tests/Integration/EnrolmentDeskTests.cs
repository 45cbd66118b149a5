using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Enrolment;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Integration;

public sealed class EnrolmentDeskTests(TestCluster cluster)
{
    [Fact]
    public async Task Of_two_enrolments_at_once_with_one_token_exactly_one_wins()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();
        for (var round = 0; round < 10; round++)
        {
            var token = await IssueAsync(platform, member, replaces: null);
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TryTakeAsync(platform, token)));

            Assert.Single(outcomes, ErrorCode.None);
            Assert.Equal(3, outcomes.Count(outcome => outcome == ErrorCode.TokenUsed));
        }
    }

    [Fact]
    public async Task An_enrolment_that_fails_gives_the_token_back()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();
        var token = await IssueAsync(platform, member, replaces: null);
        await using (var db = platform.OpenFleet())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await platform.Get<EnrolmentDesk>().TakeBackAsync(
                db, token.SecretHash, DeviceId.New(), CancellationToken.None);
            await transaction.RollbackAsync();
        }

        Assert.Equal(ErrorCode.None, await TryTakeAsync(platform, token));
    }

    [Fact]
    public async Task A_token_works_until_its_last_moment_and_not_later()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();
        var early = await IssueAsync(platform, member, replaces: null);
        var late = await IssueAsync(platform, member, replaces: null);

        platform.Time.Step(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(ErrorCode.None, await TryTakeAsync(platform, early));
        platform.Time.Step(TimeSpan.FromSeconds(1));
        Assert.Equal(ErrorCode.TokenExpired, await TryTakeAsync(platform, late));
        Assert.Equal(ErrorCode.TokenInvalid, await TryTakeAsync(platform, EnrolmentToken.Create(null)));
    }

    [Fact]
    public async Task A_replacement_needs_a_device_of_the_same_vault()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (mine, vault) = await platform.AddMemberAsync();
        var (theirs, _) = await platform.AddMemberAsync();
        var lost = await platform.AddDeviceAsync(vault);

        var token = await IssueAsync(platform, mine, lost);
        await using var db = platform.OpenFleet();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var taken = await platform.Get<EnrolmentDesk>()
            .TakeBackAsync(db, token.SecretHash, lost, CancellationToken.None);

        Assert.Equal(lost, taken.ReplacesDeviceId);
        Assert.Equal(
            new TokenOutcome.Invalid(TokenFault.DeviceUnknown), await TryIssueAsync(platform, theirs, lost));
    }

    [Fact]
    public async Task A_revoked_device_stays_in_the_list_and_is_revoked_once()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, vault) = await platform.AddMemberAsync();
        var device = await platform.AddDeviceAsync(vault);
        var directory = platform.Get<DeviceDirectory>();

        var first = await directory.RevokeAsync(device, "stolen", "test", CancellationToken.None);
        platform.Time.Step(TimeSpan.FromHours(1));
        var second = await directory.RevokeAsync(device, "again", "test", CancellationToken.None);

        Assert.Equal(first, second);
        Assert.Equal(first, Assert.Single(await directory.ListAsync(member, CancellationToken.None)).RevokedAt);
        Assert.Equal(1, await platform.ScalarAsync<long>(
            "select count(*) from identity.journal where act = 'device-revoked'"));
        var unknown = await Assert.ThrowsAsync<VaultException>(() =>
            directory.RevokeAsync(DeviceId.New(), "", "test", CancellationToken.None));
        Assert.Equal(ErrorCode.NotFound, unknown.Code);
    }

    [Fact]
    public async Task A_referent_sees_and_revokes_the_tokens_of_their_member_and_no_other()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (mine, _) = await platform.AddMemberAsync();
        var (theirs, _) = await platform.AddMemberAsync();
        var (me, other) = (Person(Role.Referent, mine), Person(Role.Referent, theirs));
        var desk = platform.Get<EnrolmentDesk>();
        var id = (await AskAsync(desk, me, mine)).Id;
        await AskAsync(desk, other, theirs);

        var line = Assert.Single(await desk.ListOpenAsync(me, CancellationToken.None));
        Assert.Equal((id, mine, "Accueil", "Jeanne Morel"), (line.Id, line.Member, line.DeviceName, line.IssuedBy));
        Assert.Null(await desk.FindAsync(other, id, CancellationToken.None));
        Assert.Null(await desk.RevokeAsync(other, id, CancellationToken.None));
        Assert.Null(await desk.IssueAsync(
            other, new NewToken(mine, DeviceKind.Fixed, "Accueil"), CancellationToken.None));
        Assert.True(await desk.IsOpenAsync(id, CancellationToken.None));

        Assert.Equal(TokenState.Revoked, (await desk.RevokeAsync(me, id, CancellationToken.None))?.State);
        Assert.Equal(TokenState.Revoked, (await desk.RevokeAsync(me, id, CancellationToken.None))?.State);
        Assert.False(await desk.IsOpenAsync(id, CancellationToken.None));
        Assert.Empty(await desk.ListOpenAsync(me, CancellationToken.None));
        Assert.Equal(2, await CountAsync(platform, "enrolment-token-issued"));
        Assert.Equal(1, await CountAsync(platform, "enrolment-token-revoked"));
    }

    [Fact]
    public async Task Who_may_not_add_machines_gets_no_token_and_sees_none()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();
        var desk = platform.Get<EnrolmentDesk>();
        var id = (await AskAsync(desk, Person(Role.Referent, member), member)).Id;
        var mayor = Person(Role.Executive, member);

        await Assert.ThrowsAsync<AccessDeniedException>(() => AskAsync(desk, mayor, member));
        await Assert.ThrowsAsync<AccessDeniedException>(() => desk.ListOpenAsync(mayor, CancellationToken.None));
        await Assert.ThrowsAsync<AccessDeniedException>(() => desk.FindAsync(mayor, id, CancellationToken.None));
        await Assert.ThrowsAsync<AccessDeniedException>(() => desk.RevokeAsync(mayor, id, CancellationToken.None));
    }

    [Fact]
    public async Task The_text_of_a_token_is_shown_again_while_it_is_open_and_then_is_nowhere()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();
        var (me, desk) = (Person(Role.Referent, member), platform.Get<EnrolmentDesk>());
        var (used, revoked) = (await AskAsync(desk, me, member), await AskAsync(desk, me, member));

        Assert.Equal(used.Token, (await desk.FindAsync(me, used.Id, CancellationToken.None))?.Token);
        Assert.Equal(ErrorCode.None, await TryTakeAsync(platform, EnrolmentToken.Parse(used.Token)));
        await desk.RevokeAsync(me, revoked.Id, CancellationToken.None);

        var after = await desk.FindAsync(me, used.Id, CancellationToken.None);
        Assert.Equal((TokenState.Used, null), (after?.Line.State, after?.Token));
        Assert.NotNull(after?.Line.Device);
        Assert.Equal(ErrorCode.TokenInvalid, await TryTakeAsync(platform, EnrolmentToken.Parse(revoked.Token)));
        Assert.Equal(0, await platform.ScalarAsync<long>(
            "select count(*) from fleet.enrolment_tokens where text_wrapped is not null"));
        platform.Time.Step(TimeSpan.FromDays(8));
        var late = await AskAsync(desk, me, member);
        platform.Time.Step(TimeSpan.FromDays(7));
        var expired = await desk.FindAsync(me, late.Id, CancellationToken.None);
        Assert.Equal((TokenState.Expired, null), (expired?.Line.State, expired?.Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();

        var outcome = await platform.Get<EnrolmentDesk>().IssueAsync(
            Person(Role.Referent, member), new NewToken(member, DeviceKind.Fixed, name), CancellationToken.None);

        Assert.Equal(new TokenOutcome.Invalid(TokenFault.NameInvalid), outcome);
    }

    [Fact]
    public async Task A_person_has_at_most_fifty_open_tokens_for_a_member()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();
        var (me, desk) = (Person(Role.Referent, member), platform.Get<EnrolmentDesk>());
        for (var number = 0; number < 50; number++) await AskAsync(desk, me, member);

        var outcome = await desk.IssueAsync(
            me, new NewToken(member, DeviceKind.Fixed, "Accueil"), CancellationToken.None);

        Assert.Equal(new TokenOutcome.Invalid(TokenFault.TooMany), outcome);
    }

    private static Caller Person(Role role, MemberId member) => Caller.Of(
        PersonId.New(), "Jeanne Morel", "192.0.2.7", [new RoleGrant(role, member)]);

    private static async Task<TokenOutcome.Issued> AskAsync(EnrolmentDesk desk, Caller caller, MemberId member) =>
        Assert.IsType<TokenOutcome.Issued>(await desk.IssueAsync(
            caller, new NewToken(member, DeviceKind.Fixed, "Accueil"), CancellationToken.None));

    private static Task<long> CountAsync(TestPlatform platform, string act) =>
        platform.ScalarAsync<long>($"select count(*) from identity.journal where act = '{act}'");

    private static async Task<EnrolmentToken> IssueAsync(TestPlatform platform, MemberId member, DeviceId? replaces) =>
        EnrolmentToken.Parse(Assert.IsType<TokenOutcome.Issued>(await TryIssueAsync(platform, member, replaces)).Token);

    private static Task<TokenOutcome?> TryIssueAsync(TestPlatform platform, MemberId member, DeviceId? replaces) =>
        platform.Get<EnrolmentDesk>().IssueAsync(
            Caller.System("test"), new NewToken(member, DeviceKind.Laptop, DeviceName: null, replaces),
            CancellationToken.None);

    private static async Task<ErrorCode> TryTakeAsync(TestPlatform platform, EnrolmentToken token)
    {
        await using var db = platform.OpenFleet();
        await using var transaction = await db.Database.BeginTransactionAsync();
        try
        {
            await platform.Get<EnrolmentDesk>().TakeBackAsync(
                db, token.SecretHash, DeviceId.New(), CancellationToken.None);
            await transaction.CommitAsync();
            return ErrorCode.None;
        }
        catch (VaultException exception)
        {
            return exception.Code;
        }
    }
}

using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Enrolment;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Integration;

public sealed class EnrolmentDeskTests(TestCluster cluster)
{
    [Fact]
    public async Task Of_two_enrolments_at_once_with_one_token_exactly_one_wins()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, vault) = await platform.AddMemberAsync();
        for (var round = 0; round < 10; round++)
        {
            var token = await IssueAsync(platform, vault, replaces: null);
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TryTakeAsync(platform, token)));

            Assert.Single(outcomes, ErrorCode.None);
            Assert.Equal(3, outcomes.Count(outcome => outcome == ErrorCode.TokenUsed));
        }
    }

    [Fact]
    public async Task An_enrolment_that_fails_gives_the_token_back()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, vault) = await platform.AddMemberAsync();
        var token = await IssueAsync(platform, vault, replaces: null);
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
        var (_, vault) = await platform.AddMemberAsync();
        var early = await IssueAsync(platform, vault, replaces: null);
        var late = await IssueAsync(platform, vault, replaces: null);

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
        var (_, mine) = await platform.AddMemberAsync();
        var (_, theirs) = await platform.AddMemberAsync();
        var lost = await platform.AddDeviceAsync(mine);

        var token = await IssueAsync(platform, mine, lost);
        await using var db = platform.OpenFleet();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var taken = await platform.Get<EnrolmentDesk>()
            .TakeBackAsync(db, token.SecretHash, lost, CancellationToken.None);

        Assert.Equal(lost, taken.ReplacesDeviceId);
        var foreign = await Assert.ThrowsAsync<VaultException>(() => IssueAsync(platform, theirs, lost));
        Assert.Equal(ErrorCode.NotFound, foreign.Code);
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

    private static Task<EnrolmentToken> IssueAsync(TestPlatform platform, VaultId vault, DeviceId? replaces) =>
        platform.Get<EnrolmentDesk>().IssueAsync(
            new NewToken(vault, DeviceKind.Laptop, replaces, TimeSpan.FromDays(7)), authority: null, "test",
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

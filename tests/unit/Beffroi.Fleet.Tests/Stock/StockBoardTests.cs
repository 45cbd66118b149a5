using System.Security.Cryptography;
using Beffroi.Fleet.Checks;
using Beffroi.Fleet.Stock;
using Beffroi.Fleet.Tests.Integration;
using Beffroi.Identity.Access;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Stock;

public sealed class StockBoardTests(TestCluster cluster)
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task Stored_bytes_are_counted_by_day_and_agents_by_version()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, vault) = await platform.AddMemberAsync();
        var (talks, silent, gone) = (
            await platform.AddDeviceAsync(vault), await platform.AddDeviceAsync(vault),
            await platform.AddDeviceAsync(vault));
        var now = platform.Time.GetUtcNow();
        await AddPackAsync(platform, vault, 100, now.AddDays(-1));
        await AddPackAsync(platform, vault, 50, now.AddDays(-1));
        await AddPackAsync(platform, vault, 7, now);
        await AddPackAsync(platform, vault, 1000, now.AddDays(-200), isDamaged: true);
        foreach (var device in new[] { talks, gone })
        {
            await platform.ExecuteAsync(
                "insert into fleet.presences (device_id, member_id, at, agent_version, platform, system, host_name, "
                    + "clock_ahead_seconds, power, network, plan_revision, unsent_runs, duplicate_host_names) "
                    + $"values ('{device}', '{member}', now(), '0.2.0', '', '', '', 0, '', '', 0, 0, '{{}}')");
        }
        await platform.ExecuteAsync($"update fleet.devices set revoked_at = now() where id = '{gone}'");

        var stock = await platform.Get<StockBoard>().ReadAsync(Caller.System("test"), Never);

        Assert.Equal((1, 1157L, 1000L, 1), (stock.Vaults, stock.StoredBytes, stock.PromisedBytes, stock.DamagedPacks));
        Assert.Equal([150, 7], stock.Days.Select(day => day.Bytes));
        Assert.Equal([new AgentCount("0.2.0", 1)], stock.Agents);
        Assert.Equal(1, stock.SilentDevices);
        Assert.NotEqual(talks, silent);
    }

    [Fact]
    public async Task Only_who_runs_the_platform_reads_its_stock_and_checks()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();
        foreach (var grant in new[] { new RoleGrant(Role.Referent, member), new RoleGrant(Role.Support, null) })
        {
            var caller = Caller.Of(PersonId.New(), "Luc", null, [grant]);
            await Assert.ThrowsAsync<AccessDeniedException>(() => platform.Get<StockBoard>().ReadAsync(caller, Never));
            await Assert.ThrowsAsync<AccessDeniedException>(
                () => platform.Get<CheckLog>().FindLastAsync(caller, Never));
        }
    }

    [Fact]
    public async Task The_last_check_is_remembered_with_what_it_found()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var log = platform.Get<CheckLog>();
        var (caller, vault) = (Caller.System("admin:test"), VaultId.New());
        Assert.Null(await log.FindLastAsync(caller, Never));

        await log.NoteAsync(caller, new CheckReport([], [], [], [], 3, 9, 700, 2), readData: true, Never);
        var sound = await log.FindLastAsync(caller, Never);
        Assert.Equal((true, true, 0L, 3L, 700L),
            (sound!.IsSound, sound.ReadData, sound.Damages, sound.Packs, sound.Bytes));

        var lost = new UnusablePack(vault, NewPack(), "gone");
        await log.NoteAsync(caller, new CheckReport([], [], [lost], [], 3, 9, 700, 2), readData: false, Never);
        var bad = await log.FindLastAsync(caller, Never);
        Assert.Equal((false, false, 1L), (bad!.IsSound, bad.ReadData, bad.Damages));
    }

    private static PackId NewPack() => new(Digest256.Of(RandomNumberGenerator.GetBytes(16)));

    private static async Task AddPackAsync(
        TestPlatform platform, VaultId vault, int bytes, DateTimeOffset at, bool isDamaged = false)
    {
        await using var db = platform.OpenFleet();
        db.Packs.Add(new Records.Pack
        {
            PackId = NewPack(),
            VaultId = vault,
            Kind = 1,
            Bytes = bytes,
            RecordCount = 1,
            ReceivedAt = at,
            QuarantinedAt = isDamaged ? at : null,
        });
        await db.SaveChangesAsync();
    }
}

using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>What a member's people can reach of another member: nothing, by query or by SQL.</summary>
public sealed class TenantWallTests(TestCluster cluster)
{
    [Fact]
    public async Task A_context_sees_the_members_of_its_scope_and_no_other()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (a, vaultA) = await platform.AddMemberAsync();
        var (b, vaultB) = await platform.AddMemberAsync();
        var deviceA = await platform.AddDeviceAsync(vaultA);
        await platform.AddDeviceAsync(vaultB);
        var contexts = platform.Get<ScopedContexts<FleetDb>>();

        await using var ofA = await contexts.OpenAsync(AccessScope.Of(a), CancellationToken.None);
        await using var ofBoth = await contexts.OpenAsync(AccessScope.Of(a, b), CancellationToken.None);
        await using var ofAll = await contexts.OpenAsync(AccessScope.Platform, CancellationToken.None);
        await using var ofNone = await contexts.OpenAsync(AccessScope.Nobody, CancellationToken.None);

        Assert.Equal([deviceA], await ofA.Devices.Select(row => row.Id).ToListAsync());
        Assert.Equal(2, await ofBoth.Devices.CountAsync());
        Assert.Equal(2, await ofAll.Devices.CountAsync());
        Assert.Equal(0, await ofNone.Devices.CountAsync());
    }

    [Fact]
    public async Task Sql_without_any_filter_meets_the_wall_in_the_database()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (a, vaultA) = await platform.AddMemberAsync();
        var (_, vaultB) = await platform.AddMemberAsync();
        await platform.AddDeviceAsync(vaultA);
        await platform.AddDeviceAsync(vaultB);
        await using var db = await platform.Get<ScopedContexts<FleetDb>>()
            .OpenAsync(AccessScope.Of(a), CancellationToken.None);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        Assert.Equal(1, await CountAsync(connection, "fleet.vaults"));
        Assert.Equal(1, await CountAsync(connection, "fleet.devices"));
        Assert.Equal(1, await CountAsync(connection, "identity.members"));
        Assert.Equal(1, await CountAsync(connection, "identity.journal")); // Of two vaults made, one is seen.
        await ExecuteAsync(connection, "reset role");
        Assert.Equal(1, await CountAsync(connection, "fleet.devices"));
        await DeniedAsync(connection, "select * from fleet.secrets");
        await DeniedAsync(connection, "select * from fleet.records");
        await DeniedAsync(connection, "update identity.journal set actor = 'nobody'");
        await DeniedAsync(connection, "delete from identity.journal");
        await DeniedAsync(
            connection, $"update fleet.vaults set member_id = gen_random_uuid() where id = '{vaultA}'");
    }

    [Fact]
    public async Task A_connection_that_was_told_nothing_sees_nothing_also_when_the_pool_gives_it_again()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (a, _) = await platform.AddMemberAsync();
        await using (await platform.Get<ScopedContexts<FleetDb>>().OpenAsync(AccessScope.Of(a), CancellationToken.None))
        {
        }
        await using var connection = await platform.Get<PeopleDatabase>().Source.OpenConnectionAsync();

        Assert.Equal(0, await CountAsync(connection, "fleet.vaults"));
    }

    [Fact]
    public async Task A_member_writes_into_the_common_chain_and_reads_only_its_own_entries()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (a, _) = await platform.AddMemberAsync();
        var (b, _) = await platform.AddMemberAsync();
        var referent = Caller.Of(
            PersonId.New(), "Jeanne", "192.0.2.7", [new RoleGrant(Role.Referent, a), new RoleGrant(Role.Agent, b)]);
        await using (var db = await platform.Get<ScopedContexts<FleetDb>>()
            .OpenAsync(referent.Scope, CancellationToken.None))
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await platform.Get<ActJournal>().AppendAsync(
                db, PrivilegedAct.Of(referent, "alert-acknowledged", a, ("note", "été")), CancellationToken.None);
            await transaction.CommitAsync();
        }
        var reader = platform.Get<JournalReader>();

        var lines = await reader.ReadAsync(referent, new JournalFilter(), 10, CancellationToken.None);

        Assert.Equal(["alert-acknowledged", "vault-created"], lines.Select(line => line.Act));
        Assert.Equal((referent.Actor, "192.0.2.7", "été"), (lines[0].Actor, lines[0].Origin, lines[0].Detail["note"]));
        Assert.All(lines, line => Assert.Equal(a, line.Member)); // An agent of b may not read b's journal.
        Assert.Null((await reader.CheckAsync(null, CancellationToken.None)).Broken);
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string table)
    {
        await using var command = new NpgsqlCommand($"select count(*) from {table}", connection);
        return (long)(await command.ExecuteScalarAsync())!; // A count is never null.
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task DeniedAsync(NpgsqlConnection connection, string sql)
    {
        var denied = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, sql));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, denied.SqlState);
    }
}

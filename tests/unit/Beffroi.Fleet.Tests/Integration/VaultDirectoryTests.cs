using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.Records;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Identity.Journal;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Beffroi.Fleet.Tests.Integration;

public sealed class VaultDirectoryTests(TestCluster cluster)
{
    [Fact]
    public async Task A_new_vault_has_keys_that_only_its_server_opens()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        await using var stranger = await TestPlatform.CreateAsync(cluster);
        var (_, vault) = await platform.AddMemberAsync();
        await using var db = platform.OpenFleet();
        var row = await db.Vaults.SingleAsync();
        var other = VaultId.New();

        Assert.Equal(vault, row.Id);
        Assert.Equal(32, platform.Get<IKeyService>().OpenGroupSecret(vault, row.GroupSecretWrapped).Length);
        await platform.Get<VaultDirectory>().DemandKeysAsync(platform.Database, CancellationToken.None);
        var strange = await Assert.ThrowsAsync<VaultException>(() =>
            stranger.Get<VaultDirectory>().DemandKeysAsync(platform.Database, CancellationToken.None));
        Assert.Equal(ErrorCode.KeyFileMissing, strange.Code);
        Assert.Throws<VaultException>(() => platform.Get<IKeyService>().OpenGroupSecret(other, row.GroupSecretWrapped));
    }

    [Fact]
    public async Task A_public_key_that_was_exchanged_in_the_database_is_found()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, vault) = await platform.AddMemberAsync();
        using var forged = HpkePrivateKey.Generate();
        await using (var db = platform.OpenFleet())
        {
            var point = forged.PublicKey.ToArray();
            await db.Vaults.ExecuteUpdateAsync(row => row.SetProperty(each => each.ServicePublicKey, point));
        }

        var found = await Assert.ThrowsAsync<VaultException>(() =>
            platform.Get<VaultDirectory>().DemandKeysAsync(platform.Database, CancellationToken.None));
        Assert.Contains(vault.ToString(), found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_vault_has_a_partition_that_keeps_its_records_apart()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, first) = await platform.AddMemberAsync();
        var (_, second) = await platform.AddMemberAsync();
        var id = Digest256.Of([1]).ToArray();

        await CopyRecordAsync(platform, first, id);
        await CopyRecordAsync(platform, second, id); // The same content in two vaults is two records.

        Assert.Equal(1, await platform.ScalarAsync<long>($"select count(*) from {RecordsTable.PartitionOf(first)}"));
        Assert.Equal(1, await platform.ScalarAsync<long>($"select count(*) from {RecordsTable.PartitionOf(second)}"));
        var twice = await Assert.ThrowsAsync<PostgresException>(() => CopyRecordAsync(platform, first, id));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, twice.SqlState);
        var nowhere = await Assert.ThrowsAsync<PostgresException>(() => CopyRecordAsync(platform, VaultId.New(), id));
        Assert.Equal(PostgresErrorCodes.CheckViolation, nowhere.SqlState);
    }

    [Fact]
    public async Task A_vault_can_be_created_while_another_one_is_being_written()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, busy) = await platform.AddMemberAsync();
        await using var connection = await platform.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand(
            $"insert into fleet.records values ('{busy}', '\\x01', 1, 0, 1, 1, 0, false)", connection))
        {
            await insert.ExecuteNonQueryAsync();
        }

        var created = platform.AddMemberAsync();

        Assert.Same(created, await Task.WhenAny(created, Task.Delay(TimeSpan.FromSeconds(60))));
        await created;
        await transaction.RollbackAsync();
    }

    [Fact]
    public async Task A_member_has_one_vault_also_when_two_are_asked_for_at_once()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, _) = await platform.AddMemberAsync();
        using var recovery = HpkePrivateKey.Generate();

        var second = await Assert.ThrowsAsync<VaultException>(() => platform.Get<VaultDirectory>().CreateAsync(
            new NewVault(VaultId.New(), member, recovery.PublicKey, QuotaBytes: 1), "test", CancellationToken.None));

        Assert.Equal(ErrorCode.UsageInvalid, second.Code);
        Assert.Equal(1, await platform.ScalarAsync<long>("select count(*) from identity.journal"));
    }

    [Fact]
    public async Task A_siret_is_one_member()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var directory = platform.Get<MemberDirectory>();
        var asked = new NewMember("Mairie", Siret.Parse("73282932000074"), Population: null, Level: 2);

        var both = await Task.WhenAll(
            directory.AddMemberAsync(asked, CancellationToken.None),
            directory.AddMemberAsync(asked with { Name = "Autre" }, CancellationToken.None));

        Assert.Equal(both[0].Member, both[1].Member);
        Assert.Single(both, result => result.IsNew);
        Assert.Equal(both[0].Member, await directory.FindMemberAsync(both[0].Member.Id, CancellationToken.None));
    }

    [Fact]
    public async Task The_one_operator_is_there_and_can_be_named_anew()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var directory = platform.Get<MemberDirectory>();
        var siret = Siret.Parse("73282932000074");

        var first = await directory.NameOperatorAsync("Syndicat", siret, CancellationToken.None);
        var second = await directory.NameOperatorAsync("Syndicat mixte", siret, CancellationToken.None);

        Assert.Equal(first, second);
        Assert.Equal("Syndicat mixte", await platform.ScalarAsync<string>("select name from identity.operators"));
    }

    [Fact]
    public async Task The_quota_changes_and_the_journal_says_from_what_to_what()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (member, vault) = await platform.AddMemberAsync();

        await platform.Get<VaultDirectory>().SetQuotaAsync(vault, 5000, "admin:root", CancellationToken.None);

        Assert.Equal(5000, (await platform.Get<VaultDirectory>()
            .FindAsync(member, CancellationToken.None))?.QuotaBytes);
        Assert.Equal(
            "admin:root 1000 5000",
            await platform.ScalarAsync<string>(
                "select actor || ' ' || (detail->>'before') || ' ' || (detail->>'quotaBytes') from identity.journal "
                    + "where act = 'quota-set'"));
    }

    [Theory]
    [InlineData("update identity.journal set detail = '{\"before\":\"1\",\"quotaBytes\":\"7\"}' where id = 3", 3)]
    [InlineData("update identity.journal set actor = 'nobody' where id = 2", 2)]
    [InlineData("delete from identity.journal where id = 2", 2)]
    [InlineData("update identity.journal set at = at + interval '1 second' where id = 1", 1)]
    public async Task A_changed_journal_is_found_out(string tampering, long expected)
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, vault) = await platform.AddMemberAsync();
        for (var quota = 1; quota <= 3; quota++)
            await platform.Get<VaultDirectory>().SetQuotaAsync(vault, quota, "admin:é\"\\", CancellationToken.None);
        var journal = platform.Get<JournalReader>();
        Assert.Null((await journal.CheckAsync(null, CancellationToken.None)).Broken);

        await platform.ExecuteAsync(tampering);

        Assert.Equal(expected, (await journal.CheckAsync(null, CancellationToken.None)).Broken);
    }

    [Fact]
    public async Task Entries_cut_off_the_end_are_found_out_by_the_mark()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, vault) = await platform.AddMemberAsync();
        var vaults = platform.Get<VaultDirectory>();
        for (var quota = 1; quota <= 3; quota++)
            await vaults.SetQuotaAsync(vault, quota, "admin:root", CancellationToken.None);
        var watch = platform.Get<JournalWatch>();
        Assert.Null((await watch.VerifyAsync(CancellationToken.None)).Broken);
        var head = platform.Get<IJournalMark>().Read()!;

        await platform.ExecuteAsync($"delete from identity.journal where id = {head.Number}");
        Assert.Equal(head.Number, (await watch.VerifyAsync(CancellationToken.None)).Broken);

        // Another entry in its place follows the one before it, and is not the one that the mark names.
        await vaults.SetQuotaAsync(vault, 9, "admin:root", CancellationToken.None);
        Assert.Equal(head.Number, (await watch.VerifyAsync(CancellationToken.None)).Broken);
        Assert.Equal(
            head.Number,
            (await platform.Get<JournalReader>().FollowAsync(head, CancellationToken.None)).Broken);

        Assert.Equal(head.Number, (await watch.AcceptAsync(CancellationToken.None)).Number);
        Assert.Null((await watch.VerifyAsync(CancellationToken.None)).Broken);
    }

    [Fact]
    public async Task What_is_new_in_the_journal_is_followed_from_the_mark()
    {
        await using var platform = await TestPlatform.CreateAsync(cluster);
        var (_, vault) = await platform.AddMemberAsync();
        var vaults = platform.Get<VaultDirectory>();
        await vaults.SetQuotaAsync(vault, 1, "admin:root", CancellationToken.None);
        await platform.Get<JournalWatch>().VerifyAsync(CancellationToken.None);
        var head = platform.Get<IJournalMark>().Read()!;
        for (var quota = 2; quota <= 4; quota++)
            await vaults.SetQuotaAsync(vault, quota, "admin:root", CancellationToken.None);
        var journal = platform.Get<JournalReader>();

        var sound = await journal.FollowAsync(head, CancellationToken.None);
        await platform.ExecuteAsync($"update identity.journal set actor = 'nobody' where id = {head.Number + 2}");
        var changed = await journal.FollowAsync(head, CancellationToken.None);

        Assert.Equal((null, head.Number + 3), (sound.Broken, sound.Head.Number));
        Assert.Equal(head.Number + 2, changed.Broken);
    }

    private static async Task CopyRecordAsync(TestPlatform platform, VaultId vault, byte[] id)
    {
        await using var connection = await platform.Database.OpenConnectionAsync();
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy fleet.records (vault_id, id, pack_ordinal, \"offset\", length, type, secret_ordinal) from stdin "
                + "(format binary)");
        await copy.StartRowAsync();
        await copy.WriteAsync(vault.Value, NpgsqlDbType.Uuid);
        await copy.WriteAsync(id, NpgsqlDbType.Bytea);
        await copy.WriteAsync(1L, NpgsqlDbType.Bigint);
        await copy.WriteAsync(0, NpgsqlDbType.Integer);
        await copy.WriteAsync(100, NpgsqlDbType.Integer);
        await copy.WriteAsync((short)1, NpgsqlDbType.Smallint);
        await copy.WriteAsync((short)0, NpgsqlDbType.Smallint);
        await copy.CompleteAsync();
    }
}

using System.Net;
using Beffroi.Fleet.Checks;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.MemberLog;
using Beffroi.Fleet.Rebuild;
using Beffroi.Fleet.Vaults;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Npgsql;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>Disks that fail and databases that are lost.</summary>
public sealed class DamageTests(TestCluster cluster)
{
    private static readonly IProgress<string> Quiet = new Progress<string>();

    [Fact]
    public async Task A_sound_vault_is_found_sound()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        await agent.BackUpAsync([1, 2, 3]);

        foreach (var readData in new[] { false, true })
        {
            var report = await host.Get<VaultCheck>().RunAsync(readData, Quiet, CancellationToken.None);
            Assert.True(report.IsSound);
            Assert.Equal((2, 2, 1), (report.Packs, report.Records, report.Snapshots));
        }
    }

    [Fact]
    public async Task A_flipped_bit_is_found_named_asked_for_again_and_healed()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var hit = await agent.BackUpAsync([1, 2, 3]);
        var spared = await agent.BackUpAsync([4, 5, 6], sequence: 2, previous: hit.Commit.Id);
        await host.Blobs.FlipBitAsync(BlobNames.Pack(vault, hit.Data.Id), PackLimits.HeaderBytes + 50);

        var report = await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None);

        var damaged = Assert.Single(report.Damaged);
        Assert.Equal(
            (hit.Chunk.Ref.Id, hit.Data.Id, PackLimits.HeaderBytes), (damaged.Record, damaged.Pack, damaged.Offset));
        Assert.Equal(
            new AffectedSnapshot(hit.Commit.Id, agent.Device, 1), Assert.Single(damaged.Snapshots));
        Assert.Equal("01", await agent.HaveAsync(hit.Chunk.Ref.Id, spared.Chunk.Ref.Id));
        Assert.Same(TestAgent.Damaged, (await agent.RecordsAsync(hit.Chunk.Ref.Id))[hit.Chunk.Ref.Id]);
        Assert.Equal([hit.Chunk.Ref.Id.ToString()], (await agent.OpenSessionAsync()).Damaged);

        using var healed = await agent.PutAsync(agent.Pack(PackKind.Data, agent.SealChunk([7]), hit.Chunk));

        healed.EnsureSuccessStatusCode();
        Assert.Equal("1", await agent.HaveAsync(hit.Chunk.Ref.Id));
        Assert.Equal(hit.Chunk.Memory.ToArray(), (await agent.RecordsAsync(hit.Chunk.Ref.Id))[hit.Chunk.Ref.Id]);
        Assert.Empty((await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None)).Damaged);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_bad_sector_costs_the_records_that_lie_on_it_and_no_others(bool isCheck)
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var (hit, spared) = (agent.SealChunk([1, 2, 3]), agent.SealChunk([4, 5, 6]));
        var pack = agent.Pack(PackKind.Data, hit, spared);
        (await agent.PutAsync(pack)).EnsureSuccessStatusCode();
        host.Blobs.BadSector = (BlobNames.Pack(vault, pack.Id), PackLimits.HeaderBytes + 5);

        if (isCheck)
        {
            var report = await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None);
            Assert.Equal(hit.Ref.Id, Assert.Single(report.Damaged).Record);
            Assert.Equal(pack.Id, Assert.Single(report.UnusablePacks).Pack);
        }
        var read = await agent.RecordsAsync(hit.Ref.Id, spared.Ref.Id);

        Assert.Same(TestAgent.Damaged, read[hit.Ref.Id]);
        Assert.Equal(spared.Memory.ToArray(), read[spared.Ref.Id]);
        Assert.Equal("01", await agent.HaveAsync(hit.Ref.Id, spared.Ref.Id));
    }

    [Fact]
    public async Task A_bad_sector_under_the_list_of_a_pack_does_not_end_a_rebuild()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1, 2, 3]);
        host.Blobs.BadSector = (BlobNames.Pack(vault, snapshot.Data.Id), snapshot.Data.Bytes - 1);

        var report = await host.Get<IndexRebuild>().RunAsync(member: null, Quiet, CancellationToken.None);

        Assert.Equal((1, 1L), (report.Vaults, report.Snapshots));
        Assert.Equal(
            BlobNames.Pack(vault, snapshot.Data.Id).Value, Assert.Single(report.UnreadablePacks).Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_check_reads_a_damaged_record_from_another_pack_that_holds_it_sound(bool isFlipped)
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var hit = await agent.BackUpAsync([1, 2, 3]);
        var lost = agent.SealChunk([4]);
        (await agent.PutAsync(agent.Pack(PackKind.Data, lost))).EnsureSuccessStatusCode();
        var copy = agent.Pack(PackKind.Data, agent.SealChunk([7]), hit.Chunk);
        (await agent.PutAsync(copy)).EnsureSuccessStatusCode();
        var name = BlobNames.Pack(vault, hit.Data.Id);
        if (isFlipped) await host.Blobs.FlipBitAsync(name, PackLimits.HeaderBytes + 50);
        else await host.Blobs.TruncateAsync(name, PackLimits.HeaderBytes);

        var report = await host.Get<VaultCheck>().RunAsync(readData: isFlipped, Quiet, CancellationToken.None);

        Assert.Equal(
            new RepointedRecord(vault, hit.Chunk.Ref.Id, hit.Data.Id, copy.Id), Assert.Single(report.Repointed));
        Assert.Empty(report.Damaged);
        Assert.False(report.IsSound);
        Assert.Equal("1", await agent.HaveAsync(hit.Chunk.Ref.Id));
        Assert.Equal(hit.Chunk.Memory.ToArray(), (await agent.RecordsAsync(hit.Chunk.Ref.Id))[hit.Chunk.Ref.Id]);
        var next = await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None);
        Assert.Empty(next.Repointed);
        Assert.Empty(next.Damaged);
    }

    [Fact]
    public async Task A_damaged_copy_takes_no_other_ones_place()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var hit = await agent.BackUpAsync([1, 2, 3]);
        var copy = agent.Pack(PackKind.Data, hit.Chunk, agent.SealChunk([7]));
        (await agent.PutAsync(copy)).EnsureSuccessStatusCode();
        foreach (var pack in new[] { hit.Data.Id, copy.Id })
            await host.Blobs.FlipBitAsync(BlobNames.Pack(vault, pack), PackLimits.HeaderBytes + 50);

        var report = await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None);

        Assert.Empty(report.Repointed);
        var damaged = Assert.Single(report.Damaged, each => each.Record == hit.Chunk.Ref.Id);
        Assert.Equal(hit.Commit.Id, Assert.Single(damaged.Snapshots).Snapshot);
        Assert.Equal("0", await agent.HaveAsync(hit.Chunk.Ref.Id));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_rebuild_lists_the_sound_one_of_two_copies(bool isFirstHit, bool isSecondHit)
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var hit = await agent.BackUpAsync([1, 2, 3]);
        // The copy is the first record here too, and the flipped bit is in it.
        var copy = agent.Pack(PackKind.Data, hit.Chunk, agent.SealChunk([7]));
        (await agent.PutAsync(copy)).EnsureSuccessStatusCode();
        foreach (var (pack, isHit) in new[] { (hit.Data.Id, isFirstHit), (copy.Id, isSecondHit) })
        {
            if (isHit) await host.Blobs.FlipBitAsync(BlobNames.Pack(vault, pack), PackLimits.HeaderBytes + 50);
        }

        await using var fresh = await host.StartAnotherAsync(emptyDatabaseOf: cluster);
        var report = await fresh.Get<IndexRebuild>().RunAsync(member: null, Quiet, CancellationToken.None);

        var isLost = isFirstHit && isSecondHit;
        var listed = await fresh.ScalarAsync<bool>(
            $"select damaged from fleet.records where id = '\\x{hit.Chunk.Ref.Id}'");
        Assert.Equal(isLost, listed);
        using var again = new TestAgent(fresh.Http)
        {
            Signing = agent.Signing,
            Sealing = agent.Sealing,
            MachineSecret = agent.MachineSecret,
            Identity = agent.Identity,
        };
        await again.OpenSessionAsync();
        var read = (await again.RecordsAsync(hit.Chunk.Ref.Id))[hit.Chunk.Ref.Id];
        Assert.Equal(isLost ? TestAgent.Damaged : hit.Chunk.Memory.ToArray(), read);
        // The copies are looked at in the order in which a rebuild lists packs, and a sound one ends the look.
        Assert.InRange(report.DamagedCopies, isLost ? 2 : 0, isLost ? 2 : 1);
    }

    [Fact]
    public async Task The_same_pack_sent_again_replaces_the_damaged_one()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1, 2, 3]);
        var used = await host.ScalarAsync<long>("select used_bytes from fleet.vaults");
        await host.Blobs.FlipBitAsync(BlobNames.Pack(vault, snapshot.Data.Id), PackLimits.HeaderBytes + 50);
        await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None);

        (await agent.PutAsync(snapshot.Data)).EnsureSuccessStatusCode();

        Assert.Equal("1", await agent.HaveAsync(snapshot.Chunk.Ref.Id));
        Assert.True((await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None)).IsSound);
        Assert.Equal(used, await host.ScalarAsync<long>("select used_bytes from fleet.vaults"));
    }

    [Fact]
    public async Task A_damaged_root_makes_its_snapshot_unusable_and_a_mended_disk_makes_it_usable_again()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1, 2, 3]);
        var name = BlobNames.Pack(vault, snapshot.Catalogue.Id);
        await host.Blobs.FlipBitAsync(name, PackLimits.HeaderBytes + 50);

        var report = await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None);
        await host.Blobs.FlipBitAsync(name, PackLimits.HeaderBytes + 50);
        var mended = await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None);

        Assert.Equal(snapshot.Commit.Id, Assert.Single(report.UnusableSnapshots).Snapshot);
        Assert.Equal(snapshot.Root.Ref.Id, Assert.Single(report.Damaged).Record);
        Assert.True(mended.IsSound);
    }

    [Fact]
    public async Task A_cut_pack_is_noticed_while_it_is_read_and_by_a_quick_check()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var (near, far) = (agent.SealChunk([1]), agent.SealChunk([2]));
        var pack = agent.Pack(PackKind.Data, near, far);
        (await agent.PutAsync(pack)).EnsureSuccessStatusCode();
        await host.Blobs.TruncateAsync(BlobNames.Pack(vault, pack.Id), PackLimits.HeaderBytes + near.Bytes + 3);

        var read = await agent.RecordsAsync(near.Ref.Id, far.Ref.Id);

        Assert.Equal(near.Memory.ToArray(), read[near.Ref.Id]);
        Assert.Same(TestAgent.Damaged, read[far.Ref.Id]);
        Assert.Equal("10", await agent.HaveAsync(near.Ref.Id, far.Ref.Id));
        var report = await host.Get<VaultCheck>().RunAsync(readData: false, Quiet, CancellationToken.None);
        Assert.Equal(pack.Id, Assert.Single(report.UnusablePacks).Pack);
        Assert.Equal(2, report.Damaged.Count);
    }

    [Fact]
    public async Task A_lost_database_comes_back_from_the_blobs_and_answers_as_before()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, vault, _) = await host.AddMemberAsync();
        var (_, second, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        using var revoked = await host.EnrolAsync(vault);
        using var elsewhere = await host.EnrolAsync(second);
        var first = await agent.BackUpAsync([1, 2, 3]);
        await agent.BackUpAsync([4, 5], sequence: 2, previous: first.Commit.Id);
        await elsewhere.BackUpAsync([6]);
        using var replacement = await host.EnrolAsync(vault, replaces: agent.Device);
        await host.Get<DeviceDirectory>().RevokeAsync(revoked.Device, "stolen", "test", CancellationToken.None);
        await host.Get<VaultDirectory>().SetQuotaAsync(vault, 77_000, "test", CancellationToken.None);
        var before = await AnswersAsync(host, replacement, first);

        await using var fresh = await host.StartAnotherAsync(emptyDatabaseOf: cluster);
        var report = await fresh.Get<IndexRebuild>().RunAsync(member: null, Quiet, CancellationToken.None);

        Assert.Equal((2, 3, 6, 6, 3), (report.Vaults, report.Devices, report.Packs, report.Records, report.Snapshots));
        Assert.Empty(report.UnreadablePacks);
        Assert.Empty(report.UnusableCommits);
        using var again = new TestAgent(fresh.Http)
        {
            Signing = replacement.Signing,
            Sealing = replacement.Sealing,
            MachineSecret = replacement.MachineSecret,
            Identity = replacement.Identity,
        };
        await again.OpenSessionAsync();
        Assert.Equal(before, await AnswersAsync(fresh, again, first));
        Assert.Equal((77_000, 2), (again.Session.QuotaBytes, again.Session.LastSequence));
        Assert.Equal(Rows(await host.ScalarAsync<string>(State)), Rows(await fresh.ScalarAsync<string>(State)));
        Assert.True((await fresh.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None)).IsSound);
        Assert.Equal(1, (await fresh.Get<IndexRebuild>().RunAsync(member, Quiet, CancellationToken.None)).Vaults);
        await again.BackUpAsync(
            [8], sequence: 3, previous: new SnapshotId(Digest256.Parse(again.Session.LastSnapshot!)));
    }

    [Fact]
    public async Task A_live_rebuild_changes_nothing_and_lists_what_was_never_listed()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (member, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1, 2, 3]);
        await host.Blobs.FlipBitAsync(BlobNames.Pack(vault, snapshot.Data.Id), PackLimits.HeaderBytes + 50);
        await host.Get<VaultCheck>().RunAsync(readData: true, Quiet, CancellationToken.None);
        var before = await host.ScalarAsync<string>(State);
        await host.Get<IndexRebuild>().RunAsync(member, Quiet, CancellationToken.None);
        Assert.Equal(Rows(before), Rows(await host.ScalarAsync<string>(State)));
        Assert.Equal("01", await agent.HaveAsync(snapshot.Chunk.Ref.Id, snapshot.Root.Ref.Id));

        var orphan = agent.SealChunk([9]);
        host.Blobs.AfterPut = _ => throw new InvalidOperationException("The power went away.");
        using var died = await agent.PutAsync(agent.Pack(PackKind.Data, orphan));
        host.Blobs.AfterPut = null;
        await host.Get<IndexRebuild>().RunAsync(member, Quiet, CancellationToken.None);

        Assert.Equal("1", await agent.HaveAsync(orphan.Ref.Id));
    }

    [Fact]
    public async Task While_the_index_is_being_rebuilt_uploads_wait_and_reading_goes_on()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1]);
        var pack = agent.Pack(PackKind.Data, agent.SealChunk([2]));
        await using (var connection = await host.Database.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var rebuild = new NpgsqlCommand(
                $"select pg_advisory_xact_lock({VaultLocks.OfIndex(vault)})", connection);
            await rebuild.ExecuteNonQueryAsync();

            using var waits = await agent.PutAsync(pack);

            await IntakeTests.AssertRefusedAsync(
                waits, HttpStatusCode.ServiceUnavailable, ErrorCode.DatabaseUnavailable);
            Assert.True((await TestAgent.FailureAsync(waits)).Retryable);
            Assert.NotNull(waits.Headers.RetryAfter);
            Assert.Equal("1", await agent.HaveAsync(snapshot.Chunk.Ref.Id));
        }
        using var again = await agent.PutAsync(pack);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
    }

    [Fact]
    public async Task What_the_log_says_is_true_even_if_the_server_died_before_the_database_knew()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        var token = await host.TokenAsync(vault);
        using var agent = new TestAgent(host.Http);
        host.Blobs.AfterPut = _ => throw new InvalidOperationException("The power went away.");
        using var died = await agent.TryEnrolAsync(token);
        host.Blobs.AfterPut = null;
        Assert.Equal(0, await host.ScalarAsync<long>("select count(*) from fleet.devices"));

        await agent.EnrolAsync(token); // The same request again: the machine is in, once.

        await agent.OpenSessionAsync();
        await agent.BackUpAsync([1]);
        Assert.Equal(1, await host.ScalarAsync<long>("select count(*) from fleet.devices"));
        Assert.Equal(2, await host.ScalarAsync<long>("select log_height from fleet.vaults"));
    }

    /// <summary>All that a rebuild promises to bring back, from every table.</summary>
    private const string State = """
        select string_agg(line, chr(10) order by line) from (
            select row(v.id, member_id, quota_bytes, used_bytes, log_height, log_head, group_secret_id,
                       group_secret_wrapped, service_private_key_wrapped, recovery_public_key,
                       date_trunc('milliseconds', created_at))::text as line
            from fleet.vaults v
            union all select row(id, vault_id, name, kind, platform, sign_key, hpke_key, machine_secret_ordinal,
                                 revoked_at is null, last_sequence, last_commit_id)::text from fleet.devices
            union all select row(vault_id, ordinal, secret_id, device_id)::text from fleet.secrets
            union all select row(token_hash, used_by_device_id)::text from fleet.enrolment_tokens
            where used_at is not null
            union all select s::text from fleet.snapshots s
            union all select row(r.id, p.pack_id, "offset", length, type, secret_ordinal, damaged)::text
            from fleet.records r join fleet.packs p on p.ordinal = r.pack_ordinal
            union all select row(id, name, siret, population, level)::text from identity.members
        ) as lines
        """;

    private static string[] Rows(string? state) => (state ?? "").Split('\n');

    private static async Task<string> AnswersAsync(IntakeHost host, TestAgent agent, TestSnapshot snapshot)
    {
        var records = await agent.RecordsAsync(snapshot.Chunk.Ref.Id, snapshot.Root.Ref.Id);
        using var vault = await agent.SendAsync(HttpMethod.Get, "/v1/vault", body: null);
        using var commit = await agent.SendAsync(HttpMethod.Get, $"/v1/snapshots/{snapshot.Commit.Id}", body: null);
        return string.Join('\n',
        [
            .. (await agent.SnapshotsAsync()).Select(each => each.ToString()),
            .. records.OrderBy(record => record.Key.Value).Select(record => Convert.ToHexString(record.Value)),
            await vault.Content.ReadAsStringAsync(),
            Convert.ToHexString(await commit.Content.ReadAsByteArrayAsync()),
            (await host.ScalarAsync<long>("select sum(used_bytes)::bigint from fleet.vaults")).ToString(),
        ]);
    }
}

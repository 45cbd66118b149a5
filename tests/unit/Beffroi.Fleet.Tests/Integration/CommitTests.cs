using System.Net;
using Beffroi.Fleet.Checks;
using Beffroi.Fleet.Rebuild;
using Beffroi.Intake;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Packs;
using static Beffroi.Fleet.Tests.Integration.IntakeTests;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>What makes a snapshot, and what does not.</summary>
public sealed class CommitTests(TestCluster cluster)
{
    [Fact]
    public async Task A_commit_without_its_root_is_refused_with_what_is_missing()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var chunk = agent.SealChunk([1]);
        (await agent.PutAsync(agent.Pack(PackKind.Data, chunk))).EnsureSuccessStatusCode();

        using var missing = await agent.CommitAsync(agent.Sign(1, previous: null, agent.SealSegment([1])));
        using var notASegment = await agent.CommitAsync(agent.Sign(1, previous: null, chunk));

        await AssertRefusedAsync(missing, HttpStatusCode.Conflict, ErrorCode.ReferencesMissing);
        Assert.Equal([agent.SealSegment([1]).Ref.Id.ToString()], (await TestAgent.FailureAsync(missing)).Missing);
        await AssertRefusedAsync(notASegment, HttpStatusCode.Conflict, ErrorCode.ReferencesMissing);
        Assert.Empty(await agent.SnapshotsAsync());
    }

    [Fact]
    public async Task A_commit_out_of_order_is_refused_with_the_last_one()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var first = await agent.BackUpAsync([1]);

        foreach (var wrong in new[]
        {
            agent.Sign(1, previous: null, first.Root),
            agent.Sign(3, first.Commit.Id, first.Root),
            agent.Sign(2, previous: null, first.Root),
        })
        {
            using var answer = await agent.CommitAsync(wrong);
            await AssertRefusedAsync(answer, HttpStatusCode.Conflict, ErrorCode.CommitOutOfOrder);
            var failure = await TestAgent.FailureAsync(answer);
            Assert.Equal((1, first.Commit.Id.ToString()), (failure.LastSequence, failure.LastSnapshot));
        }
        await agent.BackUpAsync([2], sequence: 2, previous: first.Commit.Id);
    }

    [Fact]
    public async Task A_commit_that_is_forged_or_sealed_to_others_is_refused()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        using var neighbour = await host.EnrolAsync(vault);
        var root = agent.SealSegment([1]);
        (await agent.PutAsync(agent.Pack(PackKind.Catalogue, root))).EnsureSuccessStatusCode();
        var good = agent.Sign(1, previous: null, root);
        byte[] flipped = [.. good.Bytes.ToArray()];
        flipped[^1] ^= 1;

        using var forged = await agent.SendAsync(HttpMethod.Post, "/v1/commits", flipped);
        using var foreign = await neighbour.CommitAsync(good);
        using var unrecoverable = await agent.CommitAsync(
            agent.Sign(1, previous: null, root, commit => commit with
            {
                Recipients =
                [
                    commit.Recipients[0] with { KeyId = agent.Sealing.PublicKey.KeyId },
                    commit.Recipients[1],
                ],
            }));
        using var unmanaged = await agent.CommitAsync(
            agent.Sign(1, previous: null, root, commit => commit with { Recipients = [commit.Recipients[0]] }));
        using var garbage = await agent.SendAsync(HttpMethod.Post, "/v1/commits", [1, 2, 3]);

        await AssertRefusedAsync(forged, HttpStatusCode.BadRequest, ErrorCode.CommitForged);
        await AssertRefusedAsync(foreign, HttpStatusCode.BadRequest, ErrorCode.CommitForged);
        await AssertRefusedAsync(unrecoverable, HttpStatusCode.BadRequest, ErrorCode.CommitMalformed);
        await AssertRefusedAsync(unmanaged, HttpStatusCode.BadRequest, ErrorCode.CommitMalformed);
        await AssertRefusedAsync(garbage, HttpStatusCode.BadRequest, ErrorCode.CommitMalformed);
        Assert.Empty(await agent.SnapshotsAsync());
    }

    [Fact]
    public async Task A_commit_repeated_has_the_receipt_it_had()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1]);
        host.Time.Step(TimeSpan.FromMinutes(5));

        using var again = await agent.CommitAsync(snapshot.Commit);

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(snapshot.Receipt.Bytes.ToArray(), await again.Content.ReadAsByteArrayAsync());
        Assert.Single(await agent.SnapshotsAsync());
    }

    [Fact]
    public async Task Of_commits_of_two_runs_at_once_one_is_the_snapshot()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var root = agent.SealSegment([1]);
        (await agent.PutAsync(agent.Pack(PackKind.Catalogue, root))).EnsureSuccessStatusCode();
        var commits = Enumerable.Range(0, 4).Select(_ => agent.Sign(1, previous: null, root)).ToList();

        var answers = await Task.WhenAll(commits.Select(agent.CommitAsync));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var late in answers.Where(answer => !answer.IsSuccessStatusCode))
            await AssertRefusedAsync(late, HttpStatusCode.Conflict, ErrorCode.CommitOutOfOrder);
        Assert.Single(await agent.SnapshotsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_that_is_durable_is_a_snapshot_even_if_the_server_died_right_then(bool restarts)
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var root = agent.SealSegment([1]);
        (await agent.PutAsync(agent.Pack(PackKind.Catalogue, root))).EnsureSuccessStatusCode();
        var commit = agent.Sign(1, previous: null, root);
        host.Blobs.AfterPut = _ => throw new InvalidOperationException("The power went away.");
        using var died = await agent.CommitAsync(commit);
        host.Blobs.AfterPut = null;
        Assert.False(died.IsSuccessStatusCode);
        Assert.Empty(await agent.SnapshotsAsync());
        host.Time.Step(TimeSpan.FromMinutes(5));
        if (restarts)
        {
            await using var next = await host.StartAnotherAsync();
            Assert.Single(await agent.SnapshotsAsync());
        }

        using var again = await agent.CommitAsync(commit);
        using var other = await agent.CommitAsync(agent.Sign(1, previous: null, root));

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        var receipt = CommitCodec.ParseReceipt(await again.Content.ReadAsByteArrayAsync());
        // The first receipt, not a second one.
        Assert.Equal(host.Time.GetUtcNow() - TimeSpan.FromMinutes(5), receipt.Received);
        await AssertRefusedAsync(other, HttpStatusCode.Conflict, ErrorCode.CommitOutOfOrder);
        Assert.Equal(commit.Id.ToString(), Assert.Single(await agent.SnapshotsAsync()).Id);
    }

    [Fact]
    public async Task A_damaged_commit_of_one_device_keeps_no_other_from_being_served()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var hurt = await host.EnrolAsync(vault);
        using var sound = await host.EnrolAsync(vault);
        var first = (await hurt.BackUpAsync([1])).Commit;
        foreach (var (agent, commit) in new[]
        {
            (hurt, hurt.Sign(2, first.Id, hurt.SealSegment([1]))), (sound, sound.Sign(1, null, sound.SealSegment([1]))),
        })
        {
            (await agent.PutAsync(agent.Pack(PackKind.Catalogue, agent.SealSegment([1])))).EnsureSuccessStatusCode();
            host.Blobs.AfterPut = _ => throw new InvalidOperationException("The power went away.");
            (await agent.CommitAsync(commit)).Dispose();
            host.Blobs.AfterPut = null;
        }
        await host.Blobs.TruncateAsync(BlobNames.Commit(vault, hurt.Device, 1, first.Id), 10);

        await using var next = await host.StartAnotherAsync();

        Assert.Equal(1L, await next.ScalarAsync<long>(
            $"select count(*) from fleet.snapshots where device_id = '{sound.Device}'"));
        Assert.Contains($"Device {hurt.Device}", Assert.Single(next.Errors.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_reads_no_commit_of_devices_that_have_no_new_one()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        await agent.BackUpAsync([1]);
        host.Blobs.BeforeRead = name => Assert.Fail($"{name} was read.");

        Assert.Equal(0, await host.Get<ICommitLedger>().ReconcileAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_commit_whose_agent_goes_away_once_it_is_durable_is_a_snapshot()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var commit = CommitCodec.Countersign(
            agent.Sign(1, previous: null, agent.SealSegment([1])), host.Time.GetUtcNow(),
            host.Get<IntakeKeys>().Server);
        using var gone = new CancellationTokenSource();
        host.Blobs.AfterPut = _ => gone.Cancel();

        await using (var turn = await host.Get<ICommitLedger>().TakeTurnAsync(agent.Device, CancellationToken.None))
            await turn.AppendAsync(commit, gone.Token);

        Assert.Equal(1L, await host.ScalarAsync<long>("select count(*) from fleet.snapshots"));
    }

    [Fact]
    public async Task A_database_put_back_from_an_older_dump_is_told_from_one_that_is_whole()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        await agent.BackUpAsync([1]);
        await host.ScalarAsync<object>("""
            update fleet.devices set last_sequence = 0, last_commit_id = null, last_snapshot_at = null;
            delete from fleet.snapshots; delete from fleet.records; delete from fleet.packs;
            """);

        await using var next = await host.StartAnotherAsync();

        Assert.Single(await agent.SnapshotsAsync());
        Assert.Contains("rebuild-index", Assert.Single(next.Errors.Lines), StringComparison.Ordinal);
        await next.Get<IndexRebuild>().RunAsync(member: null, new Progress<string>(), CancellationToken.None);
        Assert.True((await next.Get<VaultCheck>().RunAsync(
            readData: true, new Progress<string>(), CancellationToken.None)).IsSound);
    }

    [Fact]
    public async Task An_agent_that_goes_away_during_a_commit_leaves_its_device_unlocked()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var ledger = host.Get<ICommitLedger>();
        host.Blobs.BeforeList = _ => throw new OperationCanceledException("The agent was killed.");
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => ledger.TakeTurnAsync(agent.Device, CancellationToken.None));
        host.Blobs.BeforeList = null;

        // Would wait for ever for the row that the first turn had locked.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var turn = await ledger.TakeTurnAsync(agent.Device, patience.Token);

        Assert.Null(turn.Last);
    }
}

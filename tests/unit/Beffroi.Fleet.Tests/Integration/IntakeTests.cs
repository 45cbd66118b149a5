using System.Net;
using System.Net.Http.Json;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Protocol;
using Beffroi.Server.Web;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Packs;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>A machine's life as the protocol promises it.</summary>
public sealed class IntakeTests(TestCluster cluster)
{
    [Fact]
    public async Task What_a_machine_backs_up_it_gets_back_byte_for_byte()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, recovery) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);

        var snapshot = await agent.BackUpAsync([1, 2, 3]);

        var listed = Assert.Single(await agent.SnapshotsAsync());
        Assert.Equal(snapshot.Commit.Id.ToString(), listed.Id);
        Assert.Equal(host.Time.GetUtcNow(), listed.Received);
        Assert.Equal(2001, listed.Ended.Year);
        var records = await agent.RecordsAsync(snapshot.Root.Ref.Id, snapshot.Chunk.Ref.Id);
        Assert.Equal(snapshot.Chunk.Memory.ToArray(), records[snapshot.Chunk.Ref.Id]);
        Assert.Equal(snapshot.Root.Memory.ToArray(), records[snapshot.Root.Ref.Id]);
        Assert.True(snapshot.Receipt.IsCountersignedBy(VerifyingKey.Import(agent.Identity.ServerKey)));
        Assert.Equal(recovery.PublicKey.ToArray(), agent.Identity.RecoveryKey);
        using var whole = await agent.SendAsync(HttpMethod.Get, $"/v1/snapshots/{snapshot.Commit.Id}", body: null);
        Assert.Equal(snapshot.Receipt.Bytes.ToArray(), await whole.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_root_key_comes_back_sealed_to_the_device_alone_and_the_log_says_so()
    {
        await using var host = await IntakeHost.StartAsync(cluster, new() { RootKeysPerHourMax = 1 });
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1, 2, 3]);
        var other = await agent.BackUpAsync([4], sequence: 2, previous: snapshot.Commit.Id);

        using var first = await agent.RootKeyAsync(snapshot.Commit.Id);
        var answer = await TestAgent.ReadAsync(first, ProtocolJson.Default.RootKeyAnswer);
        using var second = await agent.RootKeyAsync(snapshot.Commit.Id);
        using var third = await agent.RootKeyAsync(other.Commit.Id);

        var info = Commit.ResealInfo(agent.Vault, agent.Device, 1, snapshot.Root.Ref.Id);
        var rootKey = Hpke.Open(agent.Sealing, answer.Enc, info, [], answer.Sealed);
        Assert.Equal(snapshot.Root.Ref.Key, new Digest256(rootKey));
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        await AssertRefusedAsync(third, HttpStatusCode.TooManyRequests, ErrorCode.RateLimited);
        Assert.NotNull(third.Headers.RetryAfter);
        Assert.Equal(4, await host.ScalarAsync<long>("select log_height from fleet.vaults"));
    }

    [Fact]
    public async Task Many_openings_in_a_short_time_are_one_entry_of_the_journal_and_counted()
    {
        await using var host = await IntakeHost.StartAsync(cluster, new() { RootKeysPerHourMax = 3 });
        var (member, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshots = new List<SnapshotId>();
        for (var n = 1; n <= 8; n++)
        {
            var last = n == 1 ? (SnapshotId?)null : snapshots[^1];
            snapshots.Add((await agent.BackUpAsync([(byte)n], sequence: n, previous: last)).Commit.Id);
        }
        using var metrics = new PrometheusMetrics();

        var answers = await Task.WhenAll(snapshots.Select(agent.RootKeyAsync));

        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
        var refusals = new JournalFilter(Act: "root-keys-refused");
        var reader = host.Get<JournalReader>();
        var journal = await reader.ReadAsync(Caller.System("test"), refusals, 10, CancellationToken.None);
        var entry = Assert.Single(journal);
        Assert.Equal(
            ($"device:{agent.Device}", member, vault.ToString()), (entry.Actor, entry.Member, entry.Detail["vault"]));
        Assert.Equal("3", entry.Detail["perHourMax"]);
        Assert.Null((await reader.CheckAsync(null, CancellationToken.None)).Broken);
        var counted = metrics.Write();
        Assert.Contains("beffroi_intake_root_keys_opened_total 3", counted, StringComparison.Ordinal);
        Assert.Contains("beffroi_intake_root_keys_refused_total 5", counted, StringComparison.Ordinal);

        host.Time.Step(TimeSpan.FromHours(1)); // The next window has its own alarm.
        await agent.OpenSessionAsync();
        foreach (var snapshot in snapshots[..5]) (await agent.RootKeyAsync(snapshot)).Dispose();
        journal = await reader.ReadAsync(Caller.System("test"), refusals, 10, CancellationToken.None);
        Assert.Equal(2, journal.Count);
    }

    [Fact]
    public async Task An_alarm_that_could_not_be_written_is_written_at_the_next_opening()
    {
        await using var host = await IntakeHost.StartAsync(cluster, new() { RootKeysPerHourMax = 1 });
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var first = (await agent.BackUpAsync([1])).Commit.Id;
        var second = (await agent.BackUpAsync([2], sequence: 2, previous: first)).Commit.Id;
        (await agent.RootKeyAsync(first)).Dispose();
        await host.ScalarAsync<object>("alter table identity.journal rename to away");
        (await agent.RootKeyAsync(second)).Dispose();
        await host.ScalarAsync<object>("alter table identity.away rename to journal");

        (await agent.RootKeyAsync(second)).Dispose();

        var journal = await host.Get<JournalReader>().ReadAsync(
            Caller.System("test"), new JournalFilter(Act: "root-keys-refused"), 10, CancellationToken.None);
        Assert.Single(journal);
    }

    [Fact]
    public async Task Packs_already_stored_and_records_already_known_change_nothing()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var first = agent.Pack(PackKind.Data, agent.SealChunk([1]), agent.SealChunk([2]));
        using var stored = await agent.PutAsync(first);

        using var again = await agent.PutAsync(first);
        using var overlapping = await agent.PutAsync(
            agent.Pack(PackKind.Data, agent.SealChunk([2]), agent.SealChunk([3])));

        Assert.Equal(
            [HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Created],
            new[] { stored.StatusCode, again.StatusCode, overlapping.StatusCode });
        Assert.Equal(3, await host.ScalarAsync<long>("select count(*) from fleet.records"));
        Assert.Equal(2, await host.ScalarAsync<long>("select count(*) from fleet.packs"));
    }

    [Fact]
    public async Task Two_devices_that_upload_the_same_records_at_once_both_succeed()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var left = await host.EnrolAsync(vault);
        using var right = await host.EnrolAsync(vault);
        var random = new Random(7);
        var contents = Enumerable.Range(0, 200).Select(i => new byte[] { (byte)i, (byte)(i >> 8), 1 }).ToArray();
        for (var round = 0; round < 5; round++)
        {
            random.Shuffle(contents);
            var one = left.Pack(
                PackKind.Data, [.. contents.Select(each => left.SealChunk([.. each, (byte)round], shared: true))]);
            random.Shuffle(contents);
            var other = right.Pack(
                PackKind.Data, [.. contents.Select(each => right.SealChunk([.. each, (byte)round], shared: true))]);

            var answers = await Task.WhenAll(
                left.PutAsync(one), right.PutAsync(other), left.PutAsync(one), right.PutAsync(one));

            Assert.All(answers, answer => Assert.True(answer.IsSuccessStatusCode, answer.ToString()));
            var ids = one.Records.Select(record => record.Ref.Id).ToArray();
            Assert.DoesNotContain('0', await right.HaveAsync(ids));
            var read = await right.RecordsAsync(ids);
            Assert.All(one.Records, record => Assert.Equal(record.Memory.ToArray(), read[record.Ref.Id]));
        }
        Assert.Equal(1000, await host.ScalarAsync<long>("select count(*) from fleet.records"));
        Assert.Equal(
            await host.ScalarAsync<long>("select sum(bytes)::bigint from fleet.packs"),
            await host.ScalarAsync<long>("select used_bytes from fleet.vaults"));
    }

    [Fact]
    public async Task Have_is_no_oracle_across_machines()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        var (_, foreign, _) = await host.AddMemberAsync();
        using var owner = await host.EnrolAsync(vault);
        using var neighbour = await host.EnrolAsync(vault);
        using var stranger = await host.EnrolAsync(foreign);
        var (secret, shared) = (owner.SealChunk([1]), owner.SealChunk([2], shared: true));
        (await owner.PutAsync(owner.Pack(PackKind.Data, secret, shared))).EnsureSuccessStatusCode();
        RecordId[] ids = [secret.Ref.Id, shared.Ref.Id];

        Assert.Equal("11", await owner.HaveAsync(ids));
        Assert.Equal("01", await neighbour.HaveAsync(ids));
        Assert.Equal("00", await stranger.HaveAsync(ids));
        Assert.Empty((await neighbour.RecordsAsync(secret.Ref.Id))[secret.Ref.Id]);
        Assert.All((await stranger.RecordsAsync(ids)).Values, Assert.Empty);

        // Nor is the closure check: a reference to another machine's record is as missing as one that never was.
        using var probe = await neighbour.PutAsync(
            neighbour.Pack(PackKind.Catalogue, neighbour.SealSegment([1], secret)));
        await AssertRefusedAsync(probe, HttpStatusCode.Conflict, ErrorCode.ReferencesMissing);
    }

    [Fact]
    public async Task Thousands_of_records_come_back_whole_whatever_the_order_they_are_asked_in()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var random = new Random(11);
        var records = Enumerable.Range(0, 1500).Select(i =>
        {
            var content = new byte[random.Next(1, i % 50 == 0 ? 1 << 20 : 4096)];
            random.NextBytes(content);
            return agent.SealChunk(content);
        }).ToArray();
        foreach (var part in records.Chunk(500))
            (await agent.PutAsync(agent.Pack(PackKind.Data, part))).EnsureSuccessStatusCode();
        random.Shuffle(records);
        var missing = agent.SealChunk([9, 9, 9]).Ref.Id;

        var read = await agent.RecordsAsync([.. records.Select(record => record.Ref.Id), missing]);

        Assert.Equal(records.Length + 1, read.Count);
        Assert.All(records, record => Assert.True(record.Memory.Span.SequenceEqual(read[record.Ref.Id])));
        Assert.Empty(read[missing]);
    }

    [Fact]
    public async Task What_the_server_does_not_understand_it_refuses_in_one_form()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var id = new byte[32];

        using var odd = await agent.SendAsync(HttpMethod.Post, "/v1/have", new byte[33]);
        using var empty = await agent.SendAsync(HttpMethod.Post, "/v1/have", []);
        using var twice = await agent.SendAsync(HttpMethod.Post, "/v1/records", [.. id, .. id]);
        using var nowhere = await agent.SendAsync(HttpMethod.Get, "/v1/prune", body: null);
        using var nobody = await host.Http.GetAsync("/v1/server");
        using var wrongName = await agent.SendAsync(HttpMethod.Put, "/v1/packs/abc", id);

        await AssertRefusedAsync(odd, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
        await AssertRefusedAsync(empty, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
        await AssertRefusedAsync(twice, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
        await AssertRefusedAsync(nowhere, HttpStatusCode.NotFound, ErrorCode.NotFound);
        await AssertRefusedAsync(nobody, HttpStatusCode.UpgradeRequired, ErrorCode.ProtocolUnsupported);
        await AssertRefusedAsync(wrongName, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
    }

    [Theory]
    [InlineData(ErrorCode.StoreUnavailable, true, HttpStatusCode.ServiceUnavailable)]
    [InlineData(ErrorCode.StoreUnavailable, false, HttpStatusCode.ServiceUnavailable)]
    [InlineData(ErrorCode.StoreFull, false, HttpStatusCode.InsufficientStorage)]
    public async Task What_the_store_says_about_itself_stays_with_the_operator(
        ErrorCode code, bool retryable, HttpStatusCode status)
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        host.Blobs.BeforePut = _ => throw new VaultException(code, retryable, "bucket 'hidden' at 10.0.0.5");

        using var refused = await agent.PutAsync(agent.Pack(PackKind.Data, agent.SealChunk([1])));

        var failure = await refused.Content.ReadFromJsonAsync(ProtocolJson.Default.FailureMessage);
        Assert.Equal((status, ErrorCodeText.Of(code)), (refused.StatusCode, failure?.Code));
        Assert.Equal((retryable, retryable), (failure?.Retryable, refused.Headers.RetryAfter is not null));
        Assert.DoesNotContain("hidden", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_has_begun_breaks_off_when_the_store_fails_and_the_rest_is_refused_in_one_form()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var stored = agent.SealChunk([1, 2, 3]);
        (await agent.PutAsync(agent.Pack(PackKind.Data, stored))).EnsureSuccessStatusCode();
        var missing = agent.SealChunk([9, 9, 9]).Ref.Id;
        host.Blobs.BeforeRead = _ => throw new VaultException(ErrorCode.StoreUnavailable, retryable: true, "It rests.");

        // The missing one is known before the store is asked, and its frame is small enough to lie in a buffer then.
        var cut = await Assert.ThrowsAsync<HttpRequestException>(() => agent.RecordsAsync(missing, stored.Ref.Id));
        Assert.Null(cut.StatusCode); // Broken off, and not an error with a frame before its text.
        using var rest = await agent.SendAsync(
            HttpMethod.Post, "/v1/records", stored.Ref.Id.Value.ToArray());
        host.Blobs.BeforeRead = null;

        await AssertRefusedAsync(rest, HttpStatusCode.ServiceUnavailable, ErrorCode.StoreUnavailable);
        Assert.Equal("application/json", rest.Content.Headers.ContentType?.MediaType);
        Assert.Equal(2, (await agent.RecordsAsync(missing, stored.Ref.Id)).Count);
    }

    internal static async Task AssertRefusedAsync(HttpResponseMessage answer, HttpStatusCode status, ErrorCode code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} {text}");
        Assert.Contains(ErrorCodeText.Of(code), text, StringComparison.Ordinal);
    }
}

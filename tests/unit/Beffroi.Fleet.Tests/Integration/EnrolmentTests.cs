using System.Net;
using Beffroi.Fleet.Devices;
using Beffroi.Protocol;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Records;
using static Beffroi.Fleet.Tests.Integration.IntakeTests;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>Who gets in, and who does not any more.</summary>
public sealed class EnrolmentTests(TestCluster cluster)
{
    [Fact]
    public async Task A_token_that_is_wrong_used_or_expired_lets_nobody_in()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        var (used, expired) = (await host.TokenAsync(vault), await host.TokenAsync(vault));
        using var first = new TestAgent(host.Http);
        await first.EnrolAsync(used);
        using var other = new TestAgent(host.Http);

        using var again = await other.TryEnrolAsync(used);
        using var unknown = await other.TryEnrolAsync(EnrolmentToken.Create(authority: null).ToText());
        using var garbage = await other.TryEnrolAsync("bef1.abc");
        host.Time.Step(TimeSpan.FromDays(7));
        using var late = await other.TryEnrolAsync(expired);

        await AssertRefusedAsync(again, HttpStatusCode.Forbidden, ErrorCode.TokenUsed);
        await AssertRefusedAsync(unknown, HttpStatusCode.Forbidden, ErrorCode.TokenInvalid);
        await AssertRefusedAsync(garbage, HttpStatusCode.Forbidden, ErrorCode.TokenInvalid);
        await AssertRefusedAsync(late, HttpStatusCode.Forbidden, ErrorCode.TokenExpired);
        Assert.Equal(1, await host.ScalarAsync<long>("select count(*) from fleet.devices"));
    }

    [Fact]
    public async Task An_enrolment_repeated_with_the_same_keys_has_the_same_answer()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        var token = await host.TokenAsync(vault);
        using var agent = new TestAgent(host.Http);

        using var first = await agent.TryEnrolAsync(token);
        using var second = await agent.TryEnrolAsync(token);

        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(2, await host.ScalarAsync<long>("select log_height from fleet.vaults"));
    }

    [Fact]
    public async Task Of_two_machines_that_use_one_token_at_once_one_gets_in()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        var token = await host.TokenAsync(vault);
        using var left = new TestAgent(host.Http);
        using var right = new TestAgent(host.Http);

        var answers = await Task.WhenAll(left.TryEnrolAsync(token), right.TryEnrolAsync(token));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        await AssertRefusedAsync(
            answers.Single(answer => !answer.IsSuccessStatusCode), HttpStatusCode.Forbidden, ErrorCode.TokenUsed);
    }

    [Fact]
    public async Task A_machine_cannot_claim_the_secret_of_another()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var owner = await host.EnrolAsync(vault);
        using var thief = new TestAgent(host.Http) { MachineSecret = owner.MachineSecret };
        var group = new ConvergenceSecret(owner.GroupSecret.Id, new byte[32]);
        using var greedy = new TestAgent(host.Http) { MachineSecret = group };
        var token = await host.TokenAsync(vault);

        using var stolen = await thief.TryEnrolAsync(token);
        using var taken = await greedy.TryEnrolAsync(token);

        await AssertRefusedAsync(stolen, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
        await AssertRefusedAsync(taken, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
        using var honest = new TestAgent(host.Http);
        await honest.EnrolAsync(token); // A refusal uses no token up.
    }

    [Fact]
    public async Task A_device_revoked_in_mid_session_is_refused_at_once_and_keeps_its_snapshots()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        await agent.BackUpAsync([1]);

        await host.Get<DeviceDirectory>().RevokeAsync(agent.Device, "stolen", "test", CancellationToken.None);

        using var next = await agent.SendAsync(HttpMethod.Get, "/v1/snapshots", body: null);
        using var session = await agent.TryOpenSessionAsync();
        await AssertRefusedAsync(next, HttpStatusCode.Forbidden, ErrorCode.DeviceRevoked);
        await AssertRefusedAsync(session, HttpStatusCode.Forbidden, ErrorCode.DeviceRevoked);
        Assert.Equal(1, await host.ScalarAsync<long>("select count(*) from fleet.snapshots"));
    }

    [Fact]
    public async Task A_device_can_unenrol_itself()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);

        await agent.OpenSessionAsync("query");

        using var answer = await agent.SendAsync(HttpMethod.Post, "/v1/unenrolment", body: null);
        using var next = await agent.SendAsync(HttpMethod.Get, "/v1/vault", body: null);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await AssertRefusedAsync(next, HttpStatusCode.Forbidden, ErrorCode.DeviceRevoked);
    }

    [Fact]
    public async Task A_replacement_takes_the_place_of_the_lost_machine_and_shuts_it_out()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var lost = await host.EnrolAsync(vault);
        var snapshot = await lost.BackUpAsync([1, 2]);

        using var replacement = await host.EnrolAsync(vault, replaces: lost.Device);

        Assert.Equal(lost.Device, replacement.Device);
        Assert.Equal(lost.Identity.Device, replacement.Identity.Replaces);
        Assert.Equal(1, replacement.Session.LastSequence);
        Assert.Equal(snapshot.Commit.Id.ToString(), Assert.Single(await replacement.SnapshotsAsync()).Id);
        Assert.Equal(
            snapshot.Root.Memory.ToArray(),
            (await replacement.RecordsAsync(snapshot.Root.Ref.Id))[snapshot.Root.Ref.Id]);
        using var key = await replacement.RootKeyAsync(snapshot.Commit.Id);
        Assert.Equal(HttpStatusCode.OK, key.StatusCode);
        using var oldSession = await lost.SendAsync(HttpMethod.Get, "/v1/snapshots", body: null);
        await AssertRefusedAsync(oldSession, HttpStatusCode.Unauthorized, ErrorCode.SessionRefused);
        using var newSession = await lost.TryOpenSessionAsync();
        await AssertRefusedAsync(newSession, HttpStatusCode.Forbidden, ErrorCode.SessionRefused);
        await replacement.BackUpAsync([3], sequence: 2, previous: snapshot.Commit.Id);
    }

    [Fact]
    public async Task Sessions_and_challenges_expire_by_the_servers_clock()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var challenge = await agent.ChallengeAsync();
        host.Time.Step(TimeSpan.FromMinutes(2));

        using var late = await agent.TryOpenSessionAsync("backup", challenge);
        await AssertRefusedAsync(late, HttpStatusCode.Forbidden, ErrorCode.SessionRefused);
        host.Time.Step(TimeSpan.FromHours(1));
        using var stale = await agent.SendAsync(HttpMethod.Get, "/v1/vault", body: null);
        await AssertRefusedAsync(stale, HttpStatusCode.Unauthorized, ErrorCode.SessionRefused);
        await agent.OpenSessionAsync();
        await agent.BackUpAsync([1]);
    }

    [Fact]
    public async Task A_proof_by_another_key_or_for_another_device_opens_nothing_and_is_counted()
    {
        await using var host = await IntakeHost.StartAsync(cluster, new() { FailuresPerAddressMax = 4 });
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        using var other = await host.EnrolAsync(vault);
        using var impostor = new TestAgent(host.Http) { Identity = agent.Identity };
        using var nobody = new TestAgent(host.Http) { Identity = agent.Identity with { Device = vault.Value } };

        using var forged = await impostor.TryOpenSessionAsync();
        using var unknown = await nobody.TryOpenSessionAsync();
        using var foreign = await agent.TryOpenSessionAsync("backup", await other.ChallengeAsync());
        using var madeUp = await agent.TryOpenSessionAsync("backup", new byte[72]);
        using var fifth = await agent.TryOpenSessionAsync();

        await AssertRefusedAsync(forged, HttpStatusCode.Forbidden, ErrorCode.SessionRefused);
        Assert.Equal(await forged.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
        await AssertRefusedAsync(foreign, HttpStatusCode.Forbidden, ErrorCode.SessionRefused);
        await AssertRefusedAsync(madeUp, HttpStatusCode.Forbidden, ErrorCode.SessionRefused);
        await AssertRefusedAsync(fifth, HttpStatusCode.TooManyRequests, ErrorCode.RateLimited);
        host.Time.Step(TimeSpan.FromMinutes(10));
        await agent.OpenSessionAsync();
    }

    [Fact]
    public async Task Another_members_machine_gets_the_answer_of_one_that_never_was()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        var (_, foreign, _) = await host.AddMemberAsync();
        using var owner = await host.EnrolAsync(vault);
        using var stranger = await host.EnrolAsync(foreign);
        var snapshot = await owner.BackUpAsync([1, 2]);
        var never = new SnapshotId(Digest256.Of([42]));

        foreach (var (theirs, unknown) in new (Func<Task<HttpResponseMessage>>, Func<Task<HttpResponseMessage>>)[]
        {
            (() => stranger.RootKeyAsync(snapshot.Commit.Id), () => stranger.RootKeyAsync(never)),
            (() => stranger.SendAsync(HttpMethod.Get, $"/v1/snapshots/{snapshot.Commit.Id}", body: null),
                () => stranger.SendAsync(HttpMethod.Get, $"/v1/snapshots/{never}", body: null)),
        })
        {
            using var first = await theirs();
            using var second = await unknown();
            Assert.Equal(HttpStatusCode.NotFound, first.StatusCode);
            Assert.Equal(second.StatusCode, first.StatusCode);
            Assert.Equal(
                (await second.Content.ReadAsStringAsync()).Replace(never.ToString(), "", StringComparison.Ordinal),
                (await first.Content.ReadAsStringAsync()).Replace(
                    snapshot.Commit.Id.ToString(), "", StringComparison.Ordinal));
        }
        Assert.Empty(await stranger.SnapshotsAsync());
        using var pack = await stranger.PutAsync(snapshot.Data);
        await AssertRefusedAsync(pack, HttpStatusCode.BadRequest, ErrorCode.PackForeign);
        using var commit = await stranger.CommitAsync(snapshot.Commit);
        await AssertRefusedAsync(commit, HttpStatusCode.BadRequest, ErrorCode.CommitForged);
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Beffroi.Intake;
using Beffroi.Protocol;
using Beffroi.Testing;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>More devices at once than the server has database connections (8 here), and devices that hang
/// up.</summary>
public sealed class CrowdTests(TestCluster cluster)
{
    private const int Crowd = 24;

    // Who waits for a connection that never comes free is answered 503 after 15 s, which the tests see as well.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Everybody_commits_at_once_as_at_the_hour_of_the_plan()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        List<(TestAgent Agent, byte[] Commit)> crowd = [];
        for (var i = 0; i < Crowd; i++)
        {
            var agent = await host.EnrolAsync(vault);
            var root = agent.SealSegment([1]);
            (await agent.PutAsync(agent.Pack(PackKind.Catalogue, root))).EnsureSuccessStatusCode();
            crowd.Add((agent, agent.Sign(1, previous: null, root).Bytes.ToArray()));
        }

        var answers = await Task.WhenAll(crowd.Select(
            each => each.Agent.SendAsync(HttpMethod.Post, "/v1/commits", each.Commit))).WaitAsync(Patience);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Empty(host.Errors.Lines);
        foreach (var (agent, _) in crowd) agent.Dispose();
    }

    [Fact]
    public async Task Everybody_asks_for_the_vault_at_once()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4 * Crowd).Select(
            _ => agent.SendAsync(HttpMethod.Get, "/v1/vault", body: null))).WaitAsync(Patience);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    [Fact]
    public async Task Everybody_enrols_at_once()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        List<(TestAgent Agent, string Token)> crowd = [];
        for (var i = 0; i < Crowd; i++) crowd.Add((new TestAgent(host.Http), await host.TokenAsync(vault)));

        await Task.WhenAll(crowd.Select(each => each.Agent.EnrolAsync(each.Token))).WaitAsync(Patience);

        Assert.All(crowd, each => Assert.StartsWith("Commune", each.Agent.Identity.Member, StringComparison.Ordinal));
        foreach (var (agent, _) in crowd) agent.Dispose();
    }

    [Theory]
    [InlineData(4, 3)] // All come in through files,
    [InlineData(64, 12)] // or two of the slow ones in memory.
    public async Task Town_halls_on_slow_lines_hold_up_nobody_but_themselves(int memoryMebibytes, int packMebibytes)
    {
        var random = Seed.ForThisTest();
        await using var host = await IntakeHost.StartAsync(cluster, new IntakeOptions
        {
            UploadBytesMax = (long)memoryMebibytes << 20, UploadWait = TimeSpan.FromSeconds(2), UploadsPerDeviceMax = 3,
        });
        var (_, vault, _) = await host.AddMemberAsync();
        var (_, other, _) = await host.AddMemberAsync();
        using var slow = await host.EnrolAsync(vault);
        using var fast = await host.EnrolAsync(other);
        List<TcpClient> lines = [];
        while (lines.Count < 3)
        {
            var pack = slow.Pack(PackKind.Data, [.. Chunks(slow)]);
            lines.Add(await StandStillAsync(host, slow, pack));
        }

        using var stored = await fast.PutAsync(fast.Pack(PackKind.Data, [.. Chunks(fast)]));
        using var refused = await slow.PutAsync(slow.Pack(PackKind.Data, slow.SealChunk(Noise(random, 1 << 20))));

        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        foreach (var line in lines) line.Dispose();

        IEnumerable<SealedRecord> Chunks(TestAgent agent) =>
            Enumerable.Range(0, packMebibytes / 3).Select(_ => agent.SealChunk(Noise(random, 3 << 20)));
    }

    [Fact]
    public async Task A_device_reads_as_much_at_once_as_it_may_and_no_more()
    {
        await using var host = await IntakeHost.StartAsync(cluster, new IntakeOptions { ReadsPerDeviceMax = 1 });
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var stored = agent.SealChunk([1, 2, 3]);
        (await agent.PutAsync(agent.Pack(PackKind.Data, stored))).EnsureSuccessStatusCode();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        host.Blobs.BeforeRead = _ =>
        {
            reached.TrySetResult();
            goOn.Wait(Patience);
        };

        var first = agent.RecordsAsync(stored.Ref.Id);
        await reached.Task;
        using var second = await agent.SendAsync(HttpMethod.Post, "/v1/records", stored.Ref.Id.Value.ToArray());
        goOn.Set();

        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(stored.Memory.ToArray(), (await first)[stored.Ref.Id]);
        Assert.Single(await agent.RecordsAsync(stored.Ref.Id)); // Its place has come back.
    }

    /// <summary>Begins to send a pack, and lets the connection stand.</summary>
    private static async Task<TcpClient> StandStillAsync(IntakeHost host, TestAgent agent, BuiltPack pack)
    {
        var client = new TcpClient();
        await client.ConnectAsync(host.Http.BaseAddress!.Host, host.Http.BaseAddress.Port); // The host sets it.
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /v1/packs/{pack.Id} HTTP/1.1\r\nHost: x\r\nBeffroi-Protocol: 1\r\n"
                + $"Authorization: Bearer {agent.Session.Token}\r\nContent-Length: {pack.Bytes}\r\n\r\n"));
        await client.GetStream().WriteAsync(pack.ToArray().AsMemory(0, 100_000));
        await Task.Delay(200); // Until the server has taken it up; later than that proves the same.
        return client;
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Devices_that_hang_up_at_any_moment_leave_nothing_behind()
    {
        var random = Seed.ForThisTest();

        // Memory for one pack of 31 MiB: a lease that is lost, or a part of one, keeps the last pack out.
        var options = new IntakeOptions { UploadBytesMax = 31 << 20, UploadWait = TimeSpan.FromSeconds(5) };
        await using var host = await IntakeHost.StartAsync(cluster, options);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var before = await agent.BackUpAsync(Noise(random, 3_000_000));
        var root = agent.SealSegment([2]);
        (await agent.PutAsync(agent.Pack(PackKind.Catalogue, root))).EnsureSuccessStatusCode();
        using var reader = new TestAgent(host.Http) { Signing = agent.Signing, Identity = agent.Identity };
        await reader.OpenSessionAsync("restore");
        var wanted = before.Chunk.Ref.Id.Value.ToArray();

        for (var round = 0; round < 30; round++)
        {
            var pack = agent.Pack(PackKind.Data, agent.SealChunk(Noise(random, 3_000_000)));
            var commit = agent.Sign(2, before.Commit.Id, root).Bytes.ToArray();
            await Task.WhenAll(
                HangUpAsync(host, agent, HttpMethod.Put, $"/v1/packs/{pack.Id}", pack.ToArray(), random.Next(40)),
                HangUpAsync(host, agent, HttpMethod.Post, "/v1/commits", commit, random.Next(20)),
                HangUpAsync(
                    host, agent, HttpMethod.Put, $"/v1/packs/{before.Commit.Id}", pack.ToArray(), random.Next(20)),
                HangUpAsync(host, agent, HttpMethod.Put, "/v1/packs/refused", pack.ToArray(), random.Next(10)),
                HangUpAsync(host, reader, HttpMethod.Post, "/v1/records", wanted, random.Next(10)),
                HangUpAsync(host, agent, HttpMethod.Post, "/v1/have", wanted, random.Next(10)));
        }

        await AssertNobodyWaitsAsync(host);
        Assert.Empty(host.Errors.Lines);
        var records = Enumerable.Range(0, 8).Select(_ => agent.SealChunk(Noise(random, 4_000_000))).ToArray();
        using var last = await agent.PutAsync(agent.Pack(PackKind.Data, records));
        Assert.Equal(HttpStatusCode.Created, last.StatusCode);
        Assert.Equal(before.Chunk.Bytes, (await agent.RecordsAsync(before.Chunk.Ref.Id))[before.Chunk.Ref.Id].Length);
    }

    /// <summary>Sends a request and closes the connection before the answer is read.</summary>
    private static async Task HangUpAsync(
        IntakeHost host, TestAgent agent, HttpMethod method, string path, byte[] body, int milliseconds)
    {
        using var client = new HttpClient { BaseAddress = host.Http.BaseAddress };
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) };
        request.Headers.Add(ProtocolConstants.VersionHeader, "1");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", agent.Session.Token);
        using var hangUp = new CancellationTokenSource(milliseconds);
        try
        {
            (await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, hangUp.Token)).Dispose();
        }
        catch (OperationCanceledException)
        {
            // As was meant.
        }
    }

    /// <summary>Whether, once all work has ended, no transaction and no lock is left open.</summary>
    private static async Task AssertNobodyWaitsAsync(IntakeHost host)
    {
        const string open = """
            select (select count(*) from pg_stat_activity where datname = current_database()
                        and pid <> pg_backend_pid() and state <> 'idle')
                + (select count(*) from pg_locks where locktype = 'advisory'
                        and database = (select oid from pg_database where datname = current_database()))
            """;
        var left = -1L;
        for (var tries = 0; left != 0 && tries < 50; tries++)
        {
            await Task.Delay(100);
            left = await host.ScalarAsync<long>(open);
        }
        Assert.Equal(0, left);
    }

    private static byte[] Noise(Random random, int bytes)
    {
        var noise = new byte[bytes];
        random.NextBytes(noise);
        return noise;
    }
}

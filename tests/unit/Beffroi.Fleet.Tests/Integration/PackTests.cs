using System.Net;
using Beffroi.Fleet.Vaults;
using Beffroi.Intake;
using Beffroi.Intake.Packs;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Microsoft.AspNetCore.Http;
using static Beffroi.Fleet.Tests.Integration.IntakeTests;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>What the server checks before it calls a pack stored.</summary>
public sealed class PackTests(TestCluster cluster)
{
    [Fact]
    public async Task A_pack_that_is_not_what_it_says_is_refused_and_leaves_nothing()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var pack = agent.Pack(PackKind.Data, agent.SealChunk([1, 2, 3]), agent.SealChunk([4, 5, 6]));
        var bytes = pack.ToArray();
        byte[] damaged = [.. bytes];
        damaged[PackLimits.HeaderBytes + 50] ^= 1;

        using var badRecord = await agent.PutAsync(pack.Id, damaged);
        using var cut = await agent.PutAsync(pack.Id, bytes[..^1]);
        using var longer = await agent.PutAsync(pack.Id, [.. bytes, 0]);
        using var misnamed = await agent.PutAsync(new PackId(Digest256.Of([1])), bytes);
        using var tooShort = await agent.PutAsync(pack.Id, [1]);

        await AssertRefusedAsync(badRecord, HttpStatusCode.BadRequest, ErrorCode.RecordDamaged);
        await AssertRefusedAsync(cut, HttpStatusCode.BadRequest, ErrorCode.PackLengthWrong);
        await AssertRefusedAsync(longer, HttpStatusCode.BadRequest, ErrorCode.PackLengthWrong);
        await AssertRefusedAsync(misnamed, HttpStatusCode.BadRequest, ErrorCode.PackDamaged);
        await AssertRefusedAsync(tooShort, HttpStatusCode.BadRequest, ErrorCode.RequestMalformed);
        Assert.Equal(0, await host.ScalarAsync<long>("select count(*) from fleet.packs"));
        Assert.Null(await host.Blobs.GetLengthAsync(BlobNames.Pack(vault, pack.Id), CancellationToken.None));
    }

    [Fact]
    public async Task A_pack_whose_agent_goes_away_once_it_is_durable_is_listed()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var pack = agent.Pack(PackKind.Data, agent.SealChunk([1]));
        var device = await host.Get<IDeviceDirectory>().FindAsync(agent.Device, CancellationToken.None);
        using var gone = new CancellationTokenSource();
        host.Blobs.AfterPut = _ => gone.Cancel();
        using var body = new MemoryStream(pack.ToArray());
        var request = new DefaultHttpContext { Request = { Body = body, ContentLength = pack.Bytes } };

        await host.Get<PackIntake>().StoreAsync(device!, pack.Id, request, gone.Token); // It is enrolled.

        Assert.Equal(1L, await host.ScalarAsync<long>("select count(*) from fleet.packs"));
    }

    [Fact]
    public async Task A_pack_under_a_secret_that_is_not_the_devices_is_refused()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var owner = await host.EnrolAsync(vault);
        using var neighbour = await host.EnrolAsync(vault);

        using var answer = await neighbour.PutAsync(neighbour.Pack(PackKind.Data, owner.SealChunk([1])));

        await AssertRefusedAsync(answer, HttpStatusCode.Forbidden, ErrorCode.Forbidden);
    }

    [Fact]
    public async Task A_catalogue_pack_must_not_mention_what_is_not_stored()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var chunk = agent.SealChunk([1]);
        var (leaf, root) = (agent.SealSegment([1], chunk), agent.SealSegment([2]));
        var parent = agent.SealSegment([3], leaf);

        using var early = await agent.PutAsync(agent.Pack(PackKind.Catalogue, leaf));
        (await agent.PutAsync(agent.Pack(PackKind.Data, chunk))).EnsureSuccessStatusCode();
        using var backwards = await agent.PutAsync(agent.Pack(PackKind.Catalogue, parent, leaf));
        using var inOrder = await agent.PutAsync(agent.Pack(PackKind.Catalogue, leaf, parent, root));

        await AssertRefusedAsync(early, HttpStatusCode.Conflict, ErrorCode.ReferencesMissing);
        Assert.Equal([chunk.Ref.Id.ToString()], (await TestAgent.FailureAsync(early)).Missing);
        await AssertRefusedAsync(backwards, HttpStatusCode.Conflict, ErrorCode.ReferencesMissing);
        Assert.Equal(HttpStatusCode.Created, inOrder.StatusCode);
    }

    [Fact]
    public async Task The_quota_holds_also_when_uploads_race_for_the_rest()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync(quotaBytes: 10_000);
        using var agent = await host.EnrolAsync(vault);
        var packs = Enumerable.Range(0, 8)
            .Select(i => agent.Pack(PackKind.Data, agent.SealChunk([.. Enumerable.Repeat((byte)i, 3000)]))).ToList();

        var answers = await Task.WhenAll(packs.Select(agent.PutAsync));

        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode))
            await AssertRefusedAsync(refused, HttpStatusCode.Forbidden, ErrorCode.QuotaExceeded);
        Assert.True(await host.ScalarAsync<long>("select used_bytes from fleet.vaults") <= 10_000);

        await host.Get<VaultDirectory>().SetQuotaAsync(vault, 1 << 20, "test", CancellationToken.None);
        foreach (var pack in packs) (await agent.PutAsync(pack)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task A_full_store_says_so_and_the_next_upload_works_when_room_is_made()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var pack = agent.Pack(PackKind.Data, agent.SealChunk([1]));
        host.Blobs.BeforePut = _ =>
            throw new VaultException(ErrorCode.StoreFull, retryable: false, "The disk is full.");

        using var full = await agent.PutAsync(pack);
        host.Blobs.BeforePut = null;
        using var again = await agent.PutAsync(pack);

        await AssertRefusedAsync(full, HttpStatusCode.InsufficientStorage, ErrorCode.StoreFull);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
    }

    [Fact]
    public async Task A_server_that_dies_between_blob_and_index_repeats_the_upload_soundly()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var chunk = agent.SealChunk([1, 2, 3]);
        var pack = agent.Pack(PackKind.Data, chunk);
        host.Blobs.AfterPut = _ => throw new InvalidOperationException("The power went away.");
        using var died = await agent.PutAsync(pack);
        host.Blobs.AfterPut = null;
        await host.Blobs.FlipBitAsync(BlobNames.Pack(vault, pack.Id), 60); // And the disk was not well either.
        Assert.Equal("0", await agent.HaveAsync(chunk.Ref.Id));

        using var again = await agent.PutAsync(pack);

        await AssertRefusedAsync(died, HttpStatusCode.InternalServerError, ErrorCode.ServerFailed);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(chunk.Memory.ToArray(), (await agent.RecordsAsync(chunk.Ref.Id))[chunk.Ref.Id]);
    }

    [Fact]
    public async Task Uploads_beyond_the_memory_wait_for_their_turn()
    {
        await using var host = await IntakeHost.StartAsync(cluster, new() { UploadBytesMax = 2 << 20 });
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var random = new Random(3);
        var packs = Enumerable.Range(0, 6).Select(_ =>
        {
            var content = new byte[3 << 19];
            random.NextBytes(content);
            return agent.Pack(PackKind.Data, agent.SealChunk(content));
        }).ToList();

        var answers = await Task.WhenAll(packs.Select(agent.PutAsync));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
    }

    [Fact]
    public async Task A_big_pack_gets_its_answer_also_when_the_server_need_not_read_it()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync(quotaBytes: 40 << 20);
        using var agent = await host.EnrolAsync(vault);
        var random = new Random(5);
        BuiltPack BigPack() => agent.Pack(PackKind.Data, [.. Enumerable.Range(0, 7).Select(_ =>
        {
            var content = new byte[4 << 20];
            random.NextBytes(content);
            return agent.SealChunk(content);
        })]);
        var (stored, tooMuch) = (BigPack(), BigPack());
        (await agent.PutAsync(stored)).EnsureSuccessStatusCode();

        using var again = await agent.PutAsync(stored);
        using var refused = await agent.PutAsync(tooMuch);
        await agent.TryEnrolAsync("bef1.x"); // The connection is still good for another request.

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        await AssertRefusedAsync(refused, HttpStatusCode.Forbidden, ErrorCode.QuotaExceeded);
    }
}

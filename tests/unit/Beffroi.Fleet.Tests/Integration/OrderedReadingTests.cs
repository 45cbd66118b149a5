using System.Net;
using System.Text;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Orders;
using Beffroi.Identity.Access;
using Beffroi.Protocol;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Crypto;
using static Beffroi.Fleet.Tests.Integration.IntakeTests;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>A device reads another one's snapshot while a person's order says so, that one only.</summary>
public sealed class OrderedReadingTests(TestCluster cluster)
{
    private static readonly Caller Admin = Caller.System("admin:test");
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_other_device_reads_what_the_order_names_and_the_log_says_who()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var taker = await host.EnrolAsync(vault);
        var snapshot = await taker.BackUpAsync([1, 2, 3]);
        using var reader = await host.EnrolAsync(vault);
        await host.Get<DeviceDirectory>().RevokeAsync(taker.Device, "It burnt.", "test", None);

        var order = await AskAsync(host, reader, snapshot);
        using var whole = await reader.OrderedSnapshotAsync(order);
        using var sealedKey = await reader.OrderedRootKeyAsync(order);
        var records = await reader.OrderedRecordsAsync(order, snapshot.Root.Ref.Id, snapshot.Chunk.Ref.Id);

        Assert.Equal(snapshot.Receipt.Bytes.ToArray(), await whole.Content.ReadAsByteArrayAsync());
        var answer = await TestAgent.ReadAsync(sealedKey, ProtocolJson.Default.RootKeyAnswer);
        var info = Commit.ResealInfo(reader.Vault, taker.Device, 1, snapshot.Root.Ref.Id);
        Assert.Equal(
            snapshot.Root.Ref.Key, new Digest256(Hpke.Open(reader.Sealing, answer.Enc, info, [], answer.Sealed)));
        Assert.Equal(snapshot.Root.Memory.ToArray(), records[snapshot.Root.Ref.Id]);
        Assert.Contains($"restore-on-{reader.Device}", await LastEntryAsync(host, vault), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_order_and_after_it_nothing_is_read()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var taker = await host.EnrolAsync(vault);
        var first = await taker.BackUpAsync([1]);
        var second = await taker.BackUpAsync([2], sequence: 2, previous: first.Commit.Id);
        using var reader = await host.EnrolAsync(vault);
        var order = await AskAsync(host, reader, first);

        using var stillForeign = await reader.RootKeyAsync(second.Commit.Id);
        await AssertNotFoundAsync(stillForeign);
        Assert.Empty((await reader.RecordsAsync(first.Root.Ref.Id))[first.Root.Ref.Id]);
        using var open = await reader.OrderedSnapshotAsync(order);
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);

        await host.Get<OrderDesk>().CallBackAsync(Admin, order, None);

        await AssertShutAsync(reader, order, first.Root.Ref.Id);
    }

    [Fact]
    public async Task An_order_is_of_no_use_to_anybody_else_and_ends_when_it_is_done_or_late()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var taker = await host.EnrolAsync(vault);
        var snapshot = await taker.BackUpAsync([1]);
        using var reader = await host.EnrolAsync(vault);
        var (_, otherVault, _) = await host.AddMemberAsync();
        using var stranger = await host.EnrolAsync(otherVault);
        var order = await AskAsync(host, reader, snapshot);

        await AssertShutAsync(stranger, order, snapshot.Root.Ref.Id);
        await AssertShutAsync(taker, order, snapshot.Root.Ref.Id);

        await reader.OpenSessionAsync("plan");
        (await reader.ReportProgressAsync(order, "taken")).EnsureSuccessStatusCode();
        await reader.OpenSessionAsync("restore");
        using var taken = await reader.OrderedSnapshotAsync(order);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        await reader.OpenSessionAsync("plan");
        (await reader.ReportProgressAsync(order, "done")).EnsureSuccessStatusCode();
        await reader.OpenSessionAsync("restore");
        await AssertShutAsync(reader, order, snapshot.Root.Ref.Id);

        var late = await AskAsync(host, reader, snapshot);
        host.Time.Step(TimeSpan.FromDays(8));
        await reader.OpenSessionAsync("restore");
        await AssertShutAsync(reader, late, snapshot.Root.Ref.Id);
    }

    [Fact]
    public async Task An_order_to_back_up_opens_nothing()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1]);
        var asked = await host.Get<OrderDesk>().AskBackupAsync(Admin, agent.Device, None);

        await AssertShutAsync(agent, Assert.IsType<OrderOutcome.Asked>(asked).Order.Id, snapshot.Root.Ref.Id);
    }

    [Fact]
    public async Task An_order_is_the_approval_that_an_operator_demands()
    {
        await using var host = await IntakeHost.StartAsync(cluster, new() { IsRestoreApprovalRequired = true });
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1]);

        using var alone = await agent.RootKeyAsync(snapshot.Commit.Id);
        using var ordered = await agent.OrderedRootKeyAsync(await AskAsync(host, agent, snapshot));

        await AssertRefusedAsync(alone, HttpStatusCode.Forbidden, ErrorCode.ApprovalRequired);
        Assert.Equal(HttpStatusCode.OK, ordered.StatusCode);
    }

    private static async Task<string> LastEntryAsync(IntakeHost host, VaultId vault)
    {
        var blobs = await host.Blobs.ListAsync(BlobNames.LogPrefix(vault), startAfter: null, None).ToListAsync();
        var bytes = new byte[blobs[^1].Bytes];
        await host.Blobs.ReadAsync(blobs[^1].Name, offset: 0, bytes, None);
        return Encoding.ASCII.GetString(bytes);
    }

    private static async Task<Guid> AskAsync(IntakeHost host, TestAgent reader, TestSnapshot snapshot)
    {
        var wish = new RestoreRequest(
            snapshot.Commit.Id, [], RestoreTarget.Folder, "/srv/restored", RestoreConflict.KeepBoth);
        var outcome = await host.Get<OrderDesk>().AskRestoreAsync(Admin, reader.Device, wish, None);
        return Assert.IsType<OrderOutcome.Asked>(outcome).Order.Id;
    }

    private static async Task AssertShutAsync(TestAgent agent, Guid order, RecordId record)
    {
        using var snapshot = await agent.OrderedSnapshotAsync(order);
        await AssertNotFoundAsync(snapshot);
        using var key = await agent.OrderedRootKeyAsync(order);
        await AssertNotFoundAsync(key);
        using var records = await agent.SendAsync(
            HttpMethod.Post, $"/v1/orders/{order:D}/records", record.Value.ToArray());
        await AssertNotFoundAsync(records);
    }

    private static Task AssertNotFoundAsync(HttpResponseMessage answer) =>
        AssertRefusedAsync(answer, HttpStatusCode.NotFound, ErrorCode.NotFound);
}

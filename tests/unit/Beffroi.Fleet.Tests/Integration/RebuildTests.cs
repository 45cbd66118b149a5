using System.Net;
using Beffroi.Fleet.Rebuild;
using Beffroi.Testing;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>What a rebuild of the database leaves alone while it works, and after it met damage.</summary>
public sealed class RebuildTests(TestCluster cluster)
{
    private static readonly IProgress<string> Quiet = new Progress<string>();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_vault_whose_log_is_damaged_does_not_keep_the_others_from_being_rebuilt(long entry)
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        List<(VaultId Vault, TestAgent Agent)> all = [];
        for (var i = 0; i < 3; i++)
        {
            var (_, vault, _) = await host.AddMemberAsync();
            var agent = await host.EnrolAsync(vault);
            await agent.BackUpAsync([1]);
            all.Add((vault, agent));
        }
        var broken = all.MinBy(each => each.Vault.ToString(), StringComparer.Ordinal).Vault; // The first to be read.
        await host.Blobs.FlipBitAsync(BlobNames.LogEntry(broken, entry), 20);

        await using var next = await host.StartAnotherAsync(emptyDatabaseOf: cluster);
        var report = await next.Get<IndexRebuild>().RunAsync(member: null, Quiet, CancellationToken.None);

        Assert.Equal((2, 2L, 4L), (report.Vaults, report.Snapshots, report.Packs));
        Assert.Equal(broken, Assert.Single(report.LeftOut).Vault);
        foreach (var (_, agent) in all) agent.Dispose();
    }

    [Fact]
    public async Task Sessions_and_root_keys_are_opened_while_a_rebuild_reads_commits()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1]);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        host.Blobs.BeforeRead = name =>
        {
            if (name != BlobNames.Commit(vault, agent.Device, 1, snapshot.Commit.Id) || !reached.TrySetResult()) return;
            goOn.Wait(TimeSpan.FromMinutes(1));
        };
        var rebuild = host.Get<IndexRebuild>().RunAsync(member: null, Quiet, CancellationToken.None);
        await reached.Task;

        try
        {
            await agent.OpenSessionAsync().WaitAsync(TimeSpan.FromSeconds(20));
            using var key = await agent.RootKeyAsync(snapshot.Commit.Id).WaitAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(HttpStatusCode.OK, key.StatusCode);
        }
        finally
        {
            goOn.Set();
        }
        Assert.Equal(1, (await rebuild).Snapshots);
        Assert.Equal(3L, await host.ScalarAsync<long>("select log_height from fleet.vaults"));
    }
}

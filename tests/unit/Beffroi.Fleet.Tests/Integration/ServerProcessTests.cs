using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Beffroi.Protocol;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Recovery;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>The program as a whole: started, killed, stopped, administered beside a server and without one.</summary>
[Trait("Category", "Slow")]
public sealed class ServerProcessTests : IDisposable
{
    private const string Siret = "21450003300011";

    private readonly string _data = Directory.CreateTempSubdirectory("beffroi-").FullName;

    private string PidFile => Path.Combine(_data, "db", "postmaster.pid");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_member_is_created_without_a_server_and_seen_beside_one_that_was_killed_before()
    {
        var (exitCode, created, errors) = await ServerProcess.AdminAsync(
            _data, "create-member", "--name", "Mairie de Sainte-Anne", "--siret", Siret, "--level", "2");
        Assert.True(exitCode == 0, errors);
        Assert.False(File.Exists(PidFile), "The command left its database running.");
        using (var kit = RecoveryKit.Parse(File.ReadAllText(created.GetProperty("kit").GetString()!)))
            Assert.Equal(created.GetProperty("vaultId").GetGuid(), kit.Vault?.Value);

        using (var killed = await ServerProcess.StartAsync(_data)) await killed.KillAsync();
        Assert.True(File.Exists(PidFile), "The database of the killed server should have gone on.");
        var before = File.ReadLines(PidFile).First();

        using var server = await ServerProcess.StartAsync(_data);
        Assert.Equal(before, File.ReadLines(PidFile).First()); // Taken over, not started anew.
        var (_, members, _) = await ServerProcess.AdminAsync(_data, "list-members");
        var member = Assert.Single(members.GetProperty("members").EnumerateArray());
        Assert.Equal(25_000_000_000, member.GetProperty("quotaBytes").GetInt64());

        Assert.Equal(0, await server.StopAsync());
        Assert.False(File.Exists(PidFile), "The server left its database running.");
    }

    [Fact]
    public async Task After_a_power_cut_a_stranger_with_the_databases_number_is_left_alone()
    {
        using (var first = await ServerProcess.StartAsync(_data)) await first.StopAsync();
        using var stranger = Process.Start("sleep", ["600"]);
        File.WriteAllText(PidFile, $"{stranger.Id}\n{_data}/db\n1700000000\n5432\n{_data}/run/pg\n\n 1 1\n");

        using (var server = await ServerProcess.StartAsync(_data)) Assert.Equal(0, await server.StopAsync());

        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    [Fact]
    public async Task A_second_server_says_who_has_the_folder()
    {
        using var server = await ServerProcess.StartAsync(_data);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(_data));

        Assert.Contains("'beffroi-server' (process ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_removes_what_a_cut_upload_left_days_ago()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_data, "blobs", "t")).FullName;
        var (old, fresh) = (Path.Combine(folder, ".tmp-1"), Path.Combine(folder, ".tmp-2"));
        File.WriteAllText(old, "half a pack");
        File.WriteAllText(fresh, "under way");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        using var server = await ServerProcess.StartAsync(_data);
        for (var wait = 0; wait < 100 && File.Exists(old); wait++) await Task.Delay(100);

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(fresh));
    }

    [Fact]
    public async Task A_running_server_is_healthy_and_lets_commands_work_beside_it()
    {
        using var server = await ServerProcess.StartAsync(_data);
        using var client = new HttpClient { BaseAddress = server.Address };

        Assert.Equal("live\n", await client.GetStringAsync("/health/live"));
        Assert.Equal("ready\n", await client.GetStringAsync("/health/ready"));
        Assert.Contains("http_server_request_duration_seconds_count", await client.GetStringAsync("/metrics"),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/v1/authority")).StatusCode);

        var both = await Task.WhenAll(
            ServerProcess.AdminAsync(_data, "create-member", "--name", "A", "--siret", Siret),
            ServerProcess.AdminAsync(_data, "create-member", "--name", "B", "--siret", "21123456700017"));
        Assert.All(both, result => Assert.True(result.ExitCode == 0, result.Errors));
        var member = both[0].Answer.GetProperty("memberId").GetString()!;
        var (_, issued, _) = await ServerProcess.AdminAsync(_data, "enrolment-token", "--member", member,
            "--device-kind", "laptop");
        Assert.Null(EnrolmentToken.Parse(issued.GetProperty("token").GetString()!).Authority);

        var again = await ServerProcess.AdminAsync(_data, "create-member", "--name", "A", "--siret", Siret);
        Assert.Equal(2, again.ExitCode);
        var unknown = await ServerProcess.AdminAsync(_data, "set-quota", "--member", $"{Guid.Empty}", "--bytes", "1");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("BEF-4014", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_folder_whose_disk_is_gone_is_noticed_and_never_taken_for_an_empty_one()
    {
        var (blobs, away) = (Path.Combine(_data, "blobs"), Path.Combine(_data, "away"));
        await ServerProcess.AdminAsync(_data, "create-member", "--name", "A", "--siret", Siret);
        using (var server = await ServerProcess.StartAsync(_data))
        {
            using var client = new HttpClient { BaseAddress = server.Address };
            Directory.Move(blobs, away);
            Directory.CreateDirectory(blobs);

            using var empty = await client.GetAsync("/health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, empty.StatusCode);
            Assert.Equal("not ready: blob store (BEF-3005)\n", await empty.Content.ReadAsStringAsync());
            Directory.Delete(blobs);
            using var gone = await client.GetAsync("/health/ready");
            Assert.Equal("not ready: blob store (BEF-3002)\n", await gone.Content.ReadAsStringAsync());
            Directory.Move(away, blobs);
            Assert.Equal("ready\n", await client.GetStringAsync("/health/ready"));
            await server.StopAsync();
        }
        Directory.Move(blobs, away);

        foreach (var verb in new[] { "check", "rebuild-index" })
        {
            var (exitCode, _, errors) = await ServerProcess.AdminAsync(_data, verb);
            Assert.Equal(1, exitCode);
            Assert.Contains("BEF-3005", errors, StringComparison.Ordinal);
        }
        Assert.Equal(0, (await ServerProcess.AdminAsync(_data, "list-members")).ExitCode);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(_data));
        Assert.Contains("BEF-3005", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(blobs));

        Directory.Delete(blobs);
        Directory.Move(away, blobs);
        using var back = await ServerProcess.StartAsync(_data);
        Assert.Equal(0, await back.StopAsync());
    }

    [Fact]
    public async Task Commands_without_a_server_take_turns()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServerProcess.AdminAsync(
            _data, "create-operator", "--name", "Syndicat", "--siret", "73282932000074")));

        Assert.All(all, result => Assert.True(result.ExitCode == 0, result.Errors));
        Assert.Single(all.Select(result => result.Answer.GetProperty("operatorId").GetGuid()).Distinct());
        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public async Task With_its_own_certificate_the_token_carries_the_fingerprint_that_proves_the_server()
    {
        File.WriteAllText(
            Path.Combine(_data, "appsettings.json"), """{ "Beffroi": { "Urls": "https://127.0.0.1:0" } }""");
        using var server = await ServerProcess.StartAsync(_data, "https");
        var (_, created, _) = await ServerProcess.AdminAsync(_data, "create-member", "--name", "A", "--siret", Siret);
        var (_, issued, _) = await ServerProcess.AdminAsync(
            _data, "enrolment-token", "--member", created.GetProperty("memberId").GetString()!);
        var token = EnrolmentToken.Parse(issued.GetProperty("token").GetString()!);

        // What an agent does: fetch the authority from whoever answers, and believe it only by the token.
        using var unsure = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        });
        var authority = await unsure.GetByteArrayAsync(new Uri(server.Address, "/v1/authority"));
        Assert.Equal(token.Authority, Digest256.Of(authority));

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(authority));
        using var sure = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } })
        {
            DefaultRequestVersion = HttpVersion.Version20,
        };
        var answer = await sure.GetAsync(new Uri(server.Address, "/health/ready"));
        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_lost_key_file_is_not_covered_up_by_a_new_one()
    {
        await ServerProcess.AdminAsync(_data, "create-member", "--name", "A", "--siret", Siret);
        File.Delete(Path.Combine(_data, "keys", "server.json"));

        var refused = await ServerProcess.AdminAsync(_data, "list-members");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("BEF-4016", refused.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_data, "keys", "server.json")));
    }

    [Fact]
    public async Task A_server_whose_database_dies_ends_and_the_next_one_recovers_everything()
    {
        using (var server = await ServerProcess.StartAsync(_data))
        {
            await ServerProcess.AdminAsync(_data, "create-member", "--name", "A", "--siret", Siret);
            using var postmaster = System.Diagnostics.Process.GetProcessById(
                int.Parse(File.ReadLines(PidFile).First()));
            postmaster.Kill();
            Assert.Equal(1, await server.WaitForExitAsync());
        }

        using var next = await ServerProcess.StartAsync(_data);
        var (_, members, errors) = await ServerProcess.AdminAsync(_data, "list-members");
        Assert.True(members.GetProperty("members").GetArrayLength() == 1, errors);
        Assert.Equal(0, await next.StopAsync());
    }
}

using System.Net;
using System.Text.Json;
using Beffroi.Intake.Sessions;
using Beffroi.Testing;
using Beffroi.Vault;
using Microsoft.AspNetCore.Routing;
using static Beffroi.Fleet.Tests.Integration.IntakeTests;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>A session serves the purpose that it was opened for, and no other.</summary>
public sealed class PurposeTests(TestCluster cluster)
{
    private const string Id = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>Every verb that needs a session, and the purposes that it serves.</summary>
    private static readonly Dictionary<string, string[]> Served = new()
    {
        ["POST /v1/have"] = ["backup"],
        ["PUT /v1/packs/{id}"] = ["backup"],
        ["POST /v1/commits"] = ["backup"],
        ["POST /v1/records"] = ["restore"],
        ["POST /v1/snapshots/{id}/root-key"] = ["restore"],
        ["GET /v1/snapshots"] = ["backup", "restore", "query"],
        ["GET /v1/snapshots/{id}"] = ["backup", "restore", "query"],
        ["GET /v1/vault"] = ["backup", "restore", "query"],
        ["POST /v1/check-ins"] = ["plan"],
        ["POST /v1/runs"] = ["plan"],
        ["POST /v1/orders/{id:guid}/progress"] = ["plan"],
        ["GET /v1/orders/{id:guid}/snapshot"] = ["restore"],
        ["POST /v1/orders/{id:guid}/root-key"] = ["restore"],
        ["POST /v1/orders/{id:guid}/records"] = ["restore"],
        ["POST /v1/unenrolment"] = ["query"], // Last: it ends the device.
    };

    [Fact]
    public async Task Each_verb_serves_its_own_purposes_and_refuses_the_others()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        foreach (var (verb, served) in Served)
        {
            foreach (var purpose in new[] { "backup", "restore", "plan", "query" })
            {
                await agent.OpenSessionAsync(purpose);

                using var answer = await SendAsync(agent, verb);

                var isRefused = await IsRefusedAsync(answer, purpose);
                Assert.True(served.Contains(purpose) != isRefused, $"{verb} for {purpose}: {answer.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task No_verb_that_takes_a_session_is_without_its_purposes()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var endpoints = host.Get<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>();

        var named = endpoints.Where(each => each.Metadata.GetMetadata<ServedPurposes>() is not null)
            .Select(each => $"{each.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]} "
                + each.RoutePattern.RawText);

        Assert.Equal(Served.Keys.Order(), named.Order());
    }

    [Fact]
    public async Task What_a_session_to_query_sends_is_not_stored()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var snapshot = await agent.BackUpAsync([1]);
        await agent.OpenSessionAsync("query");

        using var pack = await agent.PutAsync(snapshot.Data);
        using var commit = await agent.CommitAsync(agent.Sign(2, snapshot.Commit.Id, snapshot.Root));

        await AssertRefusedAsync(pack, HttpStatusCode.Forbidden, ErrorCode.Forbidden);
        await AssertRefusedAsync(commit, HttpStatusCode.Forbidden, ErrorCode.Forbidden);
        Assert.Single(await agent.SnapshotsAsync());
    }

    private static Task<HttpResponseMessage> SendAsync(TestAgent agent, string verb)
    {
        var parts = verb.Split(' ');
        var path = parts[1].Replace("{id}", Id, StringComparison.Ordinal)
            .Replace("{id:guid}", Guid.Empty.ToString(), StringComparison.Ordinal);
        if (path.EndsWith("/root-key", StringComparison.Ordinal))
            return agent.RootKeyAsync(new SnapshotId(Digest256.Parse(Id)));
        return agent.SendAsync(
            new HttpMethod(parts[0]), path, parts[0] == "GET" ? null : new byte[32],
            Served[verb].Contains("plan") ? "application/json" : "application/octet-stream");
    }

    private static async Task<bool> IsRefusedAsync(HttpResponseMessage answer, string purpose)
    {
        if (answer.StatusCode != HttpStatusCode.Forbidden) return false;

        using var failure = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var message = failure.RootElement.GetProperty("message").GetString()!;
        return failure.RootElement.GetProperty("code").GetString() == ErrorCodeText.Of(ErrorCode.Forbidden)
            && message.Contains($"opened for '{purpose}'", StringComparison.Ordinal);
    }
}

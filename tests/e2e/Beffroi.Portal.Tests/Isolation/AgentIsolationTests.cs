using System.Net;
using Beffroi.Testing;

namespace Beffroi.Portal.Tests.Isolation;

/// <summary>The agents' protocol, tried without a session, with one for something else, and by another member's
/// computer with ids of this one.</summary>
[Collection<TwoTownsTests>]
public sealed class AgentIsolationTests(TwoTowns towns)
{
    [Fact]
    public async Task Without_a_session_every_verb_is_refused()
    {
        using var http = new HttpClient { BaseAddress = towns.Address };
        using var stranger = new TestAgent(http); // Enrolled nowhere, so without a token.
        foreach (var route in RouteTable.Agents.Keys)
        {
            using var answer = await CallAsync(stranger, route);
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{route}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task A_session_serves_its_purpose_and_no_other()
    {
        foreach (var purpose in new[] { "backup", "restore", "query", "plan" })
        {
            await towns.Ours.OpenSessionAsync(purpose);
            foreach (var (route, refused) in RouteTable.Agents.Where(rule => rule.Value.Contains(purpose)))
            {
                using var answer = await CallAsync(towns.Ours, route);
                Assert.True(
                    answer.StatusCode == HttpStatusCode.Forbidden, $"{route} for {purpose}: {answer.StatusCode}");
            }
        }
        await towns.Ours.OpenSessionAsync();
    }

    [Fact]
    public async Task Another_members_computer_finds_no_snapshot_and_no_record_of_this_one()
    {
        await towns.Theirs.OpenSessionAsync();
        var snapshot = towns.Snapshot;
        Assert.DoesNotContain(
            snapshot.Commit.Id.ToString(), (await towns.Theirs.SnapshotsAsync()).Select(each => each.Id));
        using var read = await towns.Theirs.SendAsync(HttpMethod.Get, towns.Fill("/v1/snapshots/{snapshot}"), null);
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        using var key = await towns.Theirs.RootKeyAsync(snapshot.Commit.Id);
        Assert.Equal(HttpStatusCode.NotFound, key.StatusCode);
        Assert.Equal("00", await towns.Theirs.HaveAsync(snapshot.Chunk.Ref.Id, snapshot.Root.Ref.Id));
        var records = await towns.Theirs.RecordsAsync(snapshot.Chunk.Ref.Id, snapshot.Root.Ref.Id);
        Assert.All(records.Values, Assert.Empty);
        using var vault = await towns.Theirs.SendAsync(HttpMethod.Get, "/v1/vault", null);
        Assert.DoesNotContain(
            towns.Ours.Vault.ToString(), await vault.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Another_members_computer_stores_nothing_in_this_members_vault()
    {
        await towns.Theirs.OpenSessionAsync();
        using var pack = await towns.Theirs.PutAsync(towns.Snapshot.Data);
        Assert.False(pack.IsSuccessStatusCode, $"a foreign pack: {pack.StatusCode}");
        using var commit = await towns.Theirs.CommitAsync(towns.Snapshot.Commit);
        Assert.False(commit.IsSuccessStatusCode, $"a foreign commit: {commit.StatusCode}");
    }

    [Fact]
    public async Task Another_members_computer_neither_takes_nor_ends_what_was_asked_of_this_one()
    {
        await towns.Theirs.OpenSessionAsync("plan");
        var told = await towns.Theirs.CheckInAsync();
        Assert.DoesNotContain(towns.Order, told.Orders.Select(order => order.Id));
        using var progress = await towns.Theirs.ReportProgressAsync(towns.Order, "done");
        Assert.Equal(HttpStatusCode.NotFound, progress.StatusCode);
        using var run = await towns.Theirs.ReportRunAsync(towns.Run, report => report with { Outcome = "completed" });
        var runs = await towns.AdminAsync("list-runs", "--device", towns.Ours.Device.ToString());
        Assert.Equal("Failed", runs.GetProperty("runs")[0].GetProperty("outcome").GetString());
    }

    /// <summary>Calls a verb with ids of Arvigny and a body that means nothing.</summary>
    private Task<HttpResponseMessage> CallAsync(TestAgent agent, string route)
    {
        var (method, pattern) = (route.Split(' ')[0], route.Split(' ')[1]);
        var thing = pattern switch
        {
            _ when pattern.Contains("packs", StringComparison.Ordinal) => "{pack}",
            _ when pattern.Contains("orders", StringComparison.Ordinal) => "{order}",
            _ => "{snapshot}",
        };
        var path = towns.Fill(pattern.Replace("{id:guid}", thing, StringComparison.Ordinal)
            .Replace("{id}", thing, StringComparison.Ordinal));
        return method == "GET"
            ? agent.SendAsync(HttpMethod.Get, path, body: null)
            : agent.SendAsync(new HttpMethod(method), path, "{}"u8.ToArray(), MediaTypeOf(pattern));
    }

    private static string MediaTypeOf(string pattern) =>
        pattern is "/v1/have" or "/v1/commits" or "/v1/packs/{id}"
        || pattern.EndsWith("/records", StringComparison.Ordinal)
            ? "application/octet-stream"
            : "application/json";
}

using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Beffroi.Intake.Failures;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>What the server answers when something fails that no verb foresees.</summary>
public sealed class FailureTests(TestCluster cluster)
{
    public static TheoryData<string, ErrorCode> Causes => new()
    {
        { "defect", ErrorCode.ServerFailed },
        { "25P03", ErrorCode.DatabaseUnavailable },
        { "57P01", ErrorCode.DatabaseUnavailable },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task What_nobody_foresaw_may_be_tried_again(string cause, ErrorCode code)
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        host.Blobs.BeforePut = _ => throw (cause == "defect" ? new InvalidOperationException("Defect.") : Ended(cause));

        using var refused = await agent.PutAsync(agent.Pack(PackKind.Data, agent.SealChunk([1])));

        var failure = await refused.Content.ReadFromJsonAsync(ProtocolJson.Default.FailureMessage);
        Assert.Equal((ErrorCodeText.Of(code), true), (failure?.Code, failure?.Retryable));
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("25006")]
    [InlineData("25P03")]
    [InlineData("40P01")]
    [InlineData("57014")]
    [InlineData("57P01")]
    [InlineData("57P02")]
    public void An_end_by_the_database_is_an_outage_however_deep_it_is_wrapped(string state)
    {
        Assert.True(Outage.Explains(Ended(state)));
        Assert.False(Outage.Explains(Ended("23505")));
        Assert.False(Outage.Explains(new InvalidOperationException("A defect.", new FormatException())));
    }

    [Fact]
    [Trait("Category", "Slow")] // The web server waits 5 s before it calls a client slow.
    public async Task A_body_that_comes_too_slowly_may_be_sent_again()
    {
        await using var host = await IntakeHost.StartAsync(cluster);
        var (_, vault, _) = await host.AddMemberAsync();
        using var agent = await host.EnrolAsync(vault);
        var pack = agent.Pack(PackKind.Data, agent.SealChunk([1]));

        var address = host.Http.BaseAddress!; // The host sets it.
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /v1/packs/{pack.Id} HTTP/1.1\r\nHost: x\r\nBeffroi-Protocol: 1\r\nConnection: close\r\n"
                + $"Authorization: Bearer {agent.Session.Token}\r\nContent-Length: {pack.Bytes}\r\n\r\nBEF"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("\"retryable\":true", answer, StringComparison.Ordinal);
        Assert.Contains("BEF-5001", answer, StringComparison.Ordinal);
    }

    private static InvalidOperationException Ended(string state) => new(
        "Several at once.",
        new AggregateException(new DbUpdateException(
            "Not saved.", new PostgresException("It ends.", "FATAL", "FATAL", state))));
}

using System.Net.Sockets;
using Beffroi.Protocol.Client;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>What goes wrong between agent and server, and what is made of it.</summary>
public sealed class ServerConnectionTests : IAsyncDisposable
{
    private const string Describe = "GET /v1/server";

    private readonly ClientFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_pack_cut_off_on_its_way_is_sent_again_whole()
    {
        await using var session = await _fixture.OpenAsync();
        var pack = _fixture.Pack(1 << 20, 1 << 20, 1 << 20);
        var cuts = 2;
        _fixture.Server.UploadCut = line =>
            line.StartsWith("PUT", StringComparison.Ordinal) && cuts-- > 0 ? 1_500_000 : null;
        await session.PutPackAsync(pack, default);
        Assert.Equal(pack.ToArray(), _fixture.Vault.Packs[pack.Id]);
        Assert.Equal(2, _fixture.Waits.Count);
        var request = _fixture.Vault.Requests.Single(request => request.Method == "PUT");
        Assert.Equal($"{pack.Bytes}", request.Headers["Content-Length"]);
    }

    [Fact]
    public async Task A_server_that_is_starting_is_waited_for()
    {
        _fixture.Vault.Interfere(Describe, FakeReply.Text(502, "text/html", "<h1>Bad gateway</h1>"));
        _fixture.Vault.Interfere(
            Describe, FakeReply.Failure(503, "BEF-3002", "The store does not answer.", retryable: true));
        _fixture.Vault.Interfere(Describe, FakeReply.Failure(503, "BEF-5004", "Rebuilding.") with
        {
            Headers = [("Retry-After", "120")],
        });
        var server = await _fixture.Connect().DescribeAsync(_fixture.Patient, default);
        Assert.Equal("beffroi", server.Product);
        Assert.Equal([ErrorCode.AnswerMalformed, ErrorCode.StoreUnavailable, ErrorCode.ServerFailed],
            _fixture.Waits.Select(wait => wait.Reason.Code));
        Assert.Equal(120, _fixture.Waits[2].Delay.TotalSeconds);
    }

    [Theory]
    [InlineData(408, "text/plain", "")]
    [InlineData(500, "text/plain", "")]
    [InlineData(500, "application/json", "{\"code\":\"BEF-5004\",\"message\":\"?\",\"retryable\":false}")]
    public async Task A_failure_that_nobody_foresaw_is_tried_again(int status, string mediaType, string text)
    {
        _fixture.Vault.Interfere(Describe, FakeReply.Text(status, mediaType, text));
        Assert.Equal("beffroi", (await _fixture.Connect().DescribeAsync(_fixture.Patient, default)).Product);
        Assert.Single(_fixture.Waits);
    }

    [Fact]
    public async Task A_server_that_ends_within_the_head_of_its_answer_is_tried_again()
    {
        _fixture.Vault.Interfere(
            Describe, FakeReply.Text(200, "application/json", "{}") with { CutHeadAfterBytes = 20 });
        Assert.Equal("beffroi", (await _fixture.Connect().DescribeAsync(_fixture.Patient, default)).Product);
        Assert.NotEmpty(_fixture.Waits);
    }

    [Fact]
    public void An_answer_that_is_no_http_is_final_and_one_that_was_cut_is_not()
    {
        using var watch = new IdleWatch(TimeSpan.FromMinutes(1), _fixture.Time, default);
        Assert.False(Of(new InvalidDataException("Not HTTP.")).IsRetryable);
        Assert.True(Of(new IOException("It broke.", new SocketException(104))).IsRetryable);
        Assert.True(Of(new HttpIOException(HttpRequestError.ResponseEnded)).IsRetryable);

        VaultException Of(Exception cause) => TransportFailure.Explain(
            new HttpRequestException(HttpRequestError.InvalidResponse, "Invalid.", cause), _fixture.Options, watch,
            refusal: null);
    }

    [Fact]
    public async Task A_date_to_come_back_at_is_understood_by_the_servers_own_clock()
    {
        _fixture.Vault.Interfere(Describe, FakeReply.Failure(429, "BEF-4012", "Slower.") with
        {
            Headers = [("Date", "Sun, 01 Jan 2023 10:00:00 GMT"), ("Retry-After", "Sun, 01 Jan 2023 10:01:30 GMT")],
        });
        await _fixture.Connect().DescribeAsync(_fixture.Patient, default);
        Assert.Equal(90, Assert.Single(_fixture.Waits).Delay.TotalSeconds);
    }

    [Fact]
    public async Task The_page_of_a_proxy_is_named_as_what_it_is()
    {
        _fixture.Vault.Interfere(Describe, FakeReply.Text(403, "text/html", "<h1>Blocked by policy</h1>"));
        var failure = await FailureOf(_fixture.Connect().DescribeAsync(_fixture.Patient, default));
        Assert.Equal(ErrorCode.AnswerMalformed, failure.Code);
        Assert.Contains("403", failure.Message, StringComparison.Ordinal);
        Assert.Contains("proxy", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Waits);
    }

    [Theory]
    [InlineData(200, "text/html", "<h1>Please sign in</h1>")]
    [InlineData(200, "application/json", "{\"product\":")]
    [InlineData(200, "application/json", "null")]
    [InlineData(200, "application/json", "{\"hello\":\"world\"}")]
    [InlineData(302, "text/html", "elsewhere")]
    [InlineData(400, "application/json", "{\"error\":\"not ours\"}")]
    [InlineData(400, "application/json", "[")]
    public async Task An_answer_that_is_no_message_is_refused(int status, string mediaType, string text)
    {
        _fixture.Vault.Interfere(Describe, FakeReply.Text(status, mediaType, text));
        var failure = await FailureOf(_fixture.Connect().DescribeAsync(_fixture.Patient, default));
        Assert.Equal(ErrorCode.AnswerMalformed, failure.Code);
    }

    [Fact]
    public async Task A_code_of_a_later_version_is_shown_as_the_server_wrote_it()
    {
        _fixture.Vault.Interfere(Describe, FakeReply.Failure(418, "BEF-4999", "The moon is full.\e[2J"));
        var failure = await FailureOf(_fixture.Connect().DescribeAsync(_fixture.Patient, default));
        Assert.Equal("BEF-4999", failure.CodeText);
        Assert.Equal("The moon is full. [2J", failure.Message); // Nothing that a terminal obeys.
    }

    [Fact]
    public async Task A_code_of_another_kind_is_shown_with_its_message()
    {
        _fixture.Vault.Interfere(Describe, FakeReply.Failure(500, "E17", "It broke."));
        var failure = await FailureOf(_fixture.Connect().DescribeAsync(_fixture.Patient, default));
        Assert.Equal(ErrorCode.ServerFailed, failure.Code);
        Assert.Contains("It broke.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("E17", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        await _fixture.Server.DisposeAsync();
        var failure = await FailureOf(_fixture.Connect().DescribeAsync(_fixture.Patient, default));
        Assert.Equal(ErrorCode.ServerUnreachable, failure.Code);
        Assert.True(failure.IsRetryable);
        Assert.True(_fixture.Waits.Count > 10);
    }

    [Fact]
    public async Task Nothing_for_a_minute_ends_the_wait_for_an_answer()
    {
        using var asked = new SemaphoreSlim(0);
        _fixture.Vault.Interfere(_ =>
        {
            asked.Release();
            return FakeReply.Text(200, "application/json", "{}") with { SilentAfterBytes = 0 };
        });
        await TimeOutAsync(_fixture.Connect().DescribeAsync(ClientFixture.Impatient, default), asked);
    }

    [Fact]
    public async Task Slowness_of_this_side_is_no_silence()
    {
        await using var session = await _fixture.OpenAsync(ClientFixture.Impatient);
        var pack = _fixture.Pack(600_000, 3_000_000);
        await session.PutPackAsync(pack, default);
        var ids = pack.Records.Select(record => record.Ref.Id).ToList();
        await using var fetch = session.FetchAsync(ids, default).GetAsyncEnumerator();
        Assert.True(await fetch.MoveNextAsync());
        _fixture.Time.Advance(TimeSpan.FromMinutes(10)); // A full disk, perhaps.
        Assert.True(await fetch.MoveNextAsync());
        Assert.Equal(FetchOutcome.Found, fetch.Current.Outcome);
    }

    [Fact]
    public async Task Whoever_cancels_gets_a_cancellation_and_no_failure()
    {
        await using var session = await _fixture.OpenAsync();
        _fixture.Vault.Interfere("POST /v1/records", FakeReply.Bytes(200, new byte[36]) with { SilentAfterBytes = 20 });
        using var stop = new CancellationTokenSource();
        await using var fetch = session.FetchAsync(
            [new RecordId(Digest256.Of("x"u8))], stop.Token).GetAsyncEnumerator();
        var next = fetch.MoveNextAsync().AsTask();
        await EventuallyAsync(() => _fixture.Vault.Count("POST /v1/records") == 1);
        Assert.False(next.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.Empty(_fixture.Waits);
    }

    [Fact]
    public async Task An_upload_keeps_to_its_rate()
    {
        await using var session = await _fixture.OpenAsync(options: _fixture.Options with
        {
            UploadBytesPerSecond = 100_000,
            IdleTimeout = TimeSpan.FromHours(1),
        });
        var began = _fixture.Time.GetUtcNow();
        var pack = _fixture.Pack(300_000, 200_000);
        await PassAsync(session.PutPackAsync(pack, default).AsTask());
        Assert.True((_fixture.Time.GetUtcNow() - began).TotalSeconds >= 4.9);
        Assert.Equal(pack.ToArray(), _fixture.Vault.Packs[pack.Id]);
    }

    [Fact]
    public async Task A_download_keeps_to_its_rate()
    {
        await using var session = await _fixture.OpenAsync(options: _fixture.Options with
        {
            DownloadBytesPerSecond = 100_000,
            IdleTimeout = TimeSpan.FromHours(1),
        });
        var pack = _fixture.Pack(500_000);
        await session.PutPackAsync(pack, default);
        var began = _fixture.Time.GetUtcNow();
        await using var fetch = session.FetchAsync([pack.Records[0].Ref.Id], default).GetAsyncEnumerator();
        await PassAsync(fetch.MoveNextAsync().AsTask());
        Assert.True((_fixture.Time.GetUtcNow() - began).TotalSeconds >= 4.9);
        Assert.Equal(pack.Records[0].Memory.ToArray(), fetch.Current.Buffer?[..fetch.Current.Bytes]);
    }

    [Fact]
    public async Task A_given_proxy_is_used()
    {
        var options = _fixture.Options with
        {
            Server = new Uri("http://beffroi.invalid/"),
            AllowPlainHttp = true,
            Proxy = ProxyChoice.Through(new Uri($"http://anne:s%40same@127.0.0.1:{_fixture.Server.Port}")),
        };
        FakeRequest? seen = null;
        _fixture.Vault.Interfere(request => request.Headers.ContainsKey("Proxy-Authorization")
            ? null
            : FakeReply.Text(407, "text/html", "Who are you?") with
            {
                Headers = [("Proxy-Authenticate", "Basic realm=\"x\"")],
            });
        _fixture.Vault.Interfere(request => request.Path == "http://beffroi.invalid/v1/server"
            ? _fixture.Vault.Answer((seen = request) with { Path = "/v1/server" })
            : null);
        Assert.Equal("beffroi", (await _fixture.Connect(options).DescribeAsync(_fixture.Patient, default)).Product);
        Assert.Equal("Basic " + Convert.ToBase64String("anne:s@same"u8), seen?.Headers["Proxy-Authorization"]);
    }

    [Fact]
    public async Task A_proxy_that_refuses_to_let_through_is_named()
    {
        var options = _fixture.Options with
        {
            Server = new Uri("https://beffroi.invalid/"),
            Proxy = ProxyChoice.Through(new Uri($"http://127.0.0.1:{_fixture.Server.Port}")),
        };
        _fixture.Vault.Interfere("CONNECT beffroi.invalid:443", FakeReply.Text(403, "text/html", "Blocked."));
        var failure = await FailureOf(_fixture.Connect(options).DescribeAsync(_fixture.Patient, default));
        Assert.Equal((ErrorCode.ServerUnreachable, false), (failure.Code, failure.IsRetryable));
        Assert.Contains("proxy", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_named_and_its_password_is_not()
    {
        var options = _fixture.Options with
        {
            Server = new Uri("https://beffroi.invalid/"),
            Proxy = ProxyChoice.Through(new Uri("http://anne:secret@127.0.0.1:9")), // Nothing listens there.
        };
        var failure = await FailureOf(_fixture.Connect(options).DescribeAsync(_fixture.Patient, default));
        Assert.Equal(ErrorCode.ServerUnreachable, failure.Code);
        Assert.Contains("The proxy 127.0.0.1:9 on the way to", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://example.org/", ErrorCode.PlainHttpRefused)]
    [InlineData("ftp://example.org/", ErrorCode.UsageInvalid)]
    public void An_unsafe_address_is_refused(string address, ErrorCode code)
    {
        var failure = Assert.Throws<VaultException>(
            () => new ServerConnection(_fixture.Options with { Server = new Uri(address) }));
        Assert.Equal(code, failure.Code);
    }

    [Fact]
    public async Task A_path_before_the_protocols_own_is_kept()
    {
        _fixture.Vault.Interfere(request => request.Path == "/backup/v1/server"
            ? _fixture.Vault.Answer(request with { Path = "/v1/server" }) : null);
        var connection = _fixture.Connect(
            _fixture.Options with { Server = new Uri(_fixture.Server.Address, "backup") });
        Assert.Equal("beffroi", (await connection.DescribeAsync(_fixture.Patient, default)).Product);
    }

    internal static Task<VaultException> FailureOf(Task task) => Assert.ThrowsAnyAsync<VaultException>(() => task);

    private async Task TimeOutAsync(Task task, SemaphoreSlim asked)
    {
        await asked.WaitAsync();
        _fixture.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(task.IsCompleted);
        // The header may arrive between two of these and start a new minute.
        for (var i = 0; i < 100 && !task.IsCompleted; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(61));
            await Task.WhenAny(task, Task.Delay(20));
        }
        var failure = await FailureOf(task);
        Assert.Equal(ErrorCode.ServerUnreachable, failure.Code);
        Assert.Contains("60 s", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Lets the clock run until the transfer is through; each step waits for the real one to have come as
    /// far.</summary>
    private async Task PassAsync(Task task)
    {
        for (var i = 0; i < 10_000 && !task.IsCompleted; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(task, Task.Delay(1));
        }
        await task;
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        for (var i = 0; i < 1000 && !condition(); i++) await Task.Delay(10);
        Assert.True(condition());
    }
}

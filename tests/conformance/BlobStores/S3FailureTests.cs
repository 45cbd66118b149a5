using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Beffroi.ObjectStorage;
using Beffroi.Vault;
using Beffroi.Vault.Stores;

namespace Beffroi.Conformance.BlobStores;

/// <summary>What the store's failures become, and how a store that lacks something is used.</summary>
public sealed class S3FailureTests : IDisposable
{
    private static readonly BlobName Name = new("a/b");

    private readonly LoopbackS3 _server = new();
    private readonly S3BlobStore _store;

    public S3FailureTests() => _store = _server.Open();

    public void Dispose()
    {
        _store.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData(507, "InsufficientStorage", ErrorCode.StoreFull, false)]
    [InlineData(403, "QuotaExceeded", ErrorCode.StoreFull, false)]
    [InlineData(403, "AccessDenied", ErrorCode.StoreUnavailable, false)]
    [InlineData(403, "InvalidAccessKeyId", ErrorCode.StoreUnavailable, false)]
    [InlineData(403, "RequestTimeTooSkewed", ErrorCode.StoreUnavailable, false)]
    [InlineData(404, "NoSuchBucket", ErrorCode.StoreUnavailable, false)]
    [InlineData(400, "InvalidRequest", ErrorCode.StoreUnavailable, false)]
    [InlineData(400, "XAmzContentSHA256Mismatch", ErrorCode.StoreUnavailable, true)]
    [InlineData(400, "RequestTimeout", ErrorCode.StoreUnavailable, true)]
    [InlineData(409, "ConditionalRequestConflict", ErrorCode.StoreUnavailable, true)]
    [InlineData(429, "TooManyRequests", ErrorCode.StoreUnavailable, true)]
    [InlineData(500, "InternalError", ErrorCode.StoreUnavailable, true)]
    [InlineData(502, "", ErrorCode.StoreUnavailable, true)]
    [InlineData(503, "SlowDown", ErrorCode.StoreUnavailable, true)]
    [InlineData(503, "RequestTimeTooSkewed", ErrorCode.StoreUnavailable, false)]
    public async Task An_answer_is_translated_and_the_call_not_repeated(
        int status, string code, ErrorCode expected, bool retryable)
    {
        await _store.PutAsync(Name, new byte[5], Token);
        _server.Fault = _ => (status, code);
        foreach (var call in (Func<Task>[])[
            () => _store.PutAsync(Name, new byte[5], Token).AsTask(),
            () => _store.ReplaceAsync(Name, new byte[5], Token).AsTask(),
            () => _store.ReadAsync(Name, 0, new byte[5], Token).AsTask(),
            () => ListAsync()])
        {
            _server.Requests.Clear();
            var exception = await Assert.ThrowsAsync<VaultException>(call);
            Assert.Equal((expected, retryable), (exception.Code, exception.IsRetryable));
            Assert.Contains(code, exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("test-secret", exception.ToString(), StringComparison.Ordinal);
            Assert.Single(_server.Requests);
        }
    }

    [Theory]
    [InlineData(403, false)]
    [InlineData(500, true)]
    public async Task A_length_that_cannot_be_had_is_not_a_missing_blob(int status, bool retryable)
    {
        _server.Fault = _ => (status, "");
        var exception = await Assert.ThrowsAsync<VaultException>(() => _store.GetLengthAsync(Name, Token).AsTask());
        Assert.Equal((ErrorCode.StoreUnavailable, retryable), (exception.Code, exception.IsRetryable));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_in_time_is_unavailable()
    {
        using var release = new ManualResetEventSlim();
        using var store = _server.Open(timeout: TimeSpan.FromMilliseconds(300));
        _server.Fault = _ =>
        {
            release.Wait(TimeSpan.FromSeconds(30));
            return null;
        };
        var exception = await Assert.ThrowsAsync<VaultException>(
            () => store.PutAsync(Name, new byte[5], Token).AsTask());
        release.Set();
        Assert.Equal((ErrorCode.StoreUnavailable, true), (exception.Code, exception.IsRetryable));
        Assert.Contains("no answer within", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_stalls_is_not_waited_for_for_ever()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var stalling = StallAsync(listener);
        using var store = new S3BlobStore(
            OptionsFor(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}")) with
            {
                Timeout = TimeSpan.FromMilliseconds(500),
            });
        var exception = await Assert.ThrowsAsync<VaultException>(
            () => store.ReadAsync(Name, 0, new byte[100], Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal((ErrorCode.StoreUnavailable, true), (exception.Code, exception.IsRetryable));
        Assert.Contains("no answer within", exception.Message, StringComparison.Ordinal);
        (await stalling).Dispose();
    }

    [Fact]
    public async Task A_bucket_that_was_removed_does_not_look_like_a_store_without_blobs()
    {
        _server.Fault = request => (404, request.HttpMethod == "HEAD" ? "" : "NoSuchBucket");
        var exception = await Assert.ThrowsAsync<VaultException>(() => _store.GetLengthAsync(Name, Token).AsTask());
        Assert.Equal((ErrorCode.StoreUnavailable, false), (exception.Code, exception.IsRetryable));
        Assert.Contains("Create the bucket", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NotFound")]
    [InlineData("NoRoute")]
    public async Task A_gateway_that_finds_nothing_does_not_make_a_blob_missing(string code)
    {
        await _store.PutAsync(Name, new byte[5], Token);
        _server.Fault = _ => (404, code);
        foreach (var call in (Func<Task>[])[
            () => _store.GetLengthAsync(Name, Token).AsTask(),
            () => _store.ReadAsync(Name, 0, new byte[5], Token).AsTask()])
        {
            var exception = await Assert.ThrowsAsync<VaultException>(call);
            Assert.Equal((ErrorCode.StoreUnavailable, true), (exception.Code, exception.IsRetryable));
        }
    }

    [Fact]
    public async Task A_length_that_only_the_head_did_not_find_is_asked_for_again()
    {
        await _store.PutAsync(Name, new byte[5], Token);
        _server.Fault = request => request.HttpMethod == "HEAD" ? (404, "") : null;
        var exception = await Assert.ThrowsAsync<VaultException>(() => _store.GetLengthAsync(Name, Token).AsTask());
        Assert.Equal((ErrorCode.StoreUnavailable, true), (exception.Code, exception.IsRetryable));
    }

    [Fact]
    public async Task The_bucket_is_in_the_path()
    {
        await _store.PutAsync(Name, new byte[5], Token);
        Assert.Equal("PUT /bucket/a/b", _server.Requests[^1]);
    }

    [Fact]
    public async Task A_store_that_is_down_is_unavailable()
    {
        using var store = new S3BlobStore(OptionsFor(new Uri($"http://127.0.0.1:{LoopbackS3.FreePort()}")));
        var exception = await Assert.ThrowsAsync<VaultException>(
            () => store.PutAsync(Name, new byte[5], Token).AsTask());
        Assert.Equal((ErrorCode.StoreUnavailable, true), (exception.Code, exception.IsRetryable));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_not_tried_again()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeTlsAsync(listener);
        using var store = new S3BlobStore(
            OptionsFor(new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}")));

        var exception = await Assert.ThrowsAsync<VaultException>(
            () => store.PutAsync(Name, new byte[5], Token).AsTask());
        Assert.Equal((ErrorCode.StoreUnavailable, false), (exception.Code, exception.IsRetryable));
        Assert.Contains("certificate", exception.Message, StringComparison.Ordinal);
        await serving;
    }

    [Fact]
    public async Task A_read_can_be_cancelled_while_it_waits()
    {
        await _store.PutAsync(Name, new byte[5], Token);
        using var source = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        _server.Fault = _ =>
        {
            source.Cancel();
            release.Wait(TimeSpan.FromSeconds(30));
            return null;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _store.ReadAsync(Name, 0, new byte[5], source.Token).AsTask());
        release.Set();
    }

    [Fact]
    public async Task A_put_cancelled_once_it_is_sent_completes()
    {
        using var source = new CancellationTokenSource();
        _server.Fault = _ =>
        {
            source.Cancel();
            return null;
        };
        Assert.True(await _store.PutAsync(Name, new byte[5], source.Token));
    }

    [Fact]
    public async Task A_blob_refused_as_there_and_then_not_found_is_asked_for_again()
    {
        _server.Fault = request => request.HttpMethod == "PUT" ? (412, "PreconditionFailed") : null;
        var exception = await Assert.ThrowsAsync<VaultException>(
            () => _store.PutAsync(Name, new byte[5], Token).AsTask());
        Assert.Equal((ErrorCode.StoreUnavailable, true), (exception.Code, exception.IsRetryable));
    }

    [Fact]
    public async Task A_sound_store_passes_the_probe_without_a_warning()
    {
        Assert.Equal(new S3ProbeResult(HonoursConditionalPut: true, Warning: null), await _store.ProbeAsync(Token));
        Assert.StartsWith("DELETE /bucket/.probe-", _server.Requests[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_deleting_is_forbidden_the_probe_passes_and_its_object_is_not_listed()
    {
        _server.Fault = request => request.HttpMethod == "DELETE" ? (403, "AccessDenied") : null;
        Assert.True((await _store.ProbeAsync(Token)).HonoursConditionalPut);
        Assert.Empty(await ListAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_ignores_or_refuses_the_condition_is_asked_before_each_put(bool refuses)
    {
        _server.HonoursConditions = false;
        if (refuses)
            _server.Fault = request => request.Headers["If-None-Match"] is null ? null : (501, "NotImplemented");
        var probed = await _store.ProbeAsync(Token);
        Assert.False(probed.HonoursConditionalPut);
        Assert.Contains("If-None-Match", probed.Warning, StringComparison.Ordinal);

        Assert.True(await _store.PutAsync(Name, new byte[5], Token));
        Assert.False(await _store.PutAsync(Name, new byte[] { 1, 1, 1, 1, 1 }, Token));
        var conflict = await Assert.ThrowsAsync<VaultException>(
            () => _store.PutAsync(Name, new byte[6], Token).AsTask());
        Assert.Equal(ErrorCode.BlobConflict, conflict.Code);
        var stored = new byte[9];
        Assert.Equal(5, await _store.ReadAsync(Name, 0, stored, Token));
        Assert.Equal(new byte[9], stored);
    }

    [Fact]
    public async Task A_store_that_does_not_give_back_what_it_took_fails_the_probe()
    {
        _server.ForgetsPuts = true;
        var exception = await Assert.ThrowsAsync<VaultException>(() => _store.ProbeAsync(Token));
        Assert.Equal((ErrorCode.StoreUnavailable, false), (exception.Code, exception.IsRetryable));
    }

    [Fact]
    public async Task A_listing_out_of_order_is_refused()
    {
        await _store.PutAsync(new BlobName("a"), new byte[1], Token);
        await _store.PutAsync(new BlobName("b"), new byte[1], Token);
        _server.ListsBackwards = true;
        var exception = await Assert.ThrowsAsync<VaultException>(ListAsync);
        Assert.Equal((ErrorCode.StoreUnavailable, false), (exception.Code, exception.IsRetryable));
    }

    [Fact]
    public void Options_show_no_key_and_are_checked()
    {
        var options = OptionsFor(_server.Endpoint);
        Assert.DoesNotContain("test-secret", options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("test-access", options.ToString(), StringComparison.Ordinal);
        foreach (var prefix in (string[])["no-slash", "/", "Upper/", "a//", "../"])
            Assert.Throws<ArgumentException>(() => new S3BlobStore(options with { Prefix = prefix }));
        Assert.Throws<ArgumentException>(() => new S3BlobStore(options with { Bucket = "" }));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static S3StoreOptions OptionsFor(Uri endpoint) =>
        new() { Endpoint = endpoint, Bucket = "bucket", AccessKey = "test-access", SecretKey = "test-secret" };

    private async Task<List<BlobEntry>> ListAsync()
    {
        var entries = new List<BlobEntry>();
        await foreach (var entry in _store.ListAsync("", null, Token)) entries.Add(entry);
        return entries;
    }

    /// <summary>Answers one request with the head and the first byte of an answer, and keeps the connection.</summary>
    private static async Task<TcpClient> StallAsync(TcpListener listener)
    {
        var client = await listener.AcceptTcpClientAsync(Token);
        _ = await client.GetStream().ReadAsync(new byte[8_192], Token);
        try
        {
            await client.GetStream().WriteAsync(
                "HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\n\r\nx"u8.ToArray(), Token);
        }
        catch (IOException)
        {
            // On a busy computer the client's patience ended first, which is what is tested as well.
        }
        return client;
    }

    private static async Task ServeTlsAsync(TcpListener listener)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        using var client = await listener.AcceptTcpClientAsync(Token);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(certificate);
            _ = await tls.ReadAsync(new byte[1], Token);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            // The client hangs up, which is what is tested.
        }
    }
}

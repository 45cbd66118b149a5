using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>The way to one server: addresses, certificates, proxy, bandwidth and timeouts. Sends each request once;
/// repeating is <see cref="RetryPolicy"/>'s work. For any thread.</summary>
public sealed class ServerConnection : IAsyncDisposable
{
    private const string PemMessage =
        "The authority's certificate in the agent's configuration cannot be read. Enrol this computer again.";

    private readonly ServerConnectionOptions _options;
    private readonly CertificateCheck _certificates;
    private readonly HttpClient _http;
    private volatile TokenBucket? _uploads;

    /// <summary>Prepares the way; connects at the first request.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>, <see cref="ErrorCode.PlainHttpRefused"/>
    /// or <see cref="ErrorCode.ConfigurationDamaged"/>.</exception>
    public ServerConnection(ServerConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        RefuseUnsafe(options);
        _options = options;
        _certificates = Certificates(options);
        _uploads = Bucket(options.UploadBytesPerSecond);
        Downloads = Bucket(options.DownloadBytesPerSecond);
        _http = Client(_certificates.Accepts);
    }

    /// <summary>The server's address.</summary>
    public Uri Server => _options.Server;

    /// <summary>PEM of the only authority accepted: as given, or found by its fingerprint at the first request. Null
    /// when the system's authorities are asked.</summary>
    public string? AuthorityPem => _certificates.AuthorityPem;

    internal TimeProvider Time => _options.Time;

    internal TokenBucket? Downloads { get; }

    /// <summary>Changes the limit of uploads, for requests that begin from now on; 0 for none.</summary>
    public void LimitUpload(long bytesPerSecond) => _uploads = Bucket(bytesPerSecond);

    /// <summary>Asks the server who it is.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.ServerUnreachable"/>, <see
    /// cref="ErrorCode.CertificateRefused"/>, <see cref="ErrorCode.AnswerMalformed"/> or what the server
    /// answers.</exception>
    public async Task<ServerDescription> DescribeAsync(RetryPolicy retry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(retry);
        return await retry.RunAsync(Ask, cancellationToken).ConfigureAwait(false);

        ValueTask<ServerDescription> Ask(CancellationToken token) => CallAsync(
            ServerCall.Get("v1/server"), bearer: null,
            answer => answer.ReadJsonAsync(ProtocolJson.Default.ServerDescription), token);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _certificates.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Sends a request and reads its answer to the end.</summary>
    internal async ValueTask<T> CallAsync<T>(
        ServerCall call, string? bearer, Func<ServerAnswer, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(call, bearer, cancellationToken).ConfigureAwait(false);
        return await read(answer).ConfigureAwait(false);
    }

    /// <summary>Sends a request and returns once its answer begins.</summary>
    /// <exception cref="VaultException">No success: what the server says, or why it cannot be heard.</exception>
    internal async ValueTask<ServerAnswer> SendAsync(
        ServerCall call, string? bearer, CancellationToken cancellationToken)
    {
        var watch = new IdleWatch(_options.IdleTimeout, _options.Time, cancellationToken);
        ServerAnswer? answer = null;
        try
        {
            answer = await ExchangeAsync(call, bearer, watch).ConfigureAwait(false);
            if (answer.Response.IsSuccessStatusCode) return answer;
            throw await FailureAnswer.ReadAsync(answer, this, _options.Time).ConfigureAwait(false);
        }
        catch
        {
            answer?.Dispose();
            watch.Dispose();
            throw;
        }
    }

    internal VaultException Explain(Exception exception, IdleWatch watch) =>
        TransportFailure.Explain(exception, _options, watch, _certificates.Refusal);

    internal VaultException Malformed(string what, Exception? cause = null) => new(
        ErrorCode.AnswerMalformed, retryable: false,
        $"An answer of {Server} breaks the protocol: {what}. Agent and server may be of versions that do not fit; "
            + "tell the operator.", cause);

    /// <summary>The failure of an answer that the server did not write.</summary>
    internal VaultException Foreign(ServerAnswer answer) => new(ErrorCode.AnswerMalformed, retryable: false,
        $"{Server} answered with status {answer.Status} and a body of type '{answer.MediaType ?? "none"}', which no "
            + "Beffroi server sends. A proxy, a firewall or a sign-in page of the network probably answered in its "
            + "place: check the address and the proxy in the agent's configuration.");

    private async ValueTask<ServerAnswer> ExchangeAsync(ServerCall call, string? bearer, IdleWatch watch)
    {
        using var request = Request(call, bearer, watch);
        try
        {
            if (_certificates.LacksAuthority) await FindAuthorityAsync(watch).ConfigureAwait(false);
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token)
                .ConfigureAwait(false);
            watch.Pause();
            var body = await response.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
            return new ServerAnswer(this, response, body, watch);
        }
        catch (Exception exception) when (TransportFailure.Is(exception, watch))
        {
            throw Explain(exception, watch);
        }
    }

    /// <summary>Asks for the authority's certificate, which the platform's TLS does not send along: it leaves out what
    /// is self-signed.</summary>
    /// <remarks>Whoever answers is not known yet. So nothing is sent, and nothing is believed but bytes with the
    /// fingerprint of the token.</remarks>
    private async ValueTask FindAuthorityAsync(IdleWatch watch)
    {
        const int certificateBytesMax = 64 << 10;
        using var http = Client(static (_, certificate, _, _) => certificate is not null);
        http.MaxResponseContentBufferSize = certificateBytesMax;
        using var response = await http.GetAsync(new Uri("v1/authority", UriKind.Relative), watch.Token)
            .ConfigureAwait(false);
        if ((int)response.StatusCode is 408 or 429 or >= 500)
            throw new VaultException(ErrorCode.ServerUnreachable, retryable: true,
                $"{Server} cannot say now whose certificate it has: it answered with status "
                    + $"{(int)response.StatusCode}.");
        if (response.StatusCode != HttpStatusCode.OK) return; // It may still be shown in the handshake.
        _certificates.Pin(await response.Content.ReadAsByteArrayAsync(watch.Token).ConfigureAwait(false));
    }

    private HttpRequestMessage Request(ServerCall call, string? bearer, IdleWatch watch)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(call.Path, UriKind.Relative))
        {
            // Megabytes go over connections of their own: with Kestrel on the same 2 cores and TLS, two packs at a time
            // passed at 150 MiB/s over HTTP/2 and at 300 to 370 over HTTP/1.1, large records at 120 to 240 and at 240
            // to 350.
            Version = call.IsBulk ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = call.Parts is { } parts ? new PartsContent(parts, call.MediaType, _uploads, watch) : null,
        };
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return request;
    }

    private HttpClient Client(RemoteCertificateValidationCallback accepts)
    {
        var http = new HttpClient(Handler(accepts), disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan, BaseAddress = Directory(_options.Server),
        };
        var headers = http.DefaultRequestHeaders;
        headers.ExpectContinue = false;
        headers.Add("User-Agent", _options.UserAgent);
        headers.Add(ProtocolConstants.VersionHeader, $"{ProtocolConstants.Version}");
        return http;
    }

    private SocketsHttpHandler Handler(RemoteCertificateValidationCallback accepts) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = _options.ConnectTimeout,
        // Two packs, a question and a fetch at once, and as many again for a restore beside a backup.
        MaxConnectionsPerServer = 8,
        EnableMultipleHttp2Connections = true,
        // 64 KiB, the platform's default, holds a first transfer to 64 KiB a round trip until the window has grown.
        InitialHttp2StreamWindowSize = 1 << 20,
        // Servers move: an agent that runs for months asks for the address again.
        PooledConnectionLifetime = TimeSpan.FromMinutes(30),
        UseProxy = _options.Proxy.IsUsed,
        Proxy = ProxyOf(_options.Proxy.Address),
        DefaultProxyCredentials = CredentialCache.DefaultCredentials,
        SslOptions = { RemoteCertificateValidationCallback = accepts },
    };

    private static WebProxy? ProxyOf(Uri? address)
    {
        if (address is null) return null;
        var proxy = new WebProxy(address);
        var person = address.UserInfo.Split(':', 2);
        if (person[0].Length > 0)
            proxy.Credentials = new NetworkCredential(
                Uri.UnescapeDataString(person[0]), Uri.UnescapeDataString(person[^1]));
        return proxy;
    }

    private TokenBucket? Bucket(long bytesPerSecond) =>
        bytesPerSecond > 0 ? new TokenBucket(bytesPerSecond, _options.Time) : null;

    private static CertificateCheck Certificates(ServerConnectionOptions options)
    {
        try
        {
            return new CertificateCheck(options);
        }
        catch (System.Security.Cryptography.CryptographicException exception)
        {
            throw new VaultException(ErrorCode.ConfigurationDamaged, retryable: false, PemMessage, exception);
        }
    }

    private static Uri Directory(Uri server) =>
        server.AbsolutePath.EndsWith('/') ? server : new UriBuilder(server) { Path = server.AbsolutePath + "/" }.Uri;

    private static void RefuseUnsafe(ServerConnectionOptions options)
    {
        var server = options.Server;
        if (!server.IsAbsoluteUri || server.Scheme is not ("https" or "http"))
            throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                $"'{server}' is not a server's address: it starts with https:// and the server's name.");
        if (server.Scheme == "http" && !server.IsLoopback && !options.AllowPlainHttp)
            throw new VaultException(ErrorCode.PlainHttpRefused, retryable: false,
                $"{server} would be reached without encryption, and anybody on the way could take over the session. "
                    + "Use https://; plain HTTP is accepted to this computer itself, or where it is explicitly "
                    + "allowed.");
    }
}

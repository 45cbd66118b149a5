using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Beffroi.Testing.FakeServer;

/// <summary>HTTP/1.1 on a port of this computer, simple enough to misbehave on purpose: it can cut a connection in any
/// byte, or say nothing. A fake: it knows lengths but no chunks, and no HTTP/2.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _conversations = [];
    private readonly Func<FakeRequest, FakeReply> _answer;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Task _accepting;

    /// <summary>Starts to listen.</summary>
    /// <param name="answer">Called from many threads.</param>
    /// <param name="certificates">The server's certificate with its key, then what is presented with it; none: plain
    /// HTTP.</param>
    public LoopbackServer(Func<FakeRequest, FakeReply> answer, params X509Certificate2[] certificates)
    {
        _answer = answer;
        _tls = certificates.Length == 0 ? null : new SslServerAuthenticationOptions
        {
            ServerCertificateContext =
                SslStreamCertificateContext.Create(certificates[0], [.. certificates.Skip(1)], offline: true),
        };
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public Uri Address => new(_tls is null ? $"http://127.0.0.1:{Port}/" : $"https://localhost:{Port}/");

    /// <summary>How many connections were accepted.</summary>
    public int Connections => _conversations.Count;

    /// <summary>For a request line, the bytes of its body after which the connection is cut; null: none.</summary>
    public Func<string, int?> UploadCut { get; set; } = _ => null;

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _accepting; // Before the listener stops: one that was about to accept would find it gone.
        _listener.Stop();
        await Task.WhenAll(_conversations);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _conversations.Add(ConverseAsync(client));
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = await OpenAsync(client);
            var reader = new RequestReader(stream, line => UploadCut(line));
            while (await reader.ReadAsync(_stop.Token) is { } request)
            {
                if (!await WriteAsync(stream, _answer(request))) return;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException
            or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, or refused the certificate: its own test says whether it should have.
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client)
    {
        client.NoDelay = true; // Head and body leave in two writes, and the second would wait for an acknowledgement.
        if (_tls is null) return client.GetStream();
        var secure = new SslStream(client.GetStream());
        await secure.AuthenticateAsServerAsync(_tls, _stop.Token);
        return secure;
    }

    private async Task<bool> WriteAsync(Stream stream, FakeReply reply)
    {
        var head = reply.Head();
        await stream.WriteAsync(head.AsMemory(0, reply.CutHeadAfterBytes ?? head.Length), _stop.Token);
        if (reply.CutHeadAfterBytes is not null) return false;
        var bytes = reply.CutAfterBytes ?? reply.SilentAfterBytes ?? reply.Body.Length;
        await stream.WriteAsync(reply.Body.AsMemory(0, bytes), _stop.Token);
        await stream.FlushAsync(_stop.Token);
        if (reply.SilentAfterBytes is not null) await Task.Delay(Timeout.Infinite, _stop.Token);
        return reply.CutAfterBytes is null;
    }
}

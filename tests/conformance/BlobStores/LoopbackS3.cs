using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Beffroi.ObjectStorage;

namespace Beffroi.Conformance.BlobStores;

/// <summary>Just enough of S3 on loopback to fail in ways that a sound store cannot be brought to. No conformance run
/// uses it: that a store of our own accepts our requests proves nothing.</summary>
internal sealed class LoopbackS3 : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    internal LoopbackS3()
    {
        Endpoint = new Uri($"http://127.0.0.1:{FreePort()}/");
        _listener.Prefixes.Add(Endpoint.ToString());
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    internal Uri Endpoint { get; }

    /// <summary>The answer to give in place of the right one.</summary>
    internal Func<HttpListenerRequest, (int Status, string Code)?> Fault { get; set; } = _ => null;

    internal bool HonoursConditions { get; set; } = true;

    internal bool ListsBackwards { get; set; }

    internal bool ForgetsPuts { get; set; }

    /// <summary>Method and path of each request, in order.</summary>
    internal List<string> Requests { get; } = [];

    internal S3BlobStore Open(TimeSpan? timeout = null) => new(new S3StoreOptions
    {
        Endpoint = Endpoint, Bucket = "bucket", AccessKey = "test-access", SecretKey = "test-secret",
        Timeout = timeout ?? TimeSpan.FromSeconds(30),
    });

    public void Dispose() => _listener.Close();

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true) await AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var request = context.Request;
        Requests.Add($"{request.HttpMethod} {request.RawUrl}");
        using var copy = new MemoryStream();
        await request.InputStream.CopyToAsync(copy);
        var (status, content) = Fault(request) is { } fault
            ? Error(fault.Status, fault.Code)
            : Serve(request, copy.ToArray());
        context.Response.StatusCode = status;
        if (request.HttpMethod == "HEAD") context.Response.ContentLength64 = content.Length;
        else await context.Response.OutputStream.WriteAsync(content);
        context.Response.Close();
    }

    private (int Status, byte[] Content) Serve(HttpListenerRequest request, byte[] body)
    {
        var key = request.Url?.AbsolutePath.Replace("/bucket", "", StringComparison.Ordinal).TrimStart('/') ?? "";
        return request.HttpMethod switch
        {
            "PUT" => Put(key, body, request.Headers["If-None-Match"], request.Headers["x-amz-content-sha256"]),
            "DELETE" => (204, []),
            _ when key.Length == 0 => List(request.QueryString["prefix"] ?? ""),
            _ when !_objects.TryGetValue(key, out _) => Error(404, "NoSuchKey"),
            "HEAD" => (200, _objects[key]),
            _ => Range(_objects[key], request.Headers["Range"] ?? ""),
        };
    }

    private (int Status, byte[] Content) Put(string key, byte[] body, string? condition, string? digest)
    {
        if (digest != Convert.ToHexStringLower(SHA256.HashData(body))) return Error(400, "XAmzContentSHA256Mismatch");
        if (condition == "*" && HonoursConditions && _objects.ContainsKey(key)) return Error(412, "PreconditionFailed");
        _objects[key] = ForgetsPuts ? new byte[body.Length] : body;
        return (200, []);
    }

    private static (int Status, byte[] Content) Range(byte[] content, string range)
    {
        var bounds = range["bytes=".Length..].Split('-').Select(bound => int.Parse(bound, null)).ToArray();
        return (206, [.. content.Take(bounds[1] + 1).Skip(bounds[0])]);
    }

    private (int Status, byte[] Content) List(string prefix)
    {
        var found = _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal));
        var entries = (ListsBackwards ? found.Reverse() : found)
            .Select(pair => $"<Contents><Key>{pair.Key}</Key><Size>{pair.Value.Length}</Size></Contents>");
        return (200, Encoding.UTF8.GetBytes(
            $"<ListBucketResult><IsTruncated>false</IsTruncated>{string.Concat(entries)}</ListBucketResult>"));
    }

    private static (int Status, byte[] Content) Error(int status, string code) => (status, code.Length == 0
        ? "<html>Bad gateway</html>"u8.ToArray()
        : Encoding.UTF8.GetBytes($"<Error><Code>{code}</Code><Message>Simulated.</Message></Error>"));
}

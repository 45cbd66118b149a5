using System.Net;
using System.Net.Sockets;

namespace Beffroi.Conformance.BlobStores;

/// <summary>Passes bytes on to a store, and once damages the way there or cuts the way back.</summary>
internal sealed class DamagingRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _target;

    internal DamagingRelay(Uri target)
    {
        _target = target;
        _listener.Start();
        Endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = Task.Run(AcceptAsync);
    }

    internal Uri Endpoint { get; }

    /// <summary>Changes the byte after that many from the client on a connection, once; negative: none.</summary>
    internal int DamageAfter { get; set; } = -1;

    /// <summary>Closes a connection after that many bytes from the store, once; negative: never.</summary>
    internal int CutAfter { get; set; } = -1;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = RelayAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        using (var store = new TcpClient(_target.Host, _target.Port))
        {
            var there = CopyAsync(client.GetStream(), store.GetStream(), Damage);
            var back = CopyAsync(store.GetStream(), client.GetStream(), Cut);
            await Task.WhenAny(there, back);
        }
    }

    private bool Damage(Span<byte> bytes, long before)
    {
        if (DamageAfter < before || DamageAfter >= before + bytes.Length) return true;
        bytes[(int)(DamageAfter - before)] ^= 1;
        DamageAfter = -1;
        return true;
    }

    private bool Cut(Span<byte> bytes, long before)
    {
        if (CutAfter < 0 || before + bytes.Length < CutAfter) return true;
        CutAfter = -1;
        return false;
    }

    private delegate bool Look(Span<byte> bytes, long before);

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, Look look)
    {
        var buffer = new byte[8_192];
        try
        {
            for (long total = 0; await from.ReadAsync(buffer) is > 0 and var read; total += read)
            {
                if (!look(buffer.AsSpan(0, read), total)) return;
                await to.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // One side hung up; the other one is closed by the caller.
        }
    }
}

using System.Globalization;
using System.Text;

namespace Beffroi.Testing.FakeServer;

/// <summary>Reads requests with a Content-Length from a connection.</summary>
internal sealed class RequestReader(Stream stream, Func<string, int?> uploadCut)
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _start, _end;

    /// <summary>The next request; null when the client has gone or is to be cut off.</summary>
    internal async Task<FakeRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(cancellationToken);
        if (head is null) return null;
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var words = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var length = int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture);
        var cut = uploadCut($"{words[0]} {words[1]}");
        var body = await ReadBodyAsync(cut ?? length, cancellationToken);
        return body is null || cut is not null ? null : new FakeRequest(words[0], words[1], headers, body);
    }

    private async Task<string?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var head = Encoding.ASCII.GetString(_buffer, _start, end);
                _start += end + 4;
                return head;
            }
            if (!await FillAsync(cancellationToken)) return null;
        }
    }

    private async Task<byte[]?> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        var body = new byte[length];
        var read = Math.Min(length, _end - _start);
        _buffer.AsSpan(_start, read).CopyTo(body);
        _start += read;
        while (read < length)
        {
            var count = await stream.ReadAsync(body.AsMemory(read), cancellationToken);
            if (count == 0) return null;
            read += count;
        }
        return body;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return read > 0;
    }
}

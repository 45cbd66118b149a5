using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>An answer whose body is still on its way. For one reader; disposal gives the connection back.</summary>
internal sealed class ServerAnswer(
    ServerConnection connection, HttpResponseMessage response, Stream body, IdleWatch watch) : IDisposable
{
    // 50,000 snapshots in one list.
    private const int JsonBytesMax = 16 << 20;

    internal int Status => (int)response.StatusCode;

    internal HttpResponseMessage Response => response;

    internal string? MediaType => response.Content.Headers.ContentType?.MediaType;

    /// <summary>Reads what has come, at least one byte; 0 at the end.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.ServerUnreachable"/>: the connection broke or nothing
    /// came.</exception>
    internal async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        var bucket = connection.Downloads;
        if (bucket is not null && buffer.Length > bucket.SliceBytesMax) buffer = buffer[..bucket.SliceBytesMax];
        watch.Progress();
        int read;
        try
        {
            read = await body.ReadAsync(buffer, watch.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (TransportFailure.Is(exception, watch))
        {
            throw connection.Explain(exception, watch);
        }
        watch.Pause();
        if (bucket is not null && read > 0) await bucket.TakeAsync(read, watch.Caller).ConfigureAwait(false);
        return read;
    }

    /// <summary>The whole body.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.AnswerMalformed"/> when it is longer than
    /// allowed.</exception>
    internal async ValueTask<ReadOnlyMemory<byte>> ReadWholeAsync(int bytesMax)
    {
        const int usualBytes = 4096;
        var writer = new ArrayBufferWriter<byte>(usualBytes);
        while (true)
        {
            var read = await ReadAsync(writer.GetMemory(usualBytes)).ConfigureAwait(false);
            if (read == 0) return writer.WrittenMemory;
            writer.Advance(read);
            if (writer.WrittenCount > bytesMax) throw connection.Malformed($"it has more than {bytesMax} bytes");
        }
    }

    /// <summary>A binary answer.</summary>
    internal ValueTask<ReadOnlyMemory<byte>> ReadBytesAsync(int bytesMax)
    {
        Expect(ServerCall.Binary);
        return ReadWholeAsync(bytesMax);
    }

    /// <summary>A JSON answer.</summary>
    internal async ValueTask<T> ReadJsonAsync<T>(JsonTypeInfo<T> type)
    {
        Expect(ServerCall.Json);
        var json = await ReadWholeAsync(JsonBytesMax).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(json.Span, type)
                ?? throw connection.Malformed("it is the JSON word null");
        }
        catch (JsonException exception)
        {
            throw connection.Malformed(
                $"it is not the message that the protocol asks for ({exception.Message})", exception);
        }
    }

    /// <summary>Refuses an answer of another type: most often the page of a proxy or of a hotel's network.</summary>
    internal void Expect(string mediaType)
    {
        if (MediaType != mediaType) throw connection.Foreign(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        response.Dispose();
        watch.Dispose();
    }
}

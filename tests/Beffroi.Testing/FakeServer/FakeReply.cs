using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Protocol;

namespace Beffroi.Testing.FakeServer;

/// <summary>An answer, or the lack of one.</summary>
public sealed record FakeReply(int Status, string MediaType, byte[] Body)
{
    /// <summary>Further headers.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Bytes of the head after which the connection is cut; null: it is sent whole.</summary>
    public int? CutHeadAfterBytes { get; init; }

    /// <summary>Bytes of the body after which the connection is cut; null: the whole body is sent.</summary>
    public int? CutAfterBytes { get; init; }

    /// <summary>Bytes of the body after which nothing comes any more, while the connection stays.</summary>
    public int? SilentAfterBytes { get; init; }

    public static FakeReply Bytes(int status, byte[] body) => new(status, "application/octet-stream", body);

    public static FakeReply Json<T>(int status, T message, JsonTypeInfo<T> type) =>
        new(status, "application/json", JsonSerializer.SerializeToUtf8Bytes(message, type));

    public static FakeReply Text(int status, string mediaType, string text) =>
        new(status, mediaType, Encoding.UTF8.GetBytes(text));

    public static FakeReply Failure(int status, string code, string message, bool retryable = false) =>
        Failure(status, new FailureMessage(code, message, retryable));

    public static FakeReply Failure(int status, FailureMessage failure) =>
        Json(status, failure, ProtocolJson.Default.FailureMessage);

    internal byte[] Head()
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} Whatever\r\nContent-Type: {MediaType}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        foreach (var (name, value) in Headers) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        return Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
    }
}

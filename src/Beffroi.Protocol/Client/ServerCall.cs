using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Beffroi.Protocol.Client;

/// <summary>One request, in a form that can be sent several times.</summary>
/// <param name="Method">Verb of HTTP.</param>
/// <param name="Path">Below the server's address, such as <c>v1/have</c>.</param>
/// <param name="MediaType">Of the body.</param>
/// <param name="Parts">The body, in pieces.</param>
internal sealed record ServerCall(
    HttpMethod Method, string Path, string MediaType = ServerCall.Binary,
    IReadOnlyList<ReadOnlyMemory<byte>>? Parts = null)
{
    internal const string Binary = "application/octet-stream";
    internal const string Json = "application/json";

    /// <summary>Whether this request or its answer carries megabytes.</summary>
    internal bool IsBulk { get; init; }

    internal static ServerCall Get(string path) => new(HttpMethod.Get, path);

    internal static ServerCall Post(string path) => new(HttpMethod.Post, path, Binary, [ReadOnlyMemory<byte>.Empty]);

    internal static ServerCall PostJson<T>(string path, T message, JsonTypeInfo<T> type) =>
        new(HttpMethod.Post, path, Json, [JsonSerializer.SerializeToUtf8Bytes(message, type)]);

    internal static ServerCall PostBytes(string path, ReadOnlyMemory<byte> body) =>
        new(HttpMethod.Post, path, Binary, [body]);
}

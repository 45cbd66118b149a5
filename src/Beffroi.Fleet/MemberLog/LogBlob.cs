using System.Text.Json;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Log;
using Beffroi.Vault.Stores;

namespace Beffroi.Fleet.MemberLog;

/// <summary>An entry as it lies in the blob store: the body, and the server's signature of it, a line each.</summary>
internal static class LogBlob
{
    internal const int BytesMax = SignedLogEntry.BytesMax;

    internal static byte[] Write(LogEntry entry, SigningKey server) =>
        SignedLogEntry.Write(JsonSerializer.SerializeToUtf8Bytes(entry, LogJson.Default.LogEntry), server);

    /// <summary>Reads and verifies an entry that follows on <paramref name="previous"/>.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.LogBroken"/>.</exception>
    internal static LogEntry Read(ReadOnlyMemory<byte> blob, LogPosition previous, VerifyingKey server, BlobName name)
    {
        var signed = SignedLogEntry.Read(
            name, previous.Height + 1, blob, new LogPlace(previous.Height, previous.Head, server));
        try
        {
            var entry = JsonSerializer.Deserialize(signed.Body.Span, LogJson.Default.LogEntry)
                ?? throw new FormatException("it is empty");
            return entry.At >= previous.At ? entry : throw new FormatException("time goes back");
        }
        catch (Exception exception) when (exception is FormatException or JsonException or NotSupportedException)
        {
            throw SignedLogEntry.Broken(name, exception);
        }
    }

    /// <summary>When an entry that the database knows was written.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.LogBroken"/>.</exception>
    internal static DateTimeOffset TimeOf(ReadOnlyMemory<byte> blob, BlobName name)
    {
        try
        {
            var body = blob.Span[..Math.Max(blob.Span.IndexOf((byte)'\n'), 0)];
            return JsonSerializer.Deserialize(body, LogJson.Default.LogEntry)?.At
                ?? throw new JsonException("it is empty");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw SignedLogEntry.Broken(name, exception);
        }
    }
}

/// <summary>Where a log stands.</summary>
/// <param name="Height">Number of the last entry.</param>
/// <param name="Head">SHA-256 of its blob; zeros before the first.</param>
/// <param name="At">Its time.</param>
internal sealed record LogPosition(long Height, Digest256 Head, DateTimeOffset At)
{
    internal static readonly LogPosition Start = new(0, default, DateTimeOffset.MinValue);

    internal static LogPosition After(LogEntry entry, ReadOnlySpan<byte> blob) =>
        new(entry.N, Digest256.Of(blob), entry.At);
}

using System.Text;
using System.Text.Json;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Stores;

namespace Beffroi.Fleet.MemberLog;

/// <summary>An entry as it lies in the blob store: the body, and the server's signature of it, a line each.</summary>
internal static class LogBlob
{
    // An entry has some 2 KiB; names are bounded, so that this is never reached.
    internal const int BytesMax = 64 << 10;

    internal static byte[] Write(LogEntry entry, SigningKey server)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(entry, LogJson.Default.LogEntry);
        return [.. body, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToBase64String(server.Sign(body))), (byte)'\n'];
    }

    /// <summary>Reads and verifies an entry that follows on <paramref name="previous"/>.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.LogBroken"/>.</exception>
    internal static LogEntry Read(ReadOnlyMemory<byte> blob, LogPosition previous, VerifyingKey server, BlobName name)
    {
        try
        {
            var lines = Encoding.ASCII.GetString(blob.Span).Split('\n');
            if (lines is not [var body, var signature, ""]) throw new FormatException("it does not have two lines");

            var entry = JsonSerializer.Deserialize(body, LogJson.Default.LogEntry)
                ?? throw new FormatException("it is empty");
            DemandSigned(entry, body, signature, server);
            DemandNext(entry, previous);
            return entry;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or NotSupportedException)
        {
            throw Broken(name, exception);
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
            throw Broken(name, exception);
        }
    }

    private static VaultException Broken(BlobName name, Exception cause) => new(
        ErrorCode.LogBroken,
        retryable: false,
        $"Entry '{name}' of a member's log cannot be used: {cause.Message}. The log was changed or a newer program "
            + "wrote it. Put the blob back from a copy of the blob store; snapshots are not affected.",
        cause);

    private static void DemandSigned(LogEntry entry, string body, string signature, VerifyingKey server)
    {
        if (entry.Version != LogEntry.CurrentVersion)
            throw new FormatException($"version {entry.Version} is not known");
        if (!entry.ServerKey.AsSpan().SequenceEqual(server.Point)) throw new FormatException("another server wrote it");
        if (!server.Verify(Encoding.ASCII.GetBytes(body), Convert.FromBase64String(signature)))
            throw new FormatException("its signature is wrong");
    }

    private static void DemandNext(LogEntry entry, LogPosition previous)
    {
        if (entry.N != previous.Height + 1) throw new FormatException($"its number is {entry.N}");
        if (entry.Previous != previous.Head.ToString())
            throw new FormatException("it does not follow on the one before");
        if (entry.At < previous.At) throw new FormatException("time goes back");
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

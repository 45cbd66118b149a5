using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Stores;

namespace Beffroi.Vault.Log;

/// <summary>An entry of a member's log that stands where it must and that the server signed: all that
/// docs/format/log.md asks of every entry. What its body says further is its readers' matter.</summary>
/// <param name="Kind">What the entry is about.</param>
/// <param name="Body">The JSON object, as it was signed.</param>
public sealed record SignedLogEntry(string Kind, ReadOnlyMemory<byte> Body)
{
    /// <summary>Longest entry: usual ones have less than 2 KiB.</summary>
    public const int BytesMax = 64 << 10;

    /// <summary>Kind of the first entry, and of no other.</summary>
    public const string FirstKind = "vault-created";

    private const int Version = 1;

    /// <summary>The blob of an entry.</summary>
    public static byte[] Write(ReadOnlySpan<byte> body, SigningKey server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return [.. body, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToBase64String(server.Sign(body))), (byte)'\n'];
    }

    /// <summary>Reads the entry that follows on a place of the log.</summary>
    /// <param name="name">Name of the blob, for the message.</param>
    /// <param name="number">Number of the entry, from that name.</param>
    /// <param name="blob">The whole blob.</param>
    /// <param name="place">What it must follow on.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.LogBroken"/>.</exception>
    public static SignedLogEntry Read(BlobName name, long number, ReadOnlyMemory<byte> blob, LogPlace place)
    {
        try
        {
            if (number != place.Height + 1) throw new FormatException($"entry {place.Height + 1} is missing");
            if (blob.Length > BytesMax) throw new FormatException($"it has more than {BytesMax} bytes");
            var (body, signature) = Split(blob);
            var header = Parse(body.Span);
            DemandPlace(header, number, place);
            if (!VerifyingKey.TryImport(header.ServerKey, out var key) || !key.Equals(place.ServerKey ?? key))
                throw new FormatException("another server wrote it");
            if (!key.Verify(body.Span, signature)) throw new FormatException("its signature does not verify");
            return new SignedLogEntry(header.Kind, body);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw Broken(name, exception);
        }
    }

    /// <summary>The server's key that an entry names, whether or not the entry is sound; null when it names
    /// none.</summary>
    public static VerifyingKey? ServerKeyOf(ReadOnlyMemory<byte> blob)
    {
        try
        {
            return VerifyingKey.TryImport(Parse(Split(blob).Body.Span).ServerKey, out var key) ? key : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The failure of an entry that cannot be used.</summary>
    /// <param name="name">Name of its blob.</param>
    /// <param name="cause">Whose message says why, without a full stop.</param>
    public static VaultException Broken(BlobName name, Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return new VaultException(ErrorCode.LogBroken, retryable: false,
            $"Entry '{name}' of the member's log cannot be trusted: {cause.Message.TrimEnd('.')}. It was changed or "
            + "lost, or a newer program wrote it. Put the log's blobs back from a copy of the store. Snapshots can "
            + "still be read; who signed them cannot be checked before.", cause);
    }

    private static (ReadOnlyMemory<byte> Body, byte[] Signature) Split(ReadOnlyMemory<byte> blob)
    {
        var end = blob.Span.IndexOf((byte)'\n');
        var second = blob.Span[(end + 1)..];
        if (end < 0 || second.IndexOf((byte)'\n') != second.Length - 1 || second.IsEmpty)
            throw new FormatException("it is not two lines");
        if (blob.Span.ContainsAnyExceptInRange((byte)0, (byte)0x7F)) throw new FormatException("it is not ASCII");
        var line = Encoding.ASCII.GetString(second[..^1]);
        var signature = new byte[VerifyingKey.SignatureBytes];
        // The platform skips white space: only what it would write itself is a signature.
        return Convert.TryFromBase64String(line, signature, out _) && Convert.ToBase64String(signature) == line
            ? (blob[..end], signature)
            : throw new FormatException("its second line is no signature");
    }

    private static LogHeader Parse(ReadOnlySpan<byte> body) =>
        JsonSerializer.Deserialize(body, LogHeaderJson.Default.LogHeader) ?? throw new FormatException("it is empty");

    private static void DemandPlace(LogHeader header, long number, LogPlace place)
    {
        if (header.Version != Version) throw new FormatException($"version {header.Version} is not known");
        if (header.N != number) throw new FormatException($"it says that it is entry {header.N}");
        if (header.Previous != place.Head.ToString())
            throw new FormatException("it does not follow on the one before");
        if (header.Kind == FirstKind != (number == 1))
            throw new FormatException("the vault's creation is the first entry, and no other");
    }
}

/// <summary>Where a log stands.</summary>
/// <param name="Height">Number of the last entry; 0 before the first.</param>
/// <param name="Head">SHA-256 of its blob; zeros before the first.</param>
/// <param name="ServerKey">The key that signs; null when only the next entry can say.</param>
public readonly record struct LogPlace(long Height, Digest256 Head, VerifyingKey? ServerKey);

/// <summary>What the body of every entry has, but its time, which not all readers need.</summary>
internal sealed record LogHeader(int Version, long N, string Previous, string Kind, byte[] ServerKey);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LogHeader))]
internal sealed partial class LogHeaderJson : JsonSerializerContext;

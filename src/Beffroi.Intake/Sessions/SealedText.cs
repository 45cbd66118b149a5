using System.Security.Cryptography;

namespace Beffroi.Intake.Sessions;

/// <summary>Bytes that only this server can have written: content ‖ HMAC-SHA256(key, label ‖ content).</summary>
/// <param name="key">Secret of the servers.</param>
/// <param name="label">What the bytes are, so that a challenge is never taken for a token.</param>
internal sealed class SealedText(byte[] key, byte[] label)
{
    internal byte[] Seal(ReadOnlySpan<byte> content) => [.. content, .. MacOf(content)];

    /// <summary>The content, or an empty span when the bytes are not ours.</summary>
    internal ReadOnlySpan<byte> Open(ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length <= HMACSHA256.HashSizeInBytes) return [];

        var content = sealedBytes[..^HMACSHA256.HashSizeInBytes];
        var mac = sealedBytes[^HMACSHA256.HashSizeInBytes..];
        return CryptographicOperations.FixedTimeEquals(mac, MacOf(content)) ? content : [];
    }

    private byte[] MacOf(ReadOnlySpan<byte> content) =>
        HMACSHA256.HashData(key.AsSpan(), (ReadOnlySpan<byte>)[.. label, .. content]);
}

using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Beffroi.Vault;

namespace Beffroi.Protocol;

/// <summary>What a person types or pastes to enrol a machine: a secret that works once, and with a self-made
/// certificate the fingerprint of its authority, so that the first connection is as safe as the later ones.</summary>
/// <remarks>Text: <c>bef1.</c> and base64url without padding of version (1) ‖ secret (20) ‖ flags (1) ‖ fingerprint
/// (32, if bit 0 of the flags is set). Other flags and any other length are refused.</remarks>
public sealed class EnrolmentToken
{
    /// <summary>How every token starts, so that people and programs recognise one that leaked.</summary>
    public const string Prefix = "bef1.";

    /// <summary>160 random bits: no guess succeeds, and the token still fits on one line.</summary>
    public const int SecretBytes = 20;

    private const byte Version = 1;
    private const byte FingerprintFollows = 1;
    private const int ShortBytes = 1 + SecretBytes + 1;
    private const int LongBytes = ShortBytes + Digest256.Bytes;

    private readonly byte[] _secret;

    private EnrolmentToken(byte[] secret, Digest256? authority) => (_secret, Authority) = (secret, authority);

    /// <summary>SHA-256 of the DER certificate of the server's own authority; <see langword="null"/> when the server's
    /// certificate is validated as usual.</summary>
    public Digest256? Authority { get; }

    /// <summary>SHA-256 of the secret: all that the server keeps.</summary>
    public Digest256 SecretHash => Digest256.Of(_secret);

    /// <summary>Makes a new token.</summary>
    /// <param name="authority">Fingerprint of the server's own authority, if it has one.</param>
    public static EnrolmentToken Create(Digest256? authority) =>
        new(RandomNumberGenerator.GetBytes(SecretBytes), authority);

    /// <summary>Reads a token; space around it is allowed.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.TokenInvalid"/>: retrying is useless.</exception>
    public static EnrolmentToken Parse(string text) => TryParse(text, out var token)
        ? token
        : throw new VaultException(
            ErrorCode.TokenInvalid,
            retryable: false,
            $"This is not an enrolment token: one starts with '{Prefix}' and has "
                + $"{Prefix.Length + Base64Url.GetEncodedLength(ShortBytes)} or "
                + $"{Prefix.Length + Base64Url.GetEncodedLength(LongBytes)} characters. Copy it again, whole.");

    /// <summary>Reads a token if <paramref name="text"/> is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out EnrolmentToken? token)
    {
        token = null;
        var trimmed = text.AsSpan().Trim();
        if (!trimmed.StartsWith(Prefix, StringComparison.Ordinal)) return false;

        Span<byte> bytes = stackalloc byte[LongBytes];
        var encoded = trimmed[Prefix.Length..];
        if (!Base64Url.IsValid(encoded, out var length) || length > LongBytes) return false;
        if (!Base64Url.TryDecodeFromChars(encoded, bytes, out length)) return false;

        // Only the form that is written is read: no padding, inner space, or stray bits at the end.
        if (!encoded.SequenceEqual(Base64Url.EncodeToString(bytes[..length]))) return false;

        token = Read(bytes[..length]);
        return token is not null;
    }

    /// <summary>The token's text. Secret until it has been used.</summary>
    public string ToText()
    {
        byte[] fingerprint = Authority is { } authority ? authority.ToArray() : [];
        byte flags = Authority is null ? (byte)0 : FingerprintFollows;
        return Prefix + Base64Url.EncodeToString([Version, .. _secret, flags, .. fingerprint]);
    }

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"{Prefix}***";

    private static EnrolmentToken? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is not (ShortBytes or LongBytes) || bytes[0] != Version) return null;

        var flags = bytes[ShortBytes - 1];
        if (flags != (bytes.Length == LongBytes ? FingerprintFollows : 0)) return null;

        Digest256? authority = flags == 0 ? null : new Digest256(bytes[ShortBytes..]);
        return new EnrolmentToken(bytes.Slice(1, SecretBytes).ToArray(), authority);
    }
}

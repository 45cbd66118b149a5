using System.Security.Cryptography;
using System.Text;

namespace Beffroi.Vault.Crypto;

/// <summary>Keeps a small secret under a 32-byte wrapping key, AES-256-GCM. Format: docs/format/keys.md §4.</summary>
/// <remarks>Output: version 1, nonce (12 random bytes), ciphertext, tag (16). Any thread may call. One wrapping key
/// serves at most 2^32 secrets, the bound for random nonces (NIST SP 800-38D §8.3); a platform has some thousands.
/// </remarks>
public static class KeyWrap
{
    /// <summary>Size of a wrapping key.</summary>
    public const int WrappingKeyBytes = 32;

    /// <summary>Longest secret: this is for keys, not for files.</summary>
    public const int SecretBytesMax = 4096;

    /// <summary>How much longer the result is than the secret: version, nonce, tag.</summary>
    public const int OverheadBytes = 1 + NonceBytes + TagBytes;

    /// <summary>Longest purpose, in bytes of UTF-8.</summary>
    public const int PurposeBytesMax = 255;

    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Wraps <paramref name="secret"/>, 1 to <see cref="SecretBytesMax"/> bytes.</summary>
    /// <param name="wrappingKey">32 uniform bytes.</param>
    /// <param name="purpose">What the secret is and whose, such as <c>token-signing/2026-1</c>; opening demands the
    /// same text, so that one wrapped secret cannot be put in the place of another.</param>
    /// <param name="secret">The secret.</param>
    public static byte[] Wrap(ReadOnlySpan<byte> wrappingKey, string purpose, ReadOnlySpan<byte> secret)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        return WrapWith(nonce, wrappingKey, purpose, secret);
    }

    /// <summary>Opens what <see cref="Wrap"/> made.</summary>
    /// <returns>The secret; the caller clears it after use.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.KeyFileMissing"/>, and retrying is useless: another
    /// wrapping key or purpose, an unknown version, or damaged bytes.</exception>
    public static byte[] Open(ReadOnlySpan<byte> wrappingKey, string purpose, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length is <= OverheadBytes or > OverheadBytes + SecretBytesMax)
            throw Unopenable(purpose, $"it has {wrapped.Length} bytes, which none has that was stored whole");
        if (wrapped[0] != Version)
            throw Unopenable(purpose, $"its version is {wrapped[0]}, this program knows {Version}: damaged, or newer");

        var nonce = wrapped.Slice(1, NonceBytes);
        var ciphertext = wrapped[(1 + NonceBytes)..^TagBytes];
        var secret = new byte[ciphertext.Length];
        using var cipher = Cipher(wrappingKey);
        try
        {
            cipher.Decrypt(nonce, ciphertext, wrapped[^TagBytes..], secret, Bound(purpose));
            return secret;
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw Unopenable(purpose, "the file is of another installation, or the secret is damaged", exception);
        }
    }

    /// <summary>Wraps with a given nonce, which must never serve twice: for the golden vectors.</summary>
    internal static byte[] WrapWith(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> wrappingKey, string purpose, ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfZero(secret.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, SecretBytesMax);
        var wrapped = new byte[OverheadBytes + secret.Length];
        wrapped[0] = Version;
        nonce.CopyTo(wrapped.AsSpan(1));
        using var cipher = Cipher(wrappingKey);
        cipher.Encrypt(
            nonce, secret, wrapped.AsSpan(1 + NonceBytes, secret.Length), wrapped.AsSpan(^TagBytes..), Bound(purpose));
        return wrapped;
    }

    private static AesGcm Cipher(ReadOnlySpan<byte> wrappingKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(wrappingKey.Length, WrappingKeyBytes);
        return new AesGcm(wrappingKey, TagBytes);
    }

    /// <summary>The version is bound too: a later version cannot be passed off as this one.</summary>
    private static byte[] Bound(string purpose)
    {
        byte[] bound = [Version, .. Encoding.UTF8.GetBytes(purpose)];
        ArgumentOutOfRangeException.ThrowIfLessThan(bound.Length, 2, nameof(purpose));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bound.Length, 1 + PurposeBytesMax, nameof(purpose));
        return bound;
    }

    private static VaultException Unopenable(string purpose, string reason, Exception? cause = null) => new(
        ErrorCode.KeyFileMissing, retryable: false,
        $"The stored secret '{purpose}' does not open with this server's key file: {reason}. "
        + "Put back the key file that was in use when the secret was stored, from the operator's copy of it; "
        + "if the file is the right one, restore the database from a backup. Then start the server again. "
        + "Members' recovery kits do not depend on it.",
        cause);
}

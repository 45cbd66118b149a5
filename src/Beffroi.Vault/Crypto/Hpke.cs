using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>Seals a small secret to a public key: RFC 9180, base mode, single shot, with DHKEM(P-256, HKDF-SHA256),
/// HKDF-SHA256 and AES-256-GCM (0x0010, 0x0001, 0x0002). Format: docs/format/keys.md §2.</summary>
/// <remarks>Base mode does not say who sealed: what needs an author is signed as well. Any thread may call.</remarks>
public static class Hpke
{
    /// <summary>Size of the encapsulated key.</summary>
    public const int EncapsulatedBytes = P256.PointBytes;

    /// <summary>How much longer a ciphertext is than its plaintext.</summary>
    public const int TagBytes = HpkeSuite.TagBytes;

    /// <summary>Seals <paramref name="plaintext"/> so that only the recipient's private key opens it.</summary>
    /// <param name="recipient">Whom to seal to.</param>
    /// <param name="info">Where the secret belongs; opening demands the same bytes.</param>
    /// <param name="aad">More bytes that opening demands; not encrypted, not stored here.</param>
    /// <param name="plaintext">The secret.</param>
    /// <returns>Fresh at each call: sealing the same secret twice shows nothing in common.</returns>
    public static HpkeSealed Seal(
        HpkePublicKey recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        using var ephemeral = HpkePrivateKey.Generate();
        return SealWith(HpkeSuite.Aes256Gcm, ephemeral, recipient, info, aad, plaintext);
    }

    /// <summary>Opens what was sealed to <paramref name="recipient"/> with the same info and aad.</summary>
    /// <param name="recipient">The private key.</param>
    /// <param name="encapsulated">The encapsulated key, <see cref="EncapsulatedBytes"/> bytes.</param>
    /// <param name="info">As given to <see cref="Seal"/>.</param>
    /// <param name="aad">As given to <see cref="Seal"/>.</param>
    /// <param name="ciphertext">The encrypted bytes with their tag.</param>
    /// <returns>The secret; the caller clears it after use.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.SealUnopenable"/>, and retrying is useless: another key,
    /// another info or aad, or damaged bytes. Nothing was decrypted.</exception>
    public static byte[] Open(
        HpkePrivateKey recipient, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad,
        ReadOnlySpan<byte> ciphertext) => OpenWith(HpkeSuite.Aes256Gcm, recipient, encapsulated, info, aad, ciphertext);

    /// <summary>Seals with a given ephemeral key, which must never seal twice: for the published vectors.</summary>
    internal static HpkeSealed SealWith(
        HpkeSuite suite, HpkePrivateKey ephemeral, HpkePublicKey recipient,
        ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> secret = stackalloc byte[DhKem.SecretBytes];
        DhKem.Encapsulate(ephemeral, recipient, secret);
        var ciphertext = suite.Seal(secret, info, aad, plaintext);
        CryptographicOperations.ZeroMemory(secret);
        return new HpkeSealed(ephemeral.PublicKey.ToArray(), ciphertext);
    }

    internal static byte[] OpenWith(
        HpkeSuite suite, HpkePrivateKey recipient, ReadOnlySpan<byte> encapsulated,
        ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext)
    {
        if (!HpkePublicKey.TryImport(encapsulated, out var ephemeral))
            throw Unopenable(recipient, "its encapsulated key is not a point of P-256, so it is damaged or forged");
        if (ciphertext.Length < TagBytes)
            throw Unopenable(recipient, $"it has {ciphertext.Length} bytes, its tag alone {TagBytes}: it was cut");

        Span<byte> secret = stackalloc byte[DhKem.SecretBytes];
        DhKem.Decapsulate(ephemeral, recipient, secret);
        try
        {
            return suite.Open(secret, info, aad, ciphertext);
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw Unopenable(recipient, "it was sealed to another key, for another place, or it is damaged", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static VaultException Unopenable(HpkePrivateKey recipient, string reason, Exception? cause = null) => new(
        ErrorCode.SealUnopenable, retryable: false,
        $"A sealed key does not open with private key {recipient.PublicKey.KeyId}: {reason}. Nothing was decrypted. "
        + "Check with 'beffroi kit check' that the key is of this vault, "
        + "and with 'beffroi verify' that the snapshot is sound.",
        cause);
}

using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>Key schedule of RFC 9180 §5.1 in base mode, and the one message that is sealed with its key.</summary>
/// <remarks>The vault seals with <see cref="Aes256Gcm"/> alone. The cipher is an argument because RFC 9180 prints its
/// vectors of this key exchange for AES-128 (A.3): the whole chain is checked against them.</remarks>
internal sealed class HpkeSuite(ushort aeadId, int keyBytes)
{
    internal const int TagBytes = 16;

    internal static readonly HpkeSuite Aes256Gcm = new(aeadId: 0x0002, keyBytes: 32);

    private const ushort KdfId = 0x0001;
    private const byte ModeBase = 0x00;
    private const int NonceBytes = 12;

    private readonly LabeledHkdf _kdf = new(
        [.. "HPKE"u8, DhKem.Id >> 8, DhKem.Id & 0xff, KdfId >> 8, KdfId & 0xff, (byte)(aeadId >> 8), (byte)aeadId]);

    /// <summary>Encrypts with the key that the secret and the info give; the tag comes last.</summary>
    internal byte[] Seal(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        using var cipher = Schedule(secret, info, nonce);
        var ciphertext = new byte[plaintext.Length + TagBytes];
        cipher.Encrypt(nonce, plaintext, ciphertext.AsSpan(..^TagBytes), ciphertext.AsSpan(^TagBytes..), aad);
        return ciphertext;
    }

    /// <summary>The opposite of <see cref="Seal"/>, for at least <see cref="TagBytes"/> bytes.</summary>
    /// <exception cref="AuthenticationTagMismatchException">Another secret, info or aad, or damaged bytes.</exception>
    internal byte[] Open(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        using var cipher = Schedule(secret, info, nonce);
        var plaintext = new byte[ciphertext.Length - TagBytes];
        cipher.Decrypt(nonce, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], plaintext, aad);
        return plaintext;
    }

    /// <summary>Base mode has no pre-shared key: psk and psk_id are empty.</summary>
    private AesGcm Schedule(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> info, Span<byte> nonce)
    {
        Span<byte> context = stackalloc byte[1 + LabeledHkdf.KeyBytes + LabeledHkdf.KeyBytes];
        context[0] = ModeBase;
        _kdf.Extract([], "psk_id_hash"u8, [], context.Slice(1, LabeledHkdf.KeyBytes));
        _kdf.Extract([], "info_hash"u8, info, context[(1 + LabeledHkdf.KeyBytes)..]);

        Span<byte> extracted = stackalloc byte[LabeledHkdf.KeyBytes];
        Span<byte> key = stackalloc byte[keyBytes];
        _kdf.Extract(secret, "secret"u8, [], extracted);
        _kdf.Expand(extracted, "key"u8, context, key);
        _kdf.Expand(extracted, "base_nonce"u8, context, nonce); // Message 0 of the context: xor with 0 changes nothing.

        var cipher = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(extracted);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }
}

using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>DHKEM(P-256, HKDF-SHA256), RFC 9180 §4.1: two keys agree on 32 uniform secret bytes.</summary>
internal static class DhKem
{
    internal const ushort Id = 0x0010;
    internal const int SecretBytes = 32;

    private static readonly LabeledHkdf Kdf = new([.. "KEM"u8, Id >> 8, Id & 0xff]);

    internal static void Encapsulate(HpkePrivateKey ephemeral, HpkePublicKey recipient, Span<byte> secret) =>
        ExtractAndExpand(ephemeral.Agree(recipient), ephemeral.PublicKey, recipient, secret);

    internal static void Decapsulate(HpkePublicKey ephemeral, HpkePrivateKey recipient, Span<byte> secret) =>
        ExtractAndExpand(recipient.Agree(ephemeral), ephemeral, recipient.PublicKey, secret);

    /// <summary>DeriveKeyPair of RFC 9180 §7.1.3: one material, one key. The published vectors need it.</summary>
    internal static HpkePrivateKey DeriveKeyPair(ReadOnlySpan<byte> material)
    {
        Span<byte> seed = stackalloc byte[LabeledHkdf.KeyBytes];
        Span<byte> candidate = stackalloc byte[P256.ScalarBytes];
        Kdf.Extract([], "dkp_prk"u8, material, seed);
        var counter = 0;
        do
        {
            // One in 2^32 candidates is not below the order; 256 in a row do not happen.
            if (counter > byte.MaxValue) throw new CryptographicException("No key derives from this material.");
            Kdf.Expand(seed, "candidate"u8, [(byte)counter++], candidate);
        }
        while (!P256.IsScalar(candidate));

        var key = HpkePrivateKey.Import(candidate);
        CryptographicOperations.ZeroMemory(seed);
        CryptographicOperations.ZeroMemory(candidate);
        return key;
    }

    private static void ExtractAndExpand(
        byte[] agreement, HpkePublicKey ephemeral, HpkePublicKey recipient, Span<byte> secret)
    {
        Span<byte> key = stackalloc byte[LabeledHkdf.KeyBytes];
        Kdf.Extract([], "eae_prk"u8, agreement, key);
        Kdf.Expand(key, "shared_secret"u8, [.. ephemeral.Point, .. recipient.Point], secret);
        CryptographicOperations.ZeroMemory(agreement);
        CryptographicOperations.ZeroMemory(key);
    }
}

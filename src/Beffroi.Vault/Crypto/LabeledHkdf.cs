using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>LabeledExtract and LabeledExpand of RFC 9180 §4 with SHA-256, for one suite id.</summary>
internal sealed class LabeledHkdf(byte[] suiteId)
{
    internal const int KeyBytes = SHA256.HashSizeInBytes;

    internal void Extract(
        ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> material, Span<byte> key)
    {
        byte[] labeled = [.. "HPKE-v1"u8, .. suiteId, .. label, .. material];
        HKDF.Extract(HashAlgorithmName.SHA256, labeled, salt, key);
        CryptographicOperations.ZeroMemory(labeled);
    }

    internal void Expand(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        byte[] labeled =
            [(byte)(output.Length >> 8), (byte)output.Length, .. "HPKE-v1"u8, .. suiteId, .. label, .. info];
        HKDF.Expand(HashAlgorithmName.SHA256, key, output, labeled);
    }
}

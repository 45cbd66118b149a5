using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>A private key that signs: ECDSA on P-256 with SHA-256. Any thread may use it until disposal.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _gate = new(); // The platform does not promise that two threads may use one key.

    private SigningKey(ECDsa key)
    {
        _key = key;
        PublicKey = VerifyingKey.Import(P256.PointOf(key.ExportParameters(includePrivateParameters: false).Q));
    }

    /// <summary>The public half.</summary>
    public VerifyingKey PublicKey { get; }

    /// <summary>Makes a new key.</summary>
    public static SigningKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads an unencrypted PKCS #8 private key of P-256 (named curve), and nothing after it.</summary>
    /// <exception cref="FormatException">The bytes are no such key. The message does not repeat them.</exception>
    public static SigningKey ImportPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out var bytesRead);
            var parts = key.ExportParameters(includePrivateParameters: false);
            var isWhole = bytesRead == pkcs8.Length;
            if (isWhole && parts.Curve.IsNamed && P256.IsPoint(P256.PointOf(parts.Q))) return new SigningKey(key);
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
        {
            key.Dispose();
            throw NotAKey(pkcs8.Length, exception);
        }
        key.Dispose();
        throw NotAKey(pkcs8.Length);
    }

    /// <summary>The key as unencrypted PKCS #8. The caller clears the bytes after use.</summary>
    public byte[] ExportPkcs8()
    {
        lock (_gate) return _key.ExportPkcs8PrivateKey();
    }

    /// <summary>Signs <paramref name="data"/>.</summary>
    /// <returns>r then s, 32 bytes each, big-endian (IEEE P1363). Not the same at each call.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate)
            return _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The id of the public half; never the key.</summary>
    public override string ToString() => $"signing key of {PublicKey.KeyId}";

    private static FormatException NotAKey(int length, Exception? cause = null) =>
        new($"These {length} bytes are not a signing key: an unencrypted PKCS #8 key of P-256.", cause);
}

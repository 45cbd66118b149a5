using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>A private key that opens what was sealed to its public key. Any thread may use it until disposal.</summary>
public sealed class HpkePrivateKey : IDisposable
{
    /// <summary>Size of the exported scalar.</summary>
    public const int Bytes = P256.ScalarBytes;

    private readonly ECDiffieHellman _key;
    private readonly Lock _gate = new(); // The platform does not promise that two threads may use one key.

    private HpkePrivateKey(ECDiffieHellman key)
    {
        _key = key;
        PublicKey = HpkePublicKey.Import(P256.PointOf(key.ExportParameters(includePrivateParameters: false).Q));
    }

    /// <summary>The public half.</summary>
    public HpkePublicKey PublicKey { get; }

    /// <summary>Makes a new key.</summary>
    public static HpkePrivateKey Generate() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a scalar: 32 bytes, big-endian, from 1 to the order of P-256 less one.</summary>
    /// <exception cref="FormatException">The bytes are no such scalar. The message does not repeat them.</exception>
    public static HpkePrivateKey Import(ReadOnlySpan<byte> scalar)
    {
        if (!P256.IsScalar(scalar))
            throw new FormatException(
                $"A private key is {Bytes} bytes, 1 to the order of P-256 less one; these {scalar.Length} are not.");
        var copy = scalar.ToArray();
        try
        {
            return new HpkePrivateKey(
                ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = copy }));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    /// <summary>The scalar: 32 bytes, big-endian. The caller clears them after use.</summary>
    public byte[] Export()
    {
        lock (_gate)
        {
            var scalar = _key.ExportParameters(includePrivateParameters: true).D;
            return scalar is { Length: Bytes }
                ? scalar
                : throw new CryptographicException("The platform gave no 32-byte scalar.");
        }
    }

    /// <summary>The x coordinate of the shared point, 32 bytes: secret, not yet uniform.</summary>
    internal byte[] Agree(HpkePublicKey other)
    {
        using var peer = ECDiffieHellman.Create(P256.PublicParameters(other.Point));
        lock (_gate) return _key.DeriveRawSecretAgreement(peer.PublicKey);
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The id of the public half; never the key.</summary>
    public override string ToString() => $"private key of {PublicKey.KeyId}";
}

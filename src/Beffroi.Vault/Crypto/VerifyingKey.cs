using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>A public key that verifies signatures: a point of P-256, checked to lie on the curve. Immutable.</summary>
public sealed class VerifyingKey : IEquatable<VerifyingKey>
{
    /// <summary>Size of the encoded point: 0x04, x, y.</summary>
    public const int Bytes = P256.PointBytes;

    /// <summary>Size of a signature: r and s.</summary>
    public const int SignatureBytes = 2 * P256.ScalarBytes;

    private readonly byte[] _point;

    private VerifyingKey(byte[] point)
    {
        _point = point;
        KeyId = KeyId.OfPoint(point);
    }

    /// <summary>Name of this key, as commits and logs write it.</summary>
    public KeyId KeyId { get; }

    /// <summary>The 65 bytes of the uncompressed point.</summary>
    public ReadOnlySpan<byte> Point => _point;

    /// <summary>Reads a 65-byte uncompressed point.</summary>
    /// <exception cref="FormatException">The bytes are not a point of P-256.</exception>
    public static VerifyingKey Import(ReadOnlySpan<byte> point) => TryImport(point, out var key)
        ? key
        : throw P256.NotAPoint(point.Length);

    /// <summary>Reads a 65-byte uncompressed point, or answers <see langword="false"/>.</summary>
    public static bool TryImport(ReadOnlySpan<byte> point, [NotNullWhen(true)] out VerifyingKey? key)
    {
        key = P256.IsPoint(point) ? new VerifyingKey(point.ToArray()) : null;
        return key is not null;
    }

    /// <summary>Whether this key signed <paramref name="data"/>: <paramref name="signature"/> is r then s.</summary>
    /// <remarks>Any bytes may come in; none throw. ECDSA lets anyone turn (r, s) into (r, n - s), which verifies too:
    /// a signature proves who signed, it is no id of what was signed.</remarks>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureBytes) return false;
        var r = signature[..P256.ScalarBytes];
        var s = signature[P256.ScalarBytes..];
        if (!P256.IsScalar(r) || !P256.IsScalar(s)) return false;
        using var key = ECDsa.Create(P256.PublicParameters(_point));
        return key.VerifyData(
            data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>The 65 bytes in a new array.</summary>
    public byte[] ToArray() => _point.AsSpan().ToArray();

    /// <inheritdoc/>
    public bool Equals(VerifyingKey? other) => other is not null && _point.AsSpan().SequenceEqual(other._point);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifyingKey);

    /// <inheritdoc/>
    public override int GetHashCode() => KeyId.GetHashCode();

    /// <summary>The key id.</summary>
    public override string ToString() => KeyId.ToString();
}

using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Vault.Crypto;

/// <summary>A public key that secrets are sealed to: a point that lies on P-256. Immutable.</summary>
public sealed class HpkePublicKey : IEquatable<HpkePublicKey>
{
    /// <summary>Size of the encoded point: 0x04, x, y.</summary>
    public const int Bytes = P256.PointBytes;

    private readonly byte[] _point;

    private HpkePublicKey(byte[] point)
    {
        _point = point;
        KeyId = KeyId.OfPoint(point);
    }

    /// <summary>Name of this key, as commits and kits write it.</summary>
    public KeyId KeyId { get; }

    /// <summary>The 65 bytes of the uncompressed point.</summary>
    public ReadOnlySpan<byte> Point => _point;

    /// <summary>Reads a 65-byte uncompressed point.</summary>
    /// <exception cref="FormatException">The bytes are not a point of P-256.</exception>
    public static HpkePublicKey Import(ReadOnlySpan<byte> point) => TryImport(point, out var key)
        ? key
        : throw P256.NotAPoint(point.Length);

    /// <summary>Reads a 65-byte uncompressed point, or answers <see langword="false"/>.</summary>
    public static bool TryImport(ReadOnlySpan<byte> point, [NotNullWhen(true)] out HpkePublicKey? key)
    {
        key = P256.IsPoint(point) ? new HpkePublicKey(point.ToArray()) : null;
        return key is not null;
    }

    /// <summary>The 65 bytes in a new array.</summary>
    public byte[] ToArray() => _point.AsSpan().ToArray();

    /// <inheritdoc/>
    public bool Equals(HpkePublicKey? other) => other is not null && _point.AsSpan().SequenceEqual(other._point);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as HpkePublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => KeyId.GetHashCode();

    /// <summary>The key id.</summary>
    public override string ToString() => KeyId.ToString();
}

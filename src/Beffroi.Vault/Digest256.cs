using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Beffroi.Vault;

/// <summary>Thirty-two bytes of SHA-256, held by value so that a million of them cost no object.</summary>
/// <remarks>Order is the order of the bytes, first byte first, the
/// order in which a record lists its references.</remarks>
public readonly struct Digest256 : IEquatable<Digest256>, IComparable<Digest256>
{
    /// <summary>Size of a digest in bytes.</summary>
    public const int Bytes = 32;

    private readonly ulong _first, _second, _third, _fourth;

    /// <summary>Reads a digest from exactly 32 bytes.</summary>
    public Digest256(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes);
        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The digest of <paramref name="content"/>.</summary>
    public static Digest256 Of(ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[Bytes];
        SHA256.HashData(content, digest);
        return new Digest256(digest);
    }

    /// <summary>Reads 64 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is not 64 hexadecimal digits.</exception>
    public static Digest256 Parse(string hex) => new(Convert.FromHexString(hex));

    /// <summary>Reads an id as it stands in names and messages: 64 hexadecimal digits in lower case.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, out Digest256 digest)
    {
        var isDigest = text.Length == 2 * Bytes && text.All(char.IsAsciiHexDigitLower);
        digest = isDigest ? Parse(text) : default;
        return isDigest;
    }

    /// <summary>Whether every byte is zero: "no digest", as before the first commit.</summary>
    public bool IsZero => (_first | _second | _third | _fourth) == 0;

    /// <summary>The first eight bytes as a number, for tables and for cutting by content.</summary>
    public ulong Prefix => _first;

    /// <summary>Writes the 32 bytes at the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _fourth);
    }

    /// <summary>The 32 bytes in a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Bytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(Digest256 other) =>
        _first == other._first && _second == other._second && _third == other._third && _fourth == other._fourth;

    /// <inheritdoc/>
    public int CompareTo(Digest256 other)
    {
        var order = _first.CompareTo(other._first);
        if (order == 0) order = _second.CompareTo(other._second);
        if (order == 0) order = _third.CompareTo(other._third);
        return order == 0 ? _fourth.CompareTo(other._fourth) : order;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _first.GetHashCode(); // A digest is uniform already.

    /// <summary>The 64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());

    /// <summary>Whether both hold the same bytes.</summary>
    public static bool operator ==(Digest256 left, Digest256 right) => left.Equals(right);

    /// <summary>Whether the bytes differ.</summary>
    public static bool operator !=(Digest256 left, Digest256 right) => !left.Equals(right);

    /// <summary>Whether the left one comes first, byte by byte.</summary>
    public static bool operator <(Digest256 left, Digest256 right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one comes last, byte by byte.</summary>
    public static bool operator >(Digest256 left, Digest256 right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one does not come last.</summary>
    public static bool operator <=(Digest256 left, Digest256 right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one does not come first.</summary>
    public static bool operator >=(Digest256 left, Digest256 right) => left.CompareTo(right) >= 0;
}

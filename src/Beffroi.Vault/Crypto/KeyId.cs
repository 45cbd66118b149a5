using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>Name of a public key: the first 16 bytes of SHA-256 of its point. Format: docs/format/keys.md §1.</summary>
/// <param name="Value">The 16 bytes as one number, first byte highest.</param>
public readonly record struct KeyId(UInt128 Value)
{
    /// <summary>Size in bytes.</summary>
    public const int Bytes = 16;

    /// <summary>Reads an id from exactly 16 bytes.</summary>
    public KeyId(ReadOnlySpan<byte> bytes) : this(Read(bytes)) { }

    /// <summary>Reads 32 hexadecimal digits of either case.</summary>
    /// <exception cref="FormatException">The text is not 32 hexadecimal digits.</exception>
    public static KeyId Parse(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        return bytes.Length == Bytes
            ? new KeyId(bytes)
            : throw new FormatException($"A key id has 32 hexadecimal digits, this text has {hex.Length}.");
    }

    /// <summary>Writes the 16 bytes at the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>The 16 bytes in a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Bytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The 32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());

    internal static KeyId OfPoint(ReadOnlySpan<byte> point) => new(SHA256.HashData(point).AsSpan(0, Bytes));

    private static UInt128 Read(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}

namespace Beffroi.Vault.Chunking;

/// <summary>One number for each byte value, derived from a secret: what makes cuts unpredictable from
/// outside.</summary>
public sealed class GearTable
{
    /// <summary>256 numbers of 8 bytes.</summary>
    public const int Bytes = 256 * 8;

    /// <summary>Reads the table from <see cref="Bytes"/> bytes, little-endian.</summary>
    public GearTable(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes);
        Values = new ulong[256];
        for (var i = 0; i < Values.Length; i++)
            Values[i] = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * 8)..]);
    }

    internal ulong[] Values { get; }
}

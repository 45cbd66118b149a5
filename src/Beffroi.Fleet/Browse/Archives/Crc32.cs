using System.Buffers.Binary;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>The checksum of ZIP (ISO 3309, polynomial 0xEDB88320), eight bytes at a step.</summary>
internal static class Crc32
{
    private static readonly uint[][] s_tables = MakeTables();

    /// <summary>Goes on with <paramref name="crc"/>, which starts at 0.</summary>
    internal static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var (value, t) = (~crc, s_tables);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ value;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            value = t[7][(byte)low] ^ t[6][(byte)(low >> 8)] ^ t[5][(byte)(low >> 16)] ^ t[4][low >> 24]
                ^ t[3][(byte)high] ^ t[2][(byte)(high >> 8)] ^ t[1][(byte)(high >> 16)] ^ t[0][high >> 24];
        }
        foreach (var each in bytes) value = t[0][(byte)(value ^ each)] ^ (value >> 8);
        return ~value;
    }

    private static uint[][] MakeTables()
    {
        const uint polynomial = 0xEDB88320;
        var tables = Enumerable.Range(0, 8).Select(_ => new uint[256]).ToArray();
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ polynomial;
            tables[0][i] = value;
        }
        for (var table = 1; table < 8; table++)
        {
            for (var i = 0; i < 256; i++)
                tables[table][i] = tables[0][(byte)tables[table - 1][i]] ^ (tables[table - 1][i] >> 8);
        }
        return tables;
    }
}

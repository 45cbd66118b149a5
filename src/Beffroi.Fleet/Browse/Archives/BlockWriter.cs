using System.Buffers;
using System.Buffers.Binary;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Little-endian numbers one after the other.</summary>
internal sealed class BlockWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(128);

    internal void U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.GetSpan(sizeof(ushort)), value);
        _bytes.Advance(sizeof(ushort));
    }

    internal void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetSpan(sizeof(uint)), value);
        _bytes.Advance(sizeof(uint));
    }

    internal void U64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
    }

    internal void Bytes(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    internal void Zeros(int count)
    {
        _bytes.GetSpan(count)[..count].Clear();
        _bytes.Advance(count);
    }

    internal byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}

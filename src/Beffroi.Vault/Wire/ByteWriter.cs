using System.Buffers.Binary;

namespace Beffroi.Vault.Wire;

/// <summary>Writes the numbers and byte strings of the format into a growing array; the twin of
/// <see cref="ByteReader"/>.</summary>
internal sealed class ByteWriter(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    internal void Clear() => Length = 0;

    internal byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    internal void U8(int value) => Reserve(1)[0] = checked((byte)value);

    internal void U16(int value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), checked((ushort)value));

    internal void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    internal void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    internal void I64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    internal void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    internal void Zeros(int count) => Reserve(count).Clear();

    internal void Digest(Digest256 digest) => digest.CopyTo(Reserve(Digest256.Bytes));

    internal void Uuid(Guid id) => id.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    internal void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Reserve(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }
        Reserve(1)[0] = (byte)value;
    }

    internal void Svarint(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    internal void Counted(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        Bytes(bytes);
    }

    internal void Text(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetByteCount(text);
        Varint((ulong)bytes);
        System.Text.Encoding.UTF8.GetBytes(text, Reserve(bytes));
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        var span = _bytes.AsSpan(Length, count);
        Length += count;
        return span;
    }
}

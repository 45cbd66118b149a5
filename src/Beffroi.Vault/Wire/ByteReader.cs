using System.Buffers.Binary;

namespace Beffroi.Vault.Wire;

/// <summary>Reads the numbers and byte strings of the format from untrusted bytes; refuses rather than
/// guesses.</summary>
/// <param name="memory">The bytes to read.</param>
/// <param name="code">Error code of what is being read, thrown when the bytes break the rules.</param>
/// <param name="what">What is being read, for the message: "the pack footer".</param>
internal struct ByteReader(ReadOnlyMemory<byte> memory, ErrorCode code, string what)
{
    private int _position;

    internal readonly int Left => memory.Length - _position;

    internal readonly int Position => _position;

    internal readonly bool IsAtEnd => _position == memory.Length;

    internal ReadOnlyMemory<byte> Bytes(long count)
    {
        if (count < 0 || count > Left) throw Refuse($"it needs {count} more bytes where {Left} are left");
        var slice = memory.Slice(_position, (int)count);
        _position += (int)count;
        return slice;
    }

    internal byte U8() => Bytes(1).Span[0];

    internal ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2).Span);

    internal uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4).Span);

    internal ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8).Span);

    internal long I64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8).Span);

    internal Digest256 Digest() => new(Bytes(Digest256.Bytes).Span);

    internal Guid Uuid() => new(Bytes(16).Span, bigEndian: true);

    /// <summary>LEB128 in its shortest form only, so that equal content has one encoding.</summary>
    internal ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = U8();
            if (shift == 63 && part > 1) break;
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return part == 0 && shift > 0 ? throw Refuse("a number is not in its shortest form") : value;
        }
        throw Refuse("a number has more than 64 bits");
    }

    /// <summary>A varint that must not exceed <paramref name="max"/>.</summary>
    internal long Varint(long max)
    {
        var value = Varint();
        return value <= (ulong)max ? (long)value : throw Refuse($"the number {value} is above its limit {max}");
    }

    internal long Svarint()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A byte string preceded by its length.</summary>
    internal ReadOnlyMemory<byte> Counted(long max) => Bytes(Varint(max));

    internal string Text(long max) => Utf8(Counted(max).Span);

    internal void Zeros(int count)
    {
        if (Bytes(count).Span.ContainsAnyExcept((byte)0))
            throw Refuse("reserved bytes are not zero: a later version wrote it");
    }

    internal void Magic(ReadOnlySpan<byte> magic)
    {
        if (!Bytes(magic.Length).Span.SequenceEqual(magic)) throw Refuse("it does not start with the right magic");
    }

    internal readonly void End()
    {
        if (!IsAtEnd) throw Refuse($"{Left} bytes follow its end");
    }

    internal readonly string Utf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw Refuse("a text is not UTF-8");
        }
    }

    internal readonly VaultException Refuse(string why) => new(code, retryable: false,
        $"This is not {what} as the format describes it: {why} (at byte {_position} of {memory.Length}). "
        + "The stored bytes are damaged or were written by another program; 'beffroi-server admin check --read-data' "
        + "finds the extent.");

    private static readonly System.Text.UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}

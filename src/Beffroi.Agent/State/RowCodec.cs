using System.Buffers.Binary;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.State;

/// <summary>The body of a row as bytes. Private to the state file, so it may change with <see cref="Version"/> at any
/// time.</summary>
/// <remarks>checksum u64 | version u8 | kind u8 | bytes, modified, changed i64 | content kind u8 | class u8 | count
/// varint | pieces: record id 32, key 32, offset varint, bytes varint. Fixed numbers are little-endian. The checksum
/// also covers name, device and inode: SQLite would not notice a flipped bit in a key, and a snapshot must never
/// inherit it.</remarks>
internal static class RowCodec
{
    private const byte Version = 1;
    private const int ChecksumBytes = 8;
    private const int HeadBytes = ChecksumBytes + 1 + 1 + 3 * 8 + 1 + 1;
    private const int VarintBytesMax = 10;
    private const int PieceBytesMin = 2 * Digest256.Bytes + 2;
    private const int PieceBytesMax = 2 * Digest256.Bytes + 2 * VarintBytesMax;

    /// <summary>Room that <see cref="Write"/> may need.</summary>
    internal static int BytesMax(Content content) => HeadBytes + VarintBytesMax + content.Pieces.Count * PieceBytesMax;

    /// <summary>Writes the body and returns its length.</summary>
    internal static int Write(StateRow row, Span<byte> body)
    {
        body[8] = Version;
        body[9] = (byte)row.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(body[10..], row.Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(body[18..], row.ModifiedNs);
        BinaryPrimitives.WriteInt64LittleEndian(body[26..], row.ChangedNs);
        body[34] = (byte)row.Content.Kind;
        body[35] = (byte)row.Content.Class;
        var at = HeadBytes + WriteVarint(body[HeadBytes..], (ulong)row.Content.Pieces.Count);
        foreach (var piece in row.Content.Pieces) at += WritePiece(body[at..], piece);
        var checksum = Checksum(row.Name.Span, row.Device, row.Inode, body[ChecksumBytes..at]);
        BinaryPrimitives.WriteUInt64LittleEndian(body, checksum);
        return at;
    }

    /// <summary>Reads a body back, or returns null when it is damaged or of another version: the file is then read
    /// again.</summary>
    internal static StateRow? Read(
        ReadOnlyMemory<byte> name, ulong device, ulong inode, long run, ReadOnlySpan<byte> body)
    {
        if (!IsSound(name.Span, device, inode, body)) return null;
        if (ReadContent(body) is not { } content) return null;
        return new StateRow
        {
            Name = name,
            Kind = (EntryKind)body[9],
            Bytes = BinaryPrimitives.ReadInt64LittleEndian(body[10..]),
            ModifiedNs = BinaryPrimitives.ReadInt64LittleEndian(body[18..]),
            ChangedNs = BinaryPrimitives.ReadInt64LittleEndian(body[26..]),
            Device = device,
            Inode = inode,
            Content = content,
            Run = run,
        };
    }

    /// <summary>Whether the content needs one of these records. A body that cannot be read does: it is of no use
    /// anyway. So may a chunk list, whose chunks are not in the row: it does if <paramref name="orList"/>.</summary>
    internal static bool Uses(ReadOnlySpan<byte> body, IReadOnlySet<RecordId> records, bool orList)
    {
        if (ReadContent(body) is not { } content || (orList && content.Kind == ContentKind.List)) return true;
        foreach (var piece in content.Pieces)
            if (records.Contains(piece.Record.Id)) return true;
        return false;
    }

    private static bool IsSound(ReadOnlySpan<byte> name, ulong device, ulong inode, ReadOnlySpan<byte> body) =>
        body.Length > HeadBytes && body[8] == Version
        && BinaryPrimitives.ReadUInt64LittleEndian(body) == Checksum(name, device, inode, body[ChecksumBytes..]);

    private static Content? ReadContent(ReadOnlySpan<byte> body)
    {
        if (body.Length <= HeadBytes || body[8] != Version) return null;
        var rest = body[HeadBytes..];
        if (!TryReadVarint(ref rest, out var count) || count > (ulong)(rest.Length / PieceBytesMin)) return null;
        if (count == 0) return body[34] == (byte)ContentKind.Empty ? Content.Empty : null;
        var pieces = new Piece[count];
        for (var i = 0; i < pieces.Length; i++)
            if (!TryReadPiece(ref rest, out pieces[i])) return null;
        return rest.IsEmpty ? new Content((ContentKind)body[34], (ChunkClass)body[35], pieces) : null;
    }

    private static int WritePiece(Span<byte> target, Piece piece)
    {
        piece.Record.Id.Value.CopyTo(target);
        piece.Record.Key.CopyTo(target[Digest256.Bytes..]);
        var at = 2 * Digest256.Bytes;
        at += WriteVarint(target[at..], piece.Offset);
        return at + WriteVarint(target[at..], (ulong)piece.Bytes);
    }

    private static bool TryReadPiece(ref ReadOnlySpan<byte> source, out Piece piece)
    {
        piece = default;
        if (source.Length < PieceBytesMin) return false;
        var id = new Digest256(source[..Digest256.Bytes]);
        var key = new Digest256(source.Slice(Digest256.Bytes, Digest256.Bytes));
        source = source[(2 * Digest256.Bytes)..];
        if (!TryReadVarint(ref source, out var offset) || !TryReadVarint(ref source, out var bytes)) return false;
        piece = new Piece(new RecordRef(new RecordId(id), key), (uint)offset, (long)bytes);
        return offset <= uint.MaxValue && bytes <= long.MaxValue;
    }

    private static int WriteVarint(Span<byte> target, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7) target[length++] = (byte)(value | 0x80);
        target[length++] = (byte)value;
        return length;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        for (var i = 0; i < source.Length && i < VarintBytesMax; i++)
        {
            value |= (ulong)(source[i] & 0x7F) << (7 * i);
            if (source[i] >= 0x80) continue;
            source = source[(i + 1)..];
            return true;
        }
        return false;
    }

    /// <summary>Finds damage, not malice: the file is the owner's own.</summary>
    private static ulong Checksum(ReadOnlySpan<byte> name, ulong device, ulong inode, ReadOnlySpan<byte> body) =>
        Mix(Mix(Mix(device, inode), name), body);

    private static ulong Mix(ulong state, ReadOnlySpan<byte> bytes)
    {
        state = Mix(state, (ulong)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
            state = Mix(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong tail = 0;
        foreach (var value in bytes) tail = tail << 8 | value;
        return Mix(state, tail);
    }

    // 2^64 divided by the golden ratio, odd: one bit of input reaches half of the output.
    private static ulong Mix(ulong state, ulong word)
    {
        state = (state ^ word) * 0x9E3779B97F4A7C15;
        return state ^ state >> 29;
    }
}

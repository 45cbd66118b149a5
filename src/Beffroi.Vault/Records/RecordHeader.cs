using System.Buffers.Binary;
using Beffroi.Vault.Compression;

namespace Beffroi.Vault.Records;

/// <summary>The clear part of a record (docs/format/record.md §1). Readable, and checkable, without any key.</summary>
public sealed record RecordHeader
{
    private const byte Version = 1;
    private const byte CipherAesGcm = 1;

    /// <summary>First 8 bytes of SHA-256("Beffroi record v1").</summary>
    internal static ReadOnlySpan<byte> Magic => [0x26, 0xb4, 0x95, 0x8a, 0x4a, 0x48, 0x34, 0x66];

    /// <summary>What the record holds.</summary>
    public required RecordType Type { get; init; }

    /// <summary>How the payload was made from the plain bytes.</summary>
    public required CodecProfile Codec { get; init; }

    /// <summary>Length of the content, 1 to <see cref="RecordLimits.PlainBytesMax"/>.</summary>
    public required int PlainBytes { get; init; }

    /// <summary>Length of the ciphertext, at most <see cref="PlainBytes"/>.</summary>
    public required int PayloadBytes { get; init; }

    /// <summary>Which secret derived the key.</summary>
    public required SecretId Secret { get; init; }

    /// <summary>The records that the content mentions, strictly ascending.</summary>
    public IReadOnlyList<RecordId> References { get; init; } = [];

    /// <summary>Length of the header: the bytes before the ciphertext.</summary>
    public int HeaderBytes => RecordLimits.FixedHeaderBytes + References.Count * Digest256.Bytes;

    /// <summary>Length of the whole record.</summary>
    public int RecordBytes => HeaderBytes + PayloadBytes + RecordLimits.TagBytes;

    /// <summary>Writes the header at the start of <paramref name="destination"/>.</summary>
    internal void WriteTo(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        destination[8] = Version;
        destination[9] = (byte)Type;
        destination[10] = CipherAesGcm;
        destination[11] = (byte)Codec.Id;
        destination[12] = (byte)Codec.Level;
        destination[13..16].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], Codec.Version);
        BinaryPrimitives.WriteInt32LittleEndian(destination[20..], PlainBytes);
        BinaryPrimitives.WriteInt32LittleEndian(destination[24..], PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(destination[28..], References.Count);
        Secret.Value.TryWriteBytes(destination[32..], bigEndian: true, out _);
        for (var i = 0; i < References.Count; i++)
            References[i].Value.CopyTo(destination[(RecordLimits.FixedHeaderBytes + i * Digest256.Bytes)..]);
    }

    /// <summary>The codec of a record that this program has just made.</summary>
    internal static CodecId CodecOf(ReadOnlySpan<byte> record) => (CodecId)record[11];

    /// <summary>Reads the header at the start of a record and checks all that can be checked without keys.</summary>
    /// <param name="record">The record from its first byte; bytes after its end are allowed.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.RecordMalformed"/> or
    /// <see cref="ErrorCode.RecordUnsupported"/>.</exception>
    public static RecordHeader Parse(ReadOnlySpan<byte> record)
    {
        if (record.Length < RecordLimits.RecordBytesMin || !record.StartsWith(Magic))
            throw Malformed("it does not start with the right magic");
        CheckKnown(record);
        var plainBytes = Bounded(record[20..], 1, RecordLimits.PlainBytesMax, "plain length");
        var payloadBytes = Bounded(record[24..], 1, plainBytes, "payload length");
        var count = Bounded(record[28..], 0, RecordLimits.ReferencesMax, "reference count");
        var header = new RecordHeader
        {
            Type = (RecordType)record[9],
            Codec = new CodecProfile(
                (CodecId)record[11], (sbyte)record[12], BinaryPrimitives.ReadUInt32LittleEndian(record[16..])),
            PlainBytes = plainBytes,
            PayloadBytes = payloadBytes,
            Secret = new SecretId(new Guid(record.Slice(32, 16), bigEndian: true)),
            References = ReadReferences(record, count),
        };
        if (count > 0 && !header.Type.IsCatalogue()) throw Malformed("a record of data has references");
        if (header.Codec.Id == CodecId.Stored && (payloadBytes != plainBytes || header.Codec != CodecProfile.Stored))
            throw Malformed("a stored payload has a codec's level, version or length");
        return header;
    }

    /// <summary>Length of the record that starts here, from its first 48 bytes, without checking anything
    /// else.</summary>
    internal static long PeekLength(ReadOnlySpan<byte> record) => RecordLimits.FixedHeaderBytes + RecordLimits.TagBytes
        + BinaryPrimitives.ReadUInt32LittleEndian(record[24..])
        + 32L * BinaryPrimitives.ReadUInt32LittleEndian(record[28..]);

    private static void CheckKnown(ReadOnlySpan<byte> record)
    {
        if (record[8] != Version) throw Unsupported($"version {record[8]}");
        if (record[9] is < (byte)RecordType.Chunk or > (byte)RecordType.Segment)
            throw Malformed($"type {record[9]} does not exist");
        if (record[10] != CipherAesGcm) throw Unsupported($"cipher {record[10]}");
        if (record[11] > (byte)CodecId.Deflate) throw Unsupported($"codec {record[11]}");
        if (record[13] != 0) throw Malformed($"padding {record[13]} does not exist");
        if (record[14] != 0 || record[15] != 0) throw Malformed("reserved bytes are not zero");
    }

    private static int Bounded(ReadOnlySpan<byte> field, int min, int max, string name)
    {
        var value = BinaryPrimitives.ReadUInt32LittleEndian(field);
        return value >= min && value <= max
            ? (int)value
            : throw Malformed($"its {name} is {value}, not {min} to {max}");
    }

    private static RecordId[] ReadReferences(ReadOnlySpan<byte> record, int count)
    {
        if (record.Length < RecordLimits.FixedHeaderBytes + count * Digest256.Bytes)
            throw Malformed("it is cut within its references");
        var references = new RecordId[count];
        for (var i = 0; i < count; i++)
        {
            var id = new Digest256(record.Slice(RecordLimits.FixedHeaderBytes + i * Digest256.Bytes, Digest256.Bytes));
            if (i > 0 && id <= references[i - 1].Value) throw Malformed("its references are not in order");
            references[i] = new RecordId(id);
        }
        return references;
    }

    internal static VaultException Malformed(string why) => new(ErrorCode.RecordMalformed, retryable: false,
        $"A record does not follow the format: {why}. It is not used. Other records are not affected; "
        + "'beffroi-server admin check --read-data' lists what is damaged.");

    private static VaultException Unsupported(string what) => new(ErrorCode.RecordUnsupported, retryable: false,
        $"A record was written with {what}, which this program does not know. Update this program and try again.");
}

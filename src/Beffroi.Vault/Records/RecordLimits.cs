namespace Beffroi.Vault.Records;

/// <summary>Bounds of docs/format/record.md. They exist so that damaged lengths cannot make a reader allocate without
/// end.</summary>
public static class RecordLimits
{
    /// <summary>Bytes of the header before the references.</summary>
    public const int FixedHeaderBytes = 48;

    /// <summary>Bytes of the AES-GCM tag.</summary>
    public const int TagBytes = 16;

    /// <summary>Most plain or payload bytes: 4 MiB, the largest chunk.</summary>
    public const int PlainBytesMax = 4 << 20;

    /// <summary>Most references: 512 KiB of ids.</summary>
    public const int ReferencesMax = 16_384;

    /// <summary>The longest record possible.</summary>
    public const int RecordBytesMax = FixedHeaderBytes + ReferencesMax * Digest256.Bytes + PlainBytesMax + TagBytes;

    /// <summary>The shortest record possible: one byte of payload.</summary>
    public const int RecordBytesMin = FixedHeaderBytes + 1 + TagBytes;

    /// <summary>Below this length a content uses the machine secret: it is guessable, and rarely shared.</summary>
    public const int SharedSecretBytesMin = 64 << 10;
}

/// <summary>What a record holds. The numbers are written in the format.</summary>
public enum RecordType : byte
{
    /// <summary>A piece of a file.</summary>
    Chunk = 1,
    /// <summary>Several small files, one after the other.</summary>
    Bundle = 2,
    /// <summary>The chunks of a big file.</summary>
    ChunkList = 3,
    /// <summary>A part of the list of files and directories.</summary>
    Segment = 4,
}

/// <summary>What follows from a record's type.</summary>
public static class RecordTypes
{
    /// <summary>Whether records of this type go into catalogue packs and may have references.</summary>
    public static bool IsCatalogue(this RecordType type) => type is RecordType.ChunkList or RecordType.Segment;
}

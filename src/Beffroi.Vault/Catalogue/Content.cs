namespace Beffroi.Vault.Catalogue;

/// <summary>A record that a parent refers to: its name, and the key that opens it.</summary>
/// <param name="Id">Storage id.</param>
/// <param name="Key">AES-256 key of the record; known only to its parents.</param>
public readonly record struct RecordRef(RecordId Id, Digest256 Key);

/// <summary>How a content is laid out in records. The numbers are written in the format.</summary>
public enum ContentKind : byte
{
    /// <summary>No bytes.</summary>
    Empty = 0,
    /// <summary>One range of one record: a small file in a bundle, or a file of one chunk.</summary>
    Slice = 1,
    /// <summary>Several chunks in order, each whole.</summary>
    Chunks = 2,
    /// <summary>A tree of chunk lists, for what has more chunks than an entry should list.</summary>
    List = 3,
}

/// <summary>How a file was cut. The numbers are written in the format.</summary>
public enum ChunkClass : byte
{
    /// <summary>256 KiB, 1 MiB, 4 MiB.</summary>
    Standard = 1,
    /// <summary>16, 64, 256 KiB: big files that change in place.</summary>
    Fine = 2,
}

/// <summary>A part of a content: which record, and which of its plain bytes.</summary>
/// <param name="Record">The record; a chunk, a bundle or a chunk list.</param>
/// <param name="Offset">First plain byte; 0 unless the content is a slice.</param>
/// <param name="Bytes">How many bytes of the content it gives; for a list, the bytes of all chunks below it.</param>
public readonly record struct Piece(RecordRef Record, uint Offset, long Bytes);

/// <summary>Where the bytes of a file or of a stream lie. Immutable.</summary>
public sealed record Content(ContentKind Kind, ChunkClass Class, IReadOnlyList<Piece> Pieces)
{
    /// <summary>No bytes.</summary>
    public static Content Empty { get; } = new(ContentKind.Empty, ChunkClass.Standard, []);

    /// <summary>Most chunks that an entry lists itself. Beyond, a chunk list takes them.</summary>
    public const int PiecesMax = 64;
}

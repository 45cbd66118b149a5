namespace Beffroi.Vault.Compression;

/// <summary>How a record's payload was compressed. The numbers are written in the format.</summary>
public enum CodecId : byte
{
    /// <summary>Not compressed.</summary>
    Stored = 0,
    /// <summary>One Zstandard frame (RFC 8878) that states its content size.</summary>
    Zstd = 1,
    /// <summary>One Brotli stream (RFC 7932), window of at most 2^22 bytes.</summary>
    Brotli = 2,
    /// <summary>One raw Deflate stream (RFC 1951).</summary>
    Deflate = 3,
}

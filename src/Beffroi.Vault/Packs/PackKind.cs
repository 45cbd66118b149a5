namespace Beffroi.Vault.Packs;

/// <summary>What a pack's records are. The numbers are written in the format.</summary>
public enum PackKind : byte
{
    /// <summary>Chunks and bundles.</summary>
    Data = 1,
    /// <summary>Segments and chunk lists.</summary>
    Catalogue = 2,
}

/// <summary>Bounds of docs/format/pack.md.</summary>
public static class PackLimits
{
    /// <summary>Bytes before the first record.</summary>
    public const int HeaderBytes = 32;

    /// <summary>Bytes after the footer.</summary>
    public const int EndBytes = 12;

    /// <summary>Bytes of the footer before the secret ids.</summary>
    public const int FooterFixedBytes = 48;

    /// <summary>Bytes of one entry of the footer.</summary>
    public const int EntryBytes = 44;

    /// <summary>Most records in a pack.</summary>
    public const int RecordsMax = 32_768;

    /// <summary>Most secrets that the records of one pack may use.</summary>
    public const int SecretsMax = 16;

    /// <summary>Longest footer with its end: what a reader fetches to be sure to have it whole.</summary>
    public const int TailBytesMax = FooterFixedBytes + SecretsMax * 16 + RecordsMax * EntryBytes + EndBytes;

    /// <summary>Most bytes of a pack: 32 MiB of data, 8 MiB of catalogue.</summary>
    public static int BytesMax(PackKind kind) => kind == PackKind.Data ? 32 << 20 : 8 << 20;
}

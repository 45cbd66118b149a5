namespace Beffroi.Vault.Catalogue;

/// <summary>What an entry of the catalogue is. The numbers are written in the format.</summary>
public enum EntryKind : byte
{
    /// <summary>A regular file.</summary>
    File = 1,
    /// <summary>A directory.</summary>
    Directory = 2,
    /// <summary>A symbolic link; it is stored, never followed.</summary>
    SymbolicLink = 3,
    /// <summary>A named pipe.</summary>
    Fifo = 4,
    /// <summary>A socket: recorded, and not restored, because the program that listens makes it.</summary>
    Socket = 5,
    /// <summary>A character device.</summary>
    CharacterDevice = 6,
    /// <summary>A block device.</summary>
    BlockDevice = 7,
    /// <summary>A Windows reparse point that is no symbolic link.</summary>
    ReparsePoint = 8,
}

/// <summary>One file, directory or other object of a snapshot, with its metadata and where its content lies.</summary>
/// <remarks>Names are bytes: a POSIX name need not be UTF-8. What a
/// source system does not have stays null or empty.</remarks>
public sealed record Entry
{
    /// <summary>Full path from the root of the source.</summary>
    public required EntryPath Path { get; init; }

    /// <summary>What it is.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>Length in bytes of a file, holes included; 0 for everything else.</summary>
    public long Bytes { get; init; }

    /// <summary>Time of the last change of the content, in nanoseconds since 1970-01-01 UTC; may be negative. Stored
    /// as the nearest from 1684 to 2255.</summary>
    public long ModifiedNs { get; init; }

    /// <summary>POSIX permission bits, set-id and sticky bits included (07777).</summary>
    public uint Mode { get; init; }

    /// <summary>POSIX user and group number.</summary>
    public uint UserId { get; init; }

    /// <summary>POSIX group number.</summary>
    public uint GroupId { get; init; }

    /// <summary>Name of the user on the source system, when it had one.</summary>
    public string? UserName { get; init; }

    /// <summary>Name of the group on the source system, when it had one.</summary>
    public string? GroupName { get; init; }

    /// <summary>Target of a symbolic link, or the data of a reparse point.</summary>
    public ReadOnlyMemory<byte> LinkTarget { get; init; }

    /// <summary>Device number (major &lt;&lt; 32 | minor) of a character or block device.</summary>
    public ulong DeviceNumber { get; init; }

    /// <summary>Non-zero and equal for the entries of one snapshot that are hard links of one file.</summary>
    public ulong HardLinkGroup { get; init; }

    /// <summary>Extended attributes, POSIX ACL among them, sorted by name.</summary>
    public IReadOnlyList<ExtendedAttribute> ExtendedAttributes { get; init; } = [];

    /// <summary>Ranges that hold data, when the file has holes. Content covers only these. Without any, a file with
    /// content has no holes, and one without content is one hole.</summary>
    public IReadOnlyList<DataExtent> Extents { get; init; } = [];

    /// <summary>What only Windows knows; null from other systems.</summary>
    public WindowsMetadata? Windows { get; init; }

    /// <summary>Where the bytes are; <see cref="Content.Empty"/> for what has none.</summary>
    public Content Content { get; init; } = Content.Empty;
}

/// <summary>A name and a value that a file system keeps beside a file.</summary>
/// <param name="Name">Name with its name space, <c>user.comment</c>; bytes as the system gives them.</param>
/// <param name="Value">Value, at most 64 KiB on every system known.</param>
public readonly record struct ExtendedAttribute(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value);

/// <summary>Attributes of a file on Windows that other systems do not have.</summary>
public sealed record WindowsMetadata
{
    /// <summary>FILE_ATTRIBUTE bits.</summary>
    public uint Attributes { get; init; }

    /// <summary>Creation time in nanoseconds since 1970-01-01 UTC.</summary>
    public long CreatedNs { get; init; }

    /// <summary>Self-relative security descriptor; empty when it could not be read.</summary>
    public ReadOnlyMemory<byte> SecurityDescriptor { get; init; }

    /// <summary>Alternate data streams.</summary>
    public IReadOnlyList<AlternateStream> Streams { get; init; } = [];
}

/// <summary>A named stream beside a file's own content (NTFS).</summary>
/// <param name="Name">Name without colons or type, UTF-8.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Content">Where its bytes are.</param>
public sealed record AlternateStream(string Name, long Bytes, Content Content);

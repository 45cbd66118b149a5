using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>What the system says about one object without opening it. What a system does not have is 0.</summary>
internal readonly record struct FileStatus
{
    internal EntryKind Kind { get; init; }

    /// <summary>Length of a file's content, holes included; 0 for everything else.</summary>
    internal long Bytes { get; init; }

    /// <summary>Nanoseconds since 1970-01-01 UTC, of the content's last change.</summary>
    internal long ModifiedNs { get; init; }

    /// <summary>Nanoseconds since 1970-01-01 UTC, of the last change of content or metadata; nobody can set it
    /// back.</summary>
    internal long ChangedNs { get; init; }

    /// <summary>Permission bits with set-id and sticky (07777).</summary>
    internal uint Mode { get; init; }

    internal uint UserId { get; init; }

    internal uint GroupId { get; init; }

    /// <summary>The mounted file system or volume; another number than the parent's is a mount boundary.</summary>
    internal ulong Device { get; init; }

    internal ulong Inode { get; init; }

    internal uint LinkCount { get; init; }

    /// <summary>Major &lt;&lt; 32 | minor of a character or block device.</summary>
    internal ulong DeviceNumber { get; init; }

    /// <summary>Bytes the content takes on the disk; below <see cref="Bytes"/> when there are holes or
    /// compression.</summary>
    internal long AllocatedBytes { get; init; }

    /// <summary>FILE_ATTRIBUTE bits of Windows.</summary>
    internal uint Attributes { get; init; }

    /// <summary>Creation time in nanoseconds since 1970-01-01 UTC (Windows).</summary>
    internal long CreatedNs { get; init; }

    /// <summary>IO_REPARSE_TAG of a reparse point (Windows).</summary>
    internal uint ReparseTag { get; init; }

    internal FileIdentity Identity => new(Device, Inode, Bytes, ModifiedNs, ChangedNs);
}

/// <summary>Equal before and after reading means that what was read is one state of one file.</summary>
internal readonly record struct FileIdentity(
    ulong Device, ulong Inode, long Bytes, long ModifiedNs, long ChangedNs);

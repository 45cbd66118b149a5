using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.State;

/// <summary>What the state remembers of one file: how it looked when it was read, and where its content went.</summary>
internal sealed record StateRow
{
    /// <summary>Its name within its directory.</summary>
    public required ReadOnlyMemory<byte> Name { get; init; }

    public required EntryKind Kind { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Time of the last change of the content, in nanoseconds since 1970-01-01 UTC.</summary>
    public required long ModifiedNs { get; init; }

    /// <summary>Time of the last change of content or metadata; no program can set it back. 0 where a system has
    /// none.</summary>
    public required long ChangedNs { get; init; }

    /// <summary>Number of the file on its device; 0 when unknown, and then it is not found by identity.</summary>
    public required ulong Inode { get; init; }

    public required ulong Device { get; init; }

    public required Content Content { get; init; }

    /// <summary>Number of the run that saved it; set by the state.</summary>
    public long Run { get; init; }
}

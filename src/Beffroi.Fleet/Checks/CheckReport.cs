using Beffroi.Vault;

namespace Beffroi.Fleet.Checks;

/// <summary>What a check found.</summary>
/// <param name="Damaged">Records that must not be served, and who misses them.</param>
/// <param name="Repointed">Records that were damaged and are read from another pack from now on.</param>
/// <param name="UnusablePacks">Packs that are missing, cut, or of which not even the list of records can be
/// read.</param>
/// <param name="UnusableSnapshots">Snapshots whose commit or root cannot be used.</param>
public sealed record CheckReport(
    IReadOnlyList<DamagedRecord> Damaged, IReadOnlyList<RepointedRecord> Repointed,
    IReadOnlyList<UnusablePack> UnusablePacks, IReadOnlyList<UnusableSnapshot> UnusableSnapshots,
    long Packs, long Records, long Bytes, long Snapshots)
{
    /// <summary>Whether this check found no damage, not even such as it healed: the disk that did it is still
    /// there.</summary>
    public bool IsSound =>
        Damaged.Count + Repointed.Count == 0 && UnusablePacks.Count == 0 && UnusableSnapshots.Count == 0;
}

/// <summary>A damaged record.</summary>
/// <param name="Offset">Its first byte in the pack.</param>
/// <param name="Snapshots">The snapshots that need it, as far as the clear references tell.</param>
public sealed record DamagedRecord(
    VaultId Vault, PackId Pack, RecordId Record, int Offset, IReadOnlyList<AffectedSnapshot> Snapshots);

/// <summary>A record of which another pack holds a sound copy.</summary>
/// <param name="From">The pack with the damaged copy.</param>
/// <param name="To">The pack that the index names now.</param>
public sealed record RepointedRecord(VaultId Vault, RecordId Record, PackId From, PackId To);

/// <summary>A snapshot that a damaged record belongs to.</summary>
public sealed record AffectedSnapshot(SnapshotId Snapshot, DeviceId Device, long Sequence);

/// <summary>A pack that cannot be read as a whole.</summary>
public sealed record UnusablePack(VaultId Vault, PackId Pack, string Reason);

/// <summary>A snapshot that cannot be used as a whole.</summary>
public sealed record UnusableSnapshot(VaultId Vault, SnapshotId Snapshot, DeviceId Device, string Reason);

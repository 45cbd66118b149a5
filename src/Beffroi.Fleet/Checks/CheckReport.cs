using Beffroi.Vault;

namespace Beffroi.Fleet.Checks;

/// <summary>What a check found.</summary>
/// <param name="Damaged">Records that must not be served, and who misses them.</param>
/// <param name="UnusablePacks">Packs that are missing, cut, or of which not even the list of records can be
/// read.</param>
/// <param name="UnusableSnapshots">Snapshots whose commit or root cannot be used.</param>
public sealed record CheckReport(
    IReadOnlyList<DamagedRecord> Damaged, IReadOnlyList<UnusablePack> UnusablePacks,
    IReadOnlyList<UnusableSnapshot> UnusableSnapshots, long Packs, long Records, long Bytes, long Snapshots)
{
    public bool IsSound => Damaged.Count == 0 && UnusablePacks.Count == 0 && UnusableSnapshots.Count == 0;
}

/// <summary>A damaged record.</summary>
/// <param name="Offset">Its first byte in the pack.</param>
/// <param name="Snapshots">The snapshots that need it, as far as the clear references tell.</param>
public sealed record DamagedRecord(
    VaultId Vault, PackId Pack, RecordId Record, int Offset, IReadOnlyList<AffectedSnapshot> Snapshots);

/// <summary>A snapshot that a damaged record belongs to.</summary>
public sealed record AffectedSnapshot(SnapshotId Snapshot, DeviceId Device, long Sequence);

/// <summary>A pack that cannot be read as a whole.</summary>
public sealed record UnusablePack(VaultId Vault, PackId Pack, string Reason);

/// <summary>A snapshot that cannot be used as a whole.</summary>
public sealed record UnusableSnapshot(VaultId Vault, SnapshotId Snapshot, DeviceId Device, string Reason);

using Beffroi.Vault;

namespace Beffroi.Fleet.Rebuild;

/// <summary>What a rebuild brought back.</summary>
/// <param name="DamagedCopies">Damaged copies of records that lie in several packs; a sound one was listed in their
/// place if there is one. Records that lie in one pack are not read.</param>
/// <param name="UnreadablePacks">Packs whose list of records cannot be read; their records are not in the
/// index.</param>
/// <param name="UnusableCommits">Commit blobs that are not this server's, or do not follow on the one before.</param>
public sealed record RebuildReport(
    int Vaults, long Devices, long Packs, long Records, long Snapshots, long DamagedCopies,
    IReadOnlyList<UnreadableBlob> UnreadablePacks, IReadOnlyList<UnreadableBlob> UnusableCommits);

/// <summary>A blob that could not be used.</summary>
public sealed record UnreadableBlob(VaultId Vault, string Name, string Reason);

using Beffroi.Vault;

namespace Beffroi.Fleet.Rebuild;

/// <summary>What a rebuild brought back.</summary>
/// <param name="DamagedCopies">Damaged copies of records that lie in several packs; a sound one was listed in their
/// place if there is one. Records that lie in one pack are not read.</param>
/// <param name="UnreadablePacks">Packs whose list of records cannot be read; their records are not in the
/// index.</param>
/// <param name="UnusableCommits">Commit blobs that are not this server's, or do not follow on the one before.</param>
/// <param name="LeftOut">Vaults whose log or keys are damaged, named by their folder; their index is what it
/// was.</param>
public sealed record RebuildReport(
    int Vaults, long Devices, long Packs, long Records, long Snapshots, long DamagedCopies,
    IReadOnlyList<UnreadableBlob> UnreadablePacks, IReadOnlyList<UnreadableBlob> UnusableCommits,
    IReadOnlyList<UnreadableBlob> LeftOut);

/// <summary>A blob, or a vault's folder of them, that could not be used.</summary>
public sealed record UnreadableBlob(VaultId Vault, string Name, string Reason);

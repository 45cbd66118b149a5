using Beffroi.Vault;

namespace Beffroi.Fleet.MemberLog;

/// <summary>PostgreSQL's advisory locks of a vault.</summary>
internal static class VaultLocks
{
    /// <summary>Held by who writes the vault's log.</summary>
    internal static long OfLog(VaultId vault) => KeyOf("beffroi lock log"u8, vault);

    /// <summary>Shared by uploads, held alone by a rebuild of the index.</summary>
    internal static long OfIndex(VaultId vault) => KeyOf("beffroi lock index"u8, vault);

    private static long KeyOf(ReadOnlySpan<byte> purpose, VaultId vault) =>
        (long)Digest256.Of([.. purpose, .. vault.Value.ToByteArray(bigEndian: true)]).Prefix;
}

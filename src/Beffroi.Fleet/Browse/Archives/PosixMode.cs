using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Permission bits of an entry; Windows has none, so usual ones stand in.</summary>
internal static class PosixMode
{
    private const uint OfFile = 0x1A4; // 0644.
    private const uint OfFolder = 0x1ED; // 0755.

    internal static uint Of(Entry entry)
    {
        if (entry.Mode != 0 || entry.Windows is null) return entry.Mode;
        return entry.Kind == EntryKind.Directory ? OfFolder : OfFile;
    }
}

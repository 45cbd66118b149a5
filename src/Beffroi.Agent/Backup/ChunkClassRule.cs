using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>Which files are cut finely: big ones that programs change in place.</summary>
/// <remarks>After 1 % of a mail archive changed, fine chunks of 70 KiB added 3.8 MiB, programs with chunks of 1 to
/// 2 MiB 30 and 40 MiB (bench/results/2026-11-21.md). Everything else would pay for it with 17 times the
/// records.</remarks>
internal static class ChunkClassRule
{
    // Below, the whole file is a few standard chunks and fine cuts only cost records.
    private const long FineBytesMin = 16 << 20;

    // Mail archives, databases, disk images: by the names that their programs give them.
    private static readonly HashSet<string> FineExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        "pst", "ost", "mbox", "mbx", "nsf", "edb", "dbx",
        "mdf", "ndf", "ldf", "mdb", "accdb", "fdb", "gdb", "ib", "ibd", "ibdata1", "myd", "myi", "sqlite", "sqlite3",
        "db", "db3", "dbf", "fp7", "fmp12", "hfsql", "fic", "ndx", "mmo", "wdd", "qbw",
        "vmdk", "vhd", "vhdx", "vdi", "qcow", "qcow2", "img", "raw", "hdd", "avhdx", "tc", "hc",
    };

    internal static ChunkClass Of(EntryPath path, long bytes)
    {
        if (bytes < FineBytesMin) return ChunkClass.Standard;
        var name = System.Text.Encoding.UTF8.GetString(path.Name.Span);
        return FineExtensions.Contains(name[(name.LastIndexOf('.') + 1)..]) ? ChunkClass.Fine : ChunkClass.Standard;
    }
}

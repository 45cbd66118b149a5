namespace Beffroi.Fleet.Rebuild;

/// <summary>Counts while a rebuild goes on.</summary>
internal sealed class RebuildTally
{
    internal int Vaults { get; set; }
    internal long Devices { get; set; }
    internal long Packs { get; set; }
    internal long Records { get; set; }
    internal long Snapshots { get; set; }
    internal long DamagedCopies { get; set; }
    internal List<UnreadableBlob> Unreadable { get; } = [];
    internal List<UnreadableBlob> Unusable { get; } = [];
    internal List<UnreadableBlob> LeftOut { get; } = [];

    internal void Add(RebuildTally other)
    {
        Vaults += other.Vaults;
        Devices += other.Devices;
        Packs += other.Packs;
        Records += other.Records;
        Snapshots += other.Snapshots;
        DamagedCopies += other.DamagedCopies;
        Unreadable.AddRange(other.Unreadable);
        Unusable.AddRange(other.Unusable);
        LeftOut.AddRange(other.LeftOut);
    }

    internal RebuildReport ToReport() => new(
        Vaults, Devices, Packs, Records, Snapshots, DamagedCopies, Unreadable, Unusable, LeftOut);
}

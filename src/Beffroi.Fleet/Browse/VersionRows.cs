using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse;

/// <summary>Puts snapshots in a row that have one path in one state into one version. Pure; newest first.</summary>
internal sealed class VersionRows
{
    private readonly List<FileVersion> _versions = [];
    private Entry? _last;

    internal IReadOnlyList<FileVersion> Versions => _versions;

    /// <summary>Adds the next older snapshot.</summary>
    /// <param name="number">The entry's number in it.</param>
    /// <param name="entry">The path's entry; null where it does not exist.</param>
    internal void Add(SnapshotLine snapshot, long number, Entry? entry)
    {
        if (entry is not null && _last is not null && IsSame(_last, entry))
            _versions[^1] = _versions[^1] with { Oldest = snapshot, Snapshots = _versions[^1].Snapshots + 1 };
        else if (entry is not null)
            _versions.Add(new FileVersion(EntryLine.Of(number, entry), snapshot, snapshot, Snapshots: 1));
        _last = entry;
    }

    // Not by the records: a small file moves to another bundle when its neighbour changes.
    private static bool IsSame(Entry left, Entry right) => left.Kind == right.Kind && left.Bytes == right.Bytes
        && left.ModifiedNs == right.ModifiedNs && left.LinkTarget.Span.SequenceEqual(right.LinkTarget.Span);
}

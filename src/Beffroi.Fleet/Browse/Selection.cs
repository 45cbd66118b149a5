using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Fleet.Browse;

/// <summary>What somebody ticked: entries of one snapshot, and all that lies below them.</summary>
/// <param name="Tops">The outermost paths; one empty path for everything.</param>
/// <param name="Above">The folder that all of them lie in, of which nobody needs the path in an archive.</param>
internal sealed record Selection(IReadOnlyList<EntryPath> Tops, EntryPath Above)
{
    /// <summary>Most entries that a form sends.</summary>
    internal const int EntriesMax = 1000;

    /// <summary>The selection of these entries; none if one of them is not there.</summary>
    internal static async Task<Selection?> FindAsync(
        SnapshotReader reader, IReadOnlyList<EntryId> entries, CancellationToken cancellationToken)
    {
        if (entries.Count is 0 or > EntriesMax) return null;
        if (entries.Any(entry => entry.IsTop)) return new Selection([default], default);

        var paths = new List<EntryPath>(entries.Count);
        foreach (var id in entries.Distinct())
        {
            if (await reader.FindAsync(id, cancellationToken) is not { } entry) return null;
            paths.Add(entry.Path);
        }
        var tops = EntryPath.Outermost(paths);
        var above = tops[0].Parent;
        while (!tops.All(path => path.IsAtOrBelow(above))) above = above.Parent;
        return new Selection(tops, above);
    }

    /// <summary>What it holds, in order.</summary>
    internal async IAsyncEnumerable<NumberedEntry> ReadAsync(
        SnapshotReader reader, Action<EntryPath, VaultException> unreadable,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var top in Tops)
        {
            await foreach (var entry in reader.Catalogue.ReadFromAsync(
                reader.Root, top, from: 0, unreadable, cancellationToken))
                yield return entry;
        }
    }
}

using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse;

/// <summary>Counts a selection for the estimate, for so long and no longer.</summary>
internal static class SelectionCount
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(4);
    private const int EntriesPerLook = 256;

    internal static async Task<SelectionTotals> RunAsync(
        SnapshotReader reader, Selection selection, TimeProvider time, CancellationToken cancellationToken)
    {
        var (files, directories, others, bytes, started) = (0L, 0L, 0L, 0L, time.GetTimestamp());
        var gaps = new HashSet<EntryPath>();
        await foreach (var (_, entry) in selection.ReadAsync(reader, (first, _) => gaps.Add(first), cancellationToken))
        {
            var counted = files + directories + others;
            if (counted % EntriesPerLook == 0 && counted > 0 && time.GetElapsedTime(started) >= s_timeMax)
                return new SelectionTotals(files, directories, others, bytes, IsComplete: false, gaps.Count);
            if (entry.Kind == EntryKind.File) files++;
            else if (entry.Kind == EntryKind.Directory) directories++;
            else others++;
            bytes = (long)Math.Min(long.MaxValue, (decimal)bytes + entry.Bytes);
        }
        return new SelectionTotals(files, directories, others, bytes, IsComplete: true, gaps.Count);
    }
}

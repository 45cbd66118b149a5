using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Fleet.Browse;

/// <summary>Looks through the names of a snapshot, in order, for so many results or so long.</summary>
internal sealed class NameSearch(SnapshotReader reader, string text, TimeProvider time)
{
    internal const int FoundMax = 100;
    internal const int TextCharactersMax = 200;

    // Someone waits for the page. A catalogue of a million names takes a few seconds.
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(4);

    // Reading the clock for each name would cost as much as comparing it.
    private const int EntriesPerLook = 256;

    private readonly string _wanted = NameFolding.Fold(text);
    private readonly List<NumberedEntry> _above = [];
    private readonly List<FoundEntry> _found = [];
    private readonly HashSet<EntryPath> _gaps = [];

    internal async Task<SearchPage> RunAsync(EntryPath under, long from, CancellationToken cancellationToken)
    {
        var (started, searched) = (time.GetTimestamp(), 0L);
        await foreach (var entry in reader.Catalogue.ReadFromAsync(
            reader.Root, under, from, (first, _) => _gaps.Add(first), cancellationToken))
        {
            var isOver = searched % EntriesPerLook == 0 && searched > 0 && time.GetElapsedTime(started) >= s_timeMax;
            if (_found.Count == FoundMax || isOver) return PageAt(new EntryId(entry.Number), searched);
            searched++;
            while (_above.Count > 0 && !entry.Entry.Path.IsAtOrBelow(_above[^1].Entry.Path))
                _above.RemoveAt(_above.Count - 1);
            if (NameFolding.Fold(entry.Entry.Path.Name.Span).Contains(_wanted, StringComparison.Ordinal))
                _found.Add(await FoundAsync(entry, cancellationToken));
            if (entry.Entry.Kind == EntryKind.Directory) _above.Add(entry);
        }
        return PageAt(null, searched);
    }

    private SearchPage PageAt(EntryId? next, long searched) => new(_found, next, searched, _gaps.Count);

    private async ValueTask<FoundEntry> FoundAsync(NumberedEntry entry, CancellationToken cancellationToken)
    {
        var folder = entry.Entry.Path.Parent;
        return new FoundEntry(
            EntryLine.Of(entry.Number, entry.Entry), EntryName.ShowPath(folder),
            await FolderIdAsync(folder, cancellationToken));
    }

    /// <summary>Most often it was passed on the way; not when the search went on in the middle of it.</summary>
    private async ValueTask<EntryId?> FolderIdAsync(EntryPath folder, CancellationToken cancellationToken)
    {
        if (folder.IsEmpty) return EntryId.Top;
        if (_above.Count > 0 && _above[^1].Entry.Path == folder) return new EntryId(_above[^1].Number);
        try
        {
            var found = await reader.Catalogue.FindNumberedAsync(reader.Root, folder, cancellationToken);
            return found is { } known ? new EntryId(known.Number) : null;
        }
        catch (Vault.VaultException exception) when (!exception.IsRetryable)
        {
            return null;
        }
    }
}

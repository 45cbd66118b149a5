using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Fleet.Browse;

/// <summary>Where a page of a folder goes on.</summary>
/// <param name="IsInFiles">Whether all folders were shown.</param>
/// <param name="After">Number of the last entry that was shown; none at the start of the files.</param>
internal readonly record struct FolderCursor(bool IsInFiles, long? After)
{
    internal static bool TryParse([NotNullWhen(true)] string? text, out FolderCursor cursor)
    {
        cursor = default;
        if (string.IsNullOrEmpty(text) || text[0] is not ('d' or 'f')) return false;
        var isStart = text == "f";
        var number = 0L;
        if (!isStart && !long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return false;
        cursor = new FolderCursor(text[0] == 'f', isStart ? null : number);
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsInFiles ? 'f' : 'd')}{After}");
}

/// <summary>Makes one page of a folder. The catalogue mixes folders and files by name, and a page shows folders first:
/// the first page looks through the whole folder, and keeps no more of it than it shows; later pages of files start
/// where the last one ended.</summary>
internal sealed class FolderListing(SnapshotReader reader, EntryPath folder, int countMax)
{
    private readonly List<EntryLine> _lines = [];
    private readonly HashSet<EntryPath> _gaps = [];

    internal async Task<FolderPage> ReadAsync(
        FolderCursor? cursor, IReadOnlyList<EntryLine> above, CancellationToken cancellationToken)
    {
        var (next, count) = cursor switch
        {
            null => await ReadFirstAsync(cancellationToken),
            { IsInFiles: false } => (await ReadFoldersAsync(cursor.Value.After, cancellationToken), null),
            _ => (await ReadFilesAsync(cursor.Value.After, cancellationToken), (long?)null),
        };
        return new FolderPage(reader.Lease.Line, above, _lines, next?.ToString(), count, _gaps.Count);
    }

    private async Task<(FolderCursor? Next, long? Count)> ReadFirstAsync(CancellationToken cancellationToken)
    {
        var (files, count) = (new List<EntryLine>(), 0L);
        await foreach (var (number, entry) in ChildrenAsync(after: null, cancellationToken))
        {
            count++;
            if (entry.Kind != EntryKind.Directory)
            {
                if (files.Count <= countMax) files.Add(EntryLine.Of(number, entry));
            }
            else if (_lines.Count == countMax)
            {
                return (new FolderCursor(IsInFiles: false, _lines[^1].Id.Number), null);
            }
            else
            {
                _lines.Add(EntryLine.Of(number, entry));
            }
        }
        var shown = files.Take(countMax - _lines.Count).ToList();
        _lines.AddRange(shown);
        var isWhole = shown.Count == files.Count;
        long? after = shown.Count == 0 ? null : shown[^1].Id.Number;
        return (isWhole ? null : new FolderCursor(IsInFiles: true, after), count);
    }

    private async Task<FolderCursor?> ReadFoldersAsync(long? after, CancellationToken cancellationToken)
    {
        await foreach (var (number, entry) in ChildrenAsync(after, cancellationToken))
        {
            if (entry.Kind != EntryKind.Directory) continue;
            if (_lines.Count == countMax) return new FolderCursor(IsInFiles: false, _lines[^1].Id.Number);
            _lines.Add(EntryLine.Of(number, entry));
        }
        return await ReadFilesAsync(after: null, cancellationToken);
    }

    private async Task<FolderCursor?> ReadFilesAsync(long? after, CancellationToken cancellationToken)
    {
        var last = after;
        await foreach (var (number, entry) in ChildrenAsync(after, cancellationToken))
        {
            if (entry.Kind == EntryKind.Directory) continue;
            if (_lines.Count == countMax) return new FolderCursor(IsInFiles: true, last);
            _lines.Add(EntryLine.Of(number, entry));
            last = number;
        }
        return null;
    }

    private IAsyncEnumerable<NumberedEntry> ChildrenAsync(long? after, CancellationToken cancellationToken) =>
        reader.Catalogue.ChildrenAsync(reader.Root, folder, after, Unreadable, cancellationToken);

    private void Unreadable(EntryPath first, VaultException cause) => _gaps.Add(first);
}

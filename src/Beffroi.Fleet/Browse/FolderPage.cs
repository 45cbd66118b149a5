namespace Beffroi.Fleet.Browse;

/// <summary>A page of a folder: folders first, each in the order of their names' bytes.</summary>
/// <param name="Snapshot">The snapshot it is of.</param>
/// <param name="Above">The folders that lead to it and itself, outermost first; empty at the top.</param>
/// <param name="Next">Asks for the page after; none at the end.</param>
/// <param name="Count">How many entries the folder has, where that was found on the way.</param>
/// <param name="Gaps">Parts of the list that are damaged and could not be read: entries may be missing.</param>
public sealed record FolderPage(
    SnapshotLine Snapshot, IReadOnlyList<EntryLine> Above, IReadOnlyList<EntryLine> Entries, string? Next, long? Count,
    int Gaps)
{
    /// <summary>Entries of a page, unless fewer are asked for.</summary>
    public const int CountMax = 200;
}

/// <summary>An entry that a search found.</summary>
/// <param name="FolderPath">The folder's path, as a person reads it.</param>
/// <param name="Folder">The folder; none if its own place in the list is damaged.</param>
public sealed record FoundEntry(EntryLine Entry, string FolderPath, EntryId? Folder);

/// <summary>What a search found so far.</summary>
/// <param name="Next">Asks to search on; none when everything was looked at.</param>
/// <param name="Searched">Entries looked at by this call.</param>
/// <param name="Gaps">Parts of the list that are damaged and could not be searched.</param>
public sealed record SearchPage(IReadOnlyList<FoundEntry> Found, EntryId? Next, long Searched, int Gaps);

/// <summary>A state of a file that some snapshots in a row have.</summary>
/// <param name="Newest">The newest snapshot that has it; <paramref name="Entry"/> is of this one.</param>
/// <param name="Oldest">The oldest one of the row.</param>
/// <param name="Snapshots">How many have it.</param>
public sealed record FileVersion(EntryLine Entry, SnapshotLine Newest, SnapshotLine Oldest, int Snapshots);

/// <summary>The versions of one path, newest first.</summary>
/// <param name="NextBeforeSequence">Asks for the page after; none at the end.</param>
/// <param name="Unread">Snapshots that could not be looked into.</param>
public sealed record VersionPage(IReadOnlyList<FileVersion> Versions, long? NextBeforeSequence, int Unread);

/// <summary>An entry and where it lies.</summary>
/// <param name="Above">The folders that lead to it, outermost first; empty at the top.</param>
public sealed record EntryPlace(SnapshotLine Snapshot, IReadOnlyList<EntryLine> Above, EntryLine Entry);

/// <summary>What a selection holds.</summary>
/// <param name="IsComplete">Whether all was counted; else there is at least as much.</param>
/// <param name="Gaps">Parts of the list that are damaged and were not counted.</param>
public sealed record SelectionTotals(
    long Files, long Directories, long Others, long Bytes, bool IsComplete, int Gaps);

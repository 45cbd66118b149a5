namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Why something is not in an archive as it was.</summary>
public enum ArchiveNoteKind
{
    /// <summary>A file whose stored data is damaged: it is not in the archive.</summary>
    Damaged,

    /// <summary>A file of which a later part is damaged: a zip has its start, a tar has zeros for the rest.</summary>
    Cut,

    /// <summary>A part of the list of files is damaged: what it would name from this path on is missing.</summary>
    ListDamaged,

    /// <summary>A symbolic link, which a zip does not hold.</summary>
    Link,

    /// <summary>A pipe, socket, device or reparse point, which the archive does not hold.</summary>
    Special,

    /// <summary>A name that the archive cannot hold as it is; it is there under another one.</summary>
    Renamed,

    /// <summary>Alternate streams of Windows, which no archive holds. Counted, never listed.</summary>
    Streams,
}

/// <summary>Something that is not in an archive as it was.</summary>
/// <param name="Path">Its path in the archive, as a person reads it.</param>
/// <param name="Detail">The link's target, the new name, or the code of the damage, such as BEF-2002.</param>
/// <param name="Bytes">How many bytes of a cut file are right.</param>
public sealed record ArchiveNote(ArchiveNoteKind Kind, string Path, string? Detail = null, long? Bytes = null);

/// <summary>What went into an archive, and what did not.</summary>
/// <param name="Files">Whole files.</param>
/// <param name="Bytes">Their length.</param>
/// <param name="Notes">The first <see cref="NotesMax"/> of what is not there as it was.</param>
/// <param name="Counts">How many of each kind there are, listed or not.</param>
public sealed record ArchiveReport(
    long Files, long Bytes, IReadOnlyList<ArchiveNote> Notes, IReadOnlyDictionary<ArchiveNoteKind, long> Counts)
{
    /// <summary>Longest list: it stays in memory until the end of the archive.</summary>
    public const int NotesMax = 5_000;
}

/// <summary>The text entry at the end of an archive that has something to report; its words are the portal's.</summary>
/// <param name="FileName">Such as <c>LISEZMOI.txt</c>.</param>
/// <param name="Write">Makes the text.</param>
public sealed record ArchiveReadme(string FileName, Func<ArchiveReport, string> Write);

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Collects the report of an archive while it is written. Two tasks write: one reads ahead in the list of
/// files.</summary>
internal sealed class ArchiveTally
{
    private readonly Lock _gate = new();
    private readonly List<ArchiveNote> _notes = [];
    private readonly Dictionary<ArchiveNoteKind, long> _counts = [];
    private long _files;
    private long _bytes;

    internal bool HasNotes
    {
        get { lock (_gate) return _counts.Count > 0; }
    }

    internal void AddFile(long bytes)
    {
        lock (_gate)
        {
            _files++;
            _bytes += bytes;
        }
    }

    internal void Note(ArchiveNote note)
    {
        Count(note.Kind, 1);
        lock (_gate)
        {
            if (_notes.Count < ArchiveReport.NotesMax) _notes.Add(note);
        }
    }

    internal void Count(ArchiveNoteKind kind, int count)
    {
        lock (_gate) _counts[kind] = _counts.GetValueOrDefault(kind) + count;
    }

    internal ArchiveReport ToReport()
    {
        lock (_gate)
            return new ArchiveReport(_files, _bytes, [.. _notes], new Dictionary<ArchiveNoteKind, long>(_counts));
    }
}

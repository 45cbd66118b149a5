using Beffroi.Agent.State;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Backup;

/// <summary>A file's row that waits until the server has what it points at.</summary>
internal readonly record struct UnsavedRow(EntryPath Directory, StateRow Row, RecordMark Mark);

/// <summary>Rows in the order in which they become true. Files with chunk lists stand in a line of their own: their
/// lists arrive with the catalogue, and nobody else waits for that. Safe for many threads.</summary>
internal sealed class UnsavedRows
{
    private readonly Lock _gate = new();
    private readonly Queue<UnsavedRow> _plain = [];
    private readonly Queue<UnsavedRow> _listed = [];

    internal int Count
    {
        get { lock (_gate) return _plain.Count + _listed.Count; }
    }

    internal void Add(UnsavedRow row)
    {
        lock (_gate) (row.Mark.Lists == 0 ? _plain : _listed).Enqueue(row);
    }

    /// <summary>Takes the next row that is covered by what is durable.</summary>
    internal bool TryTake(RecordMark durable, out UnsavedRow row)
    {
        lock (_gate) return TryTake(_plain, durable, out row) || TryTake(_listed, durable, out row);
    }

    private static bool TryTake(Queue<UnsavedRow> line, RecordMark durable, out UnsavedRow row)
    {
        if (!line.TryPeek(out row) || !row.Mark.IsReachedBy(durable)) return false;
        line.Dequeue();
        return true;
    }
}

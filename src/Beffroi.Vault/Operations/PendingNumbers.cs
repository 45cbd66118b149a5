namespace Beffroi.Vault.Operations;

/// <summary>Numbers that were given out and are not durable yet; the lowest of them is what everything waits
/// for.</summary>
internal sealed class PendingNumbers
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<long, long> _done = new();
    private readonly Dictionary<RecordId, long> _held = [];
    private long _last;
    private long _durableUpTo;

    /// <summary>Every number up to this one is done.</summary>
    internal long DurableUpTo
    {
        get { lock (_lock) return _durableUpTo; }
    }

    /// <summary>Gives out the next number, starting at 1.</summary>
    internal long Next()
    {
        lock (_lock) return ++_last;
    }

    /// <summary>Remembers which number a record has until its pack is acknowledged.</summary>
    internal void Hold(long number, RecordId id)
    {
        lock (_lock) _held.Add(id, number);
    }

    internal void DoneById(RecordId id)
    {
        long number;
        lock (_lock)
        {
            if (!_held.Remove(id, out number))
                throw new InvalidOperationException($"Record {id} was acknowledged and never sent.");
        }
        Done(number);
    }

    /// <summary>Marks one number; the mark moves on over all that are done without a gap.</summary>
    internal void Done(long number)
    {
        lock (_lock)
        {
            _done.Enqueue(number, number);
            while (_done.TryPeek(out var lowest, out _) && lowest == _durableUpTo + 1)
            {
                _done.Dequeue();
                _durableUpTo = lowest;
            }
        }
    }
}

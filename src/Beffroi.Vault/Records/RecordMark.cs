namespace Beffroi.Vault.Records;

/// <summary>A place in the order of a run's records: of those that travel in packs of data, and of chunk lists, which
/// travel with the catalogue and arrive long after the chunks before them.</summary>
/// <remarks>Two orders, or a single list waiting for its pack would hold back the news of all that is durable. Segments
/// have no place: nothing but the commit points at them.</remarks>
/// <param name="Data">Number among the records of data, from 1; 0 for none.</param>
/// <param name="Lists">Number among the chunk lists, from 1; 0 for none.</param>
public readonly record struct RecordMark(long Data, long Lists)
{
    /// <summary>Behind every record.</summary>
    public static readonly RecordMark Last = new(long.MaxValue, long.MaxValue);

    /// <summary>Whether all up to this place is durable, when all up to <paramref name="durable"/> is.</summary>
    public bool IsReachedBy(RecordMark durable) => Data <= durable.Data && Lists <= durable.Lists;

    /// <summary>The place that is reached when both are.</summary>
    public RecordMark And(RecordMark other) => new(Math.Max(Data, other.Data), Math.Max(Lists, other.Lists));
}

namespace Beffroi.Vault.Operations;

/// <summary>How a record was found.</summary>
public enum FetchOutcome
{
    /// <summary>Its bytes are here; nobody has checked them yet.</summary>
    Found,
    /// <summary>The vault does not have it.</summary>
    Missing,
    /// <summary>The store knows that it is damaged.</summary>
    Damaged,
}

/// <summary>A record as it came from a store or a server: not trusted.</summary>
/// <param name="Id">What was asked for.</param>
/// <param name="Outcome">Whether there are bytes.</param>
/// <param name="Buffer">An array of the pool that starts with the record; the receiver returns it. Null without
/// bytes.</param>
/// <param name="Bytes">Length of the record.</param>
public readonly record struct FetchedRecord(RecordId Id, FetchOutcome Outcome, byte[]? Buffer, int Bytes);

/// <summary>Where records are read from: a server, or a folder of packs.</summary>
public interface IRecordSource
{
    /// <summary>Gets records, each asked id exactly once, in an order of the source's choice.</summary>
    /// <param name="ids">Different ids, at most 4,096.</param>
    /// <param name="cancellationToken">Stops between records.</param>
    IAsyncEnumerable<FetchedRecord> FetchAsync(IReadOnlyList<RecordId> ids, CancellationToken cancellationToken);
}

using System.Runtime.CompilerServices;
using Beffroi.Intake.Records;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Fleet.Browse;

/// <summary>The right to read one snapshot for the length of one request, and no longer than the consent.</summary>
internal sealed class SnapshotLease(
    OpenSnapshot snapshot, RecordRef root, DateTimeOffset until, StoredRecords records, TimeProvider time)
{
    internal SnapshotLine Line => snapshot.Line;
    internal RecordRef Root => root;

    /// <summary>The snapshot's records, as long as the right lasts: a download of hours does not outlive it.</summary>
    internal IRecordSource OpenRecords(BufferPool pool) => new Guarded(records.Of(snapshot.Device, pool), Demand);

    private void Demand()
    {
        if (!snapshot.IsShut && time.GetUtcNow() < until) return;

        throw new VaultException(
            ErrorCode.ApprovalRequired, retryable: false,
            "The member's consent to read this backup has ended, or the session was closed, and the reading with it. "
                + "Sign in again, or ask the member's référent for another consent.");
    }

    private sealed class Guarded(IRecordSource inner, Action demand) : IRecordSource
    {
        public async IAsyncEnumerable<FetchedRecord> FetchAsync(
            IReadOnlyList<RecordId> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            demand();
            await foreach (var record in inner.FetchAsync(ids, cancellationToken)) yield return record;
        }
    }
}

/// <summary>Readers over one snapshot, for one request.</summary>
internal sealed class SnapshotReader : IDisposable
{
    // Segments of a path and of one folder; more would only hold memory between the parts of an answer.
    private const int KeptMax = 8;

    private readonly RecordReader _records;

    internal SnapshotReader(SnapshotLease lease)
    {
        Pool = new BufferPool();
        Source = lease.OpenRecords(Pool);
        _records = new RecordReader(Source, Pool, KeptMax);
        Catalogue = new CatalogueReader(_records);
        Lease = lease;
    }

    internal SnapshotLease Lease { get; }
    internal RecordRef Root => Lease.Root;
    internal BufferPool Pool { get; }
    internal IRecordSource Source { get; }
    internal CatalogueReader Catalogue { get; }

    /// <summary>The entry, or null; the top is no entry.</summary>
    internal ValueTask<Entry?> FindAsync(EntryId id, CancellationToken cancellationToken) =>
        Catalogue.FindAsync(Root, id.Number, cancellationToken);

    public void Dispose()
    {
        _records.Wipe();
        _records.Dispose();
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Operations;

namespace Beffroi.Intake.Records;

/// <summary>Records as the server itself reads them: what a device could fetch, and nothing else.</summary>
public sealed class StoredRecords
{
    private readonly IRecordIndex _index;
    private readonly PackRanges _packs;

    internal StoredRecords(IRecordIndex index, PackRanges packs) => (_index, _packs) = (index, packs);

    /// <summary>The records under the device's secrets.</summary>
    /// <param name="pool">Where the buffers of fetched records come from.</param>
    public IRecordSource Of(KnownDevice device, BufferPool pool) => new Source(_index, _packs, device, pool);

    private sealed class Source(IRecordIndex index, PackRanges packs, KnownDevice device, BufferPool pool)
        : IRecordSource
    {
        public async IAsyncEnumerable<FetchedRecord> FetchAsync(
            IReadOnlyList<RecordId> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var locations = await index.FindAsync(device, [.. ids], cancellationToken);
            var found = locations.Select(location => location.Id).ToHashSet();
            foreach (var id in ids.Where(id => !found.Contains(id)))
                yield return new FetchedRecord(id, FetchOutcome.Missing, null, 0);
            foreach (var location in locations.Where(location => location.IsDamaged))
                yield return new FetchedRecord(location.Id, FetchOutcome.Damaged, null, 0);
            foreach (var range in ReadPlan.Of(locations.Where(location => !location.IsDamaged)))
            {
                var read = await packs.ReadAsync(device.Vault, range, cancellationToken);
                try
                {
                    await packs.QuarantineIfShortAsync(device.Vault, read, cancellationToken);
                    foreach (var record in range.Records) yield return Copy(record.Id, read.BytesOf(record));
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(read.Buffer);
                }
            }
        }

        private FetchedRecord Copy(RecordId id, ReadOnlyMemory<byte> bytes)
        {
            if (bytes.IsEmpty) return new FetchedRecord(id, FetchOutcome.Damaged, null, 0);
            var buffer = pool.Rent(bytes.Length);
            bytes.CopyTo(buffer);
            return new FetchedRecord(id, FetchOutcome.Found, buffer, bytes.Length);
        }
    }
}

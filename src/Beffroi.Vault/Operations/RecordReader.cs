using System.Security.Cryptography;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>Fetches single catalogue records and opens them, keeping the last ones. For one caller at a time.</summary>
/// <param name="source">Where records come from.</param>
/// <param name="pool">Where buffers come from.</param>
/// <param name="keptMax">How many records are kept. A listing and the restore after it read the same segments: some
/// 0.7 MB each, so that 48 are 20,000 directories or so.</param>
public sealed class RecordReader(IRecordSource source, BufferPool pool, int keptMax = 48) : IDisposable
{
    // A record may have 4 MiB; a catalogue of such, made to harm, gets no more memory than a usual one.
    private const int KeptBytesMax = 36 << 20;

    private readonly RecordOpener _opener = new(pool);
    private readonly Dictionary<RecordId, Kept> _kept = [];
    private readonly Queue<RecordId> _order = [];
    private long _keptBytes;

    /// <summary>The plain bytes of a record and its references.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.RecordMissing"/>, <see cref="ErrorCode.RecordDamaged"/>,
    /// and what <see cref="RecordOpener"/> refuses.</exception>
    public async ValueTask<(RecordHeader Header, ReadOnlyMemory<byte> Plain)> ReadAsync(
        RecordRef record, RecordType type, CancellationToken cancellationToken)
    {
        if (!_kept.TryGetValue(record.Id, out var read))
        {
            var (header, plain) = await FetchAsync(record, cancellationToken).ConfigureAwait(false);
            read = new Kept(record.Key, header, plain);
            Keep(record.Id, read);
        }
        if (read.Key != record.Key) throw RecordOpener.Undecryptable(record.Id);
        if (read.Header.Type != type)
            throw new VaultException(ErrorCode.CatalogueMalformed, retryable: false,
                $"Record {record.Id} is of type {read.Header.Type} where the catalogue announces {type}. It was "
                + "written by a faulty program; what needs it is not restored.");
        return (read.Header, read.Plain);
    }

    private void Keep(RecordId id, Kept read)
    {
        _order.Enqueue(id);
        _kept.Add(id, read);
        _keptBytes += read.Bytes;
        while (_order.Count > keptMax || _keptBytes > KeptBytesMax)
        {
            _kept.Remove(_order.Dequeue(), out var oldest);
            _keptBytes -= oldest.Bytes;
        }
    }

    private readonly record struct Kept(Digest256 Key, RecordHeader Header, byte[] Plain)
    {
        internal int Bytes => Header.HeaderBytes + Plain.Length;
    }

    /// <summary>Wipes what is kept: it holds the keys of everything below. Link targets and other bytes of entries that
    /// were read from it are gone with it.</summary>
    public void Wipe()
    {
        foreach (var kept in _kept.Values) CryptographicOperations.ZeroMemory(kept.Plain);
        _kept.Clear();
        _order.Clear();
        _keptBytes = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _opener.Dispose();

    private async ValueTask<(RecordHeader Header, byte[] Plain)> FetchAsync(
        RecordRef record, CancellationToken cancellationToken)
    {
        await foreach (var fetched in source.FetchAsync([record.Id], cancellationToken).ConfigureAwait(false))
        {
            if (fetched.Outcome == FetchOutcome.Damaged) throw RecordOpener.Damaged(record.Id);
            if (fetched.Buffer is null) break;
            var opened = _opener.Open(fetched.Buffer, fetched.Bytes, record);
            var plain = opened.Plain.ToArray();
            pool.Return(opened.Buffer);
            return (opened.Header, plain);
        }
        throw Missing(record.Id);
    }

    /// <summary>The failure of a record that is not in the vault.</summary>
    public static VaultException Missing(RecordId id) => new(ErrorCode.RecordMissing, retryable: false,
        $"Record {id} is not in the vault. A pack was lost. The files that need it cannot be restored from this "
        + "snapshot; try an earlier one, and ask the operator to run 'beffroi-server admin check'.");
}

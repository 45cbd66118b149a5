using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>Takes pieces of a content as they are opened: in any order, and each once.</summary>
public interface IPieceReceiver
{
    /// <summary>A piece, verified.</summary>
    /// <param name="stream">Name of the alternate stream it belongs to; null for the content itself.</param>
    /// <param name="contentOffset">Its place in the content.</param>
    /// <param name="bytes">Only valid during the call.</param>
    void Write(string? stream, long contentOffset, ReadOnlySpan<byte> bytes);

    /// <summary>A piece that will never come.</summary>
    void Fail(VaultException cause);
}

/// <summary>The next pieces to fetch, in one request: each record once, however many files need it. For one caller at a
/// time.</summary>
public sealed class FetchWindow
{
    // 16 MiB keeps a connection busy for a round trip at 1 Gbit/s and 100 ms; records are handled as they arrive.
    private const long BytesMax = 16 << 20;
    private const int RecordsMax = 2048;
    // Files of a few bytes share records: their number is what fills the memory. A restore of 200,000 files in bundles
    // took 395 MB without this limit.
    private const int UsesMax = 4096;

    private readonly Dictionary<RecordId, (Digest256 Key, List<Use> Uses)> _records = [];
    private long _bytes;
    private int _uses;

    /// <summary>Whether it asks for nothing.</summary>
    public bool IsEmpty => _records.Count == 0;

    /// <summary>Whether it should be fetched before more is added.</summary>
    public bool IsFull => _bytes >= BytesMax || _uses >= UsesMax || _records.Count >= RecordsMax;

    /// <summary>Adds a piece of a content.</summary>
    /// <param name="receiver">Who gets it.</param>
    /// <param name="stream">Its stream, or null for its content.</param>
    /// <param name="contentOffset">Where the piece belongs.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="isSlice">Whether it may be a part of a record, and of a bundle; else it is a whole chunk.</param>
    public void Add(IPieceReceiver receiver, string? stream, long contentOffset, Piece piece, bool isSlice)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (piece.Bytes > RecordLimits.PlainBytesMax)
        {
            receiver.Fail(OtherThanAnnounced(piece.Record.Id));
            return;
        }
        if (!_records.TryGetValue(piece.Record.Id, out var record))
        {
            record = (piece.Record.Key, []);
            _records.Add(piece.Record.Id, record);
        }
        _bytes += piece.Bytes;
        _uses++;
        record.Uses.Add(new Use(receiver, stream, contentOffset, piece.Offset, (int)piece.Bytes, isSlice));
    }

    /// <summary>Fetches, verifies, opens and hands over all of it. Faults of records end up with those who need
    /// them.</summary>
    /// <exception cref="VaultException">The source as a whole failed.</exception>
    public async Task ExecuteAsync(IRecordSource source, BufferPool pool, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(pool);
        using var opener = new RecordOpener(pool);
        // Enough records at once for the hash to work on many; few enough to stay small.
        const int batchRecords = 32;
        const int batchBytes = 4 << 20;
        var batch = new List<(RecordId Id, byte[] Buffer, int Bytes)>(batchRecords);
        var bytes = 0;
        await foreach (var fetched in source.FetchAsync([.. _records.Keys], cancellationToken)
            .ConfigureAwait(false))
        {
            if (fetched.Buffer is null)
            {
                Fail(fetched.Id, fetched.Outcome == FetchOutcome.Damaged
                    ? RecordOpener.Damaged(fetched.Id)
                    : RecordReader.Missing(fetched.Id));
                continue;
            }
            batch.Add((fetched.Id, fetched.Buffer, fetched.Bytes));
            bytes += fetched.Bytes;
            if (batch.Count < batchRecords && bytes < batchBytes) continue;
            OpenAll(batch, opener, pool);
            bytes = 0;
        }
        OpenAll(batch, opener, pool);
        foreach (var id in _records.Keys.ToList()) Fail(id, RecordReader.Missing(id)); // What no answer mentioned.
    }

    private void OpenAll(List<(RecordId Id, byte[] Buffer, int Bytes)> batch, RecordOpener opener, BufferPool pool)
    {
        var verified = new VerifiedRecord?[batch.Count];
        RecordOpener.Verify(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch), verified);
        for (var i = 0; i < verified.Length; i++)
        {
            if (verified[i] is { } record) Open(record, opener, pool);
            else
            {
                pool.Return(batch[i].Buffer);
                Fail(batch[i].Id, RecordOpener.Damaged(batch[i].Id));
            }
        }
        batch.Clear();
    }

    private void Open(VerifiedRecord record, RecordOpener opener, BufferPool pool)
    {
        OpenedRecord opened;
        try
        {
            opened = opener.Open(record, _records[record.Id].Key);
        }
        catch (VaultException exception)
        {
            Fail(record.Id, exception);
            return;
        }
        _records.Remove(record.Id, out var needed);
        foreach (var use in needed.Uses)
        {
            if (use.IsOf(opened.Header))
                use.Receiver.Write(
                    use.Stream, use.ContentOffset, opened.Plain.Span.Slice((int)use.RecordOffset, use.Bytes));
            else
                use.Receiver.Fail(OtherThanAnnounced(record.Id));
        }
        pool.Return(opened.Buffer);
    }

    private void Fail(RecordId id, VaultException cause)
    {
        _records.Remove(id, out var needed);
        foreach (var use in needed.Uses) use.Receiver.Fail(cause);
    }

    private static VaultException OtherThanAnnounced(RecordId id) => new(
        ErrorCode.CatalogueMalformed, retryable: false,
        $"Record {id} has another type or fewer or more bytes than the catalogue announces. The catalogue was written "
        + "by a faulty program; the file is not restored.");

    private readonly record struct Use(
        IPieceReceiver Receiver, string? Stream, long ContentOffset, uint RecordOffset, int Bytes, bool IsSlice)
    {
        /// <summary>docs/format/catalogue.md §5: a slice is a range of a chunk or a bundle, all else a whole
        /// chunk.</summary>
        internal bool IsOf(RecordHeader record) => IsSlice
            ? !record.Type.IsCatalogue() && (long)RecordOffset + Bytes <= record.PlainBytes
            : record.Type == RecordType.Chunk && Bytes == record.PlainBytes;
    }
}

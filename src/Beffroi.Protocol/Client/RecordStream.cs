using System.Buffers.Binary;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Records;

namespace Beffroi.Protocol.Client;

/// <summary>Reads one answer of records: <c>id (32) ‖ u32 length ‖ record</c>, repeated. Nothing of it is
/// trusted.</summary>
/// <remarks>Small records come out of one large read; of a big one, what is not there yet is read straight into its
/// place.</remarks>
internal sealed class RecordStream(
    ServerConnection connection, ServerAnswer answer, BufferPool pool, HashSet<RecordId> outstanding)
    : IDisposable
{
    private const int HeadBytes = Digest256.Bytes + sizeof(uint);

    // Four socket buffers of Linux's usual size; a chunk of the usual 1 MiB then needs few more reads than it has
    // parts.
    private const int BufferBytes = 256 << 10;

    private readonly byte[] _buffer = pool.Rent(BufferBytes);
    private int _start, _end;

    /// <summary>The next record; it is no longer outstanding then.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.AnswerMalformed"/>, or <see
    /// cref="ErrorCode.ServerUnreachable"/> when the answer breaks off.</exception>
    internal async ValueTask<FetchedRecord> ReadAsync()
    {
        while (_end - _start < HeadBytes) await FillAsync().ConfigureAwait(false);
        var (id, length) = TakeHead();
        var fetched = length switch
        {
            0 => new FetchedRecord(id, FetchOutcome.Missing, null, 0),
            ProtocolConstants.DamagedRecordLength => new FetchedRecord(id, FetchOutcome.Damaged, null, 0),
            _ => await ReadRecordAsync(id, (int)length).ConfigureAwait(false),
        };
        outstanding.Remove(id);
        return fetched;
    }

    /// <summary>Reads up to the end, so that the connection can be used again.</summary>
    internal async ValueTask EndAsync()
    {
        if (_start < _end || await answer.ReadAsync(_buffer).ConfigureAwait(false) > 0)
            throw connection.Malformed("it goes on after the last record that was asked for");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        answer.Dispose();
        pool.Return(_buffer);
    }

    private (RecordId Id, uint Length) TakeHead()
    {
        var head = _buffer.AsSpan(_start, HeadBytes);
        var id = new RecordId(new Digest256(head[..Digest256.Bytes]));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[Digest256.Bytes..]);
        if (!outstanding.Contains(id))
            throw connection.Malformed($"it sends record {id}, which was not asked for or came before");
        // Checked before anything is rented: a wrong length must not cost memory.
        var isRecord = length is >= RecordLimits.RecordBytesMin and <= RecordLimits.RecordBytesMax;
        if (!isRecord && length is not (0 or ProtocolConstants.DamagedRecordLength))
            throw connection.Malformed($"record {id} would have {length} bytes, and no record has");
        _start += HeadBytes;
        return (id, length);
    }

    private async ValueTask<FetchedRecord> ReadRecordAsync(RecordId id, int length)
    {
        var record = pool.Rent(Math.Max(0, length - BufferPool.FramingBytes));
        try
        {
            var here = Math.Min(length, _end - _start);
            _buffer.AsSpan(_start, here).CopyTo(record);
            _start += here;
            while (here < length)
            {
                var read = await answer.ReadAsync(record.AsMemory(here, length - here)).ConfigureAwait(false);
                if (read == 0) throw BrokenOff();
                here += read;
            }
            return new FetchedRecord(id, FetchOutcome.Found, record, length);
        }
        catch
        {
            pool.Return(record);
            throw;
        }
    }

    private async ValueTask FillAsync()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var read = await answer.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
        if (read == 0) throw BrokenOff();
        _end += read;
    }

    // Without a length, the end of an HTTP/1.0 answer and a cut look the same: asking for the rest settles it.
    private VaultException BrokenOff() => new(ErrorCode.ServerUnreachable, retryable: true,
        $"An answer of {connection.Server} broke off with {outstanding.Count} records still to come.");
}

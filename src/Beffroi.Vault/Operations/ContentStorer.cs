using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Chunking;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>The bytes of a file, in order; holes left out.</summary>
public interface IContentSource
{
    /// <summary>Reads the next bytes. 0 means the end.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.FileUnreadable"/>.</exception>
    int Read(Span<byte> destination);
}

/// <summary>Reads contents, cuts them into chunks and hands these to be sealed. Any number of readers at
/// once.</summary>
/// <param name="sealing">Seals chunks.</param>
/// <param name="catalogue">Takes the chunk lists of big files.</param>
/// <param name="pool">Where buffers come from, and where readers wait for room.</param>
/// <param name="machine">Secret of small contents.</param>
/// <param name="group">Secret of the others, from which the cuts follow too.</param>
public sealed class ContentStorer(
    SealingPool sealing, ICatalogueSink catalogue, BufferPool pool, ConvergenceSecret machine, ConvergenceSecret group)
{
    // One step of reading. Smaller costs calls, larger costs copying of what was read beyond a cut; 256 KiB measured
    // best.
    private const int ReadBytes = 256 << 10;

    // Chunks of one file that may be under way before the reader waits for the first: bounds bookkeeping, not data.
    private const int UnderWayMax = 256;

    private const int HeaderBytes = RecordLimits.FixedHeaderBytes;

    private readonly GearTable _gear = group.CreateGearTable();

    /// <summary>Stores a content of any length. Returns when all was read; the task ends when all was sealed and
    /// queued.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="expectedBytes">What the file's length was; only the size of the first buffer depends on it.</param>
    /// <param name="chunkClass">How to cut.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public async ValueTask<Task<StoredContent>> StoreAsync(
        IContentSource source, long expectedBytes, ChunkClass chunkClass, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var cutter = new Cutter(pool, source, new GearChunker(_gear, ChunkSizes.Of(chunkClass)), expectedBytes);
        await pool.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        var first = cutter.Next();
        if (first.Bytes == 0)
        {
            pool.Return(first.Buffer);
            return Task.FromResult(new StoredContent(Content.Empty, default, 0));
        }
        var secret = first.IsLast && first.Bytes < RecordLimits.SharedSecretBytesMin ? machine : group;
        var record = await SealAsync(RecordType.Chunk, secret, first, cancellationToken).ConfigureAwait(false);
        return first.IsLast
            ? OfOneAsync(record, first.Bytes)
            : await StoreRestAsync(cutter, chunkClass, record, first.Bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores small contents that lie one after the other in a buffer, as one record. Takes over the
    /// buffer.</summary>
    /// <param name="buffer">An array of the pool; the contents start at
    /// <see cref="RecordLimits.FixedHeaderBytes"/>.</param>
    /// <param name="bytes">Their length together, 1 to <see cref="RecordLimits.PlainBytesMax"/>.</param>
    /// <param name="cancellationToken">Stops waiting for a place in the queue.</param>
    public ValueTask<Task<StoredRecord>> StoreBundleAsync(
        byte[] buffer, int bytes, CancellationToken cancellationToken) =>
            sealing.AddAsync(new PlainContent(RecordType.Bundle, machine, buffer, bytes), cancellationToken);

    private ValueTask<Task<StoredRecord>> SealAsync(
        RecordType type, ConvergenceSecret secret, CutChunk chunk, CancellationToken cancellationToken) =>
        sealing.AddAsync(new PlainContent(type, secret, chunk.Buffer, chunk.Bytes), cancellationToken);

    private static async Task<StoredContent> OfOneAsync(Task<StoredRecord> record, int bytes)
    {
        var stored = await record.ConfigureAwait(false);
        var content = new Content(ContentKind.Slice, ChunkClass.Standard, [new Piece(stored.Ref, 0, bytes)]);
        return new StoredContent(content, stored.Mark, bytes);
    }

    private async ValueTask<Task<StoredContent>> StoreRestAsync(
        Cutter cutter, ChunkClass chunkClass, Task<StoredRecord> first, int firstBytes,
        CancellationToken cancellationToken)
    {
        var assembly = new Assembly(new ChunkListWriter(catalogue, chunkClass));
        assembly.Add(first, firstBytes);
        for (var isLast = false; !isLast;)
        {
            await pool.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            var chunk = cutter.Next();
            isLast = chunk.IsLast;
            if (chunk.Bytes == 0) // The length was a multiple of what was read: the end shows only now.
            {
                pool.Return(chunk.Buffer);
                break;
            }
            var record = await SealAsync(RecordType.Chunk, group, chunk, cancellationToken).ConfigureAwait(false);
            assembly.Add(record, chunk.Bytes);
            await assembly.DrainAsync(UnderWayMax, cancellationToken).ConfigureAwait(false);
        }
        return assembly.FinishAsync(cancellationToken);
    }

    private readonly record struct CutChunk(byte[] Buffer, int Bytes, bool IsLast);

    /// <summary>Reads ahead just far enough to find each cut. A chunk that fills its buffer leaves with it; a small one
    /// is copied out.</summary>
    private sealed class Cutter(
        BufferPool pool, IContentSource source, GearChunker chunker, long expectedBytes) : IDisposable
    {
        private byte[]? _owned = pool.Rent((int)Math.Clamp(expectedBytes + 1, 1, 2 * ReadBytes));
        private int _start;
        private int _end;
        private bool _isAtEnd;

        private byte[] Buffer => _owned ?? throw new InvalidOperationException("The last chunk was taken.");

        private int Capacity => Buffer.Length - BufferPool.FramingBytes;

        internal CutChunk Next()
        {
            while (true)
            {
                var bytes = chunker.FindEnd(Buffer.AsSpan(HeaderBytes + _start, _end - _start), _isAtEnd);
                if (bytes > 0 || _isAtEnd) return Take(bytes);
                if (_end == Capacity) MakeRoom();
                var read = source.Read(Buffer.AsSpan(HeaderBytes + _end, Math.Min(Capacity - _end, ReadBytes)));
                _end += read;
                _isAtEnd = read == 0;
            }
        }

        /// <summary>Moves what is not cut yet to the start, or into a larger buffer when it starts there
        /// already.</summary>
        private void MakeRoom()
        {
            var bytes = _end - _start;
            var target = _start > 0 ? Buffer : pool.Rent(Math.Min(bytes * 2, RecordLimits.PlainBytesMax));
            Buffer.AsSpan(HeaderBytes + _start, bytes).CopyTo(target.AsSpan(HeaderBytes));
            if (target != Buffer) pool.Return(Buffer);
            (_owned, _start, _end) = (target, 0, bytes);
        }

        private CutChunk Take(int bytes)
        {
            var isLast = _isAtEnd && bytes == _end - _start;
            var handsOver = _start == 0 && (isLast || bytes >= Capacity / 2);
            var chunk = handsOver ? Buffer : CopyOut(bytes);
            _start += bytes;
            if (handsOver) _owned = isLast ? null : TakeRest(chunk);
            return new CutChunk(chunk, bytes, isLast);
        }

        private byte[] TakeRest(byte[] full)
        {
            var rest = pool.Rent(Math.Max(2 * ReadBytes, _end - _start));
            full.AsSpan(HeaderBytes + _start, _end - _start).CopyTo(rest.AsSpan(HeaderBytes));
            (_start, _end) = (0, _end - _start);
            return rest;
        }

        private byte[] CopyOut(int bytes)
        {
            var chunk = pool.Rent(bytes);
            Buffer.AsSpan(HeaderBytes + _start, bytes).CopyTo(chunk.AsSpan(HeaderBytes));
            return chunk;
        }

        /// <summary>Gives back the buffer, if a failure or the last chunk left one.</summary>
        public void Dispose()
        {
            if (_owned is not null) pool.Return(_owned);
            _owned = null;
        }
    }

    /// <summary>Joins the chunks of one file in order, however their sealing ends.</summary>
    private sealed class Assembly(ChunkListWriter list)
    {
        private readonly Queue<(Task<StoredRecord> Record, int Bytes)> _underWay = [];
        private RecordMark _mark;
        private long _bytes;

        internal void Add(Task<StoredRecord> record, int bytes) => _underWay.Enqueue((record, bytes));

        internal async ValueTask DrainAsync(int left, CancellationToken cancellationToken)
        {
            while (_underWay.TryPeek(out var next) && (_underWay.Count > left || next.Record.IsCompletedSuccessfully))
            {
                var stored = await next.Record.ConfigureAwait(false);
                _underWay.Dequeue();
                await list.AddAsync(stored.Ref, next.Bytes, cancellationToken).ConfigureAwait(false);
                _mark = _mark.And(stored.Mark);
                _bytes += next.Bytes;
            }
        }

        internal async Task<StoredContent> FinishAsync(CancellationToken cancellationToken)
        {
            await DrainAsync(0, cancellationToken).ConfigureAwait(false);
            var content = await list.FinishAsync(cancellationToken).ConfigureAwait(false);
            return new StoredContent(content, _mark.And(list.Mark), _bytes);
        }
    }
}

using System.Threading.Channels;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>What an upload has done so far. Numbers only grow.</summary>
/// <param name="NewRecords">Records that were not stored before.</param>
/// <param name="NewBytes">Their length.</param>
/// <param name="KnownRecords">Records that were stored already, in this run or before.</param>
/// <param name="SentBytes">Bytes of the packs that were acknowledged.</param>
/// <param name="DenseBytes">Of <paramref name="NewBytes"/>, those of data that would not compress.</param>
public readonly record struct UploadCounters(
    long NewRecords, long NewBytes, long KnownRecords, long SentBytes, long DenseBytes);

/// <summary>Brings records into the vault: leaves out what is stored, packs the rest, sends the packs.</summary>
/// <remarks>
/// <para>One task does it all, in the order of the records' numbers, while packs travel beside it:</para>
/// <code>
/// AddAsync → queue → ask "have?" in batches → data pack      → send, two at a time
///                                           → catalogue pack → wait for all packs before it → send
/// </code>
/// <para>The server takes a catalogue pack only when all that it refers to is stored, so a catalogue pack closes the
/// data pack in the making and waits for those under way.</para>
/// <para>A record is durable when the server said that it has it, or acknowledged its pack.
/// <see cref="DurableUpTo"/> is the place before which all are.</para>
/// </remarks>
public sealed class RecordUploader : IAsyncDisposable
{
    /// <summary>Packs are finished when their records' arrays reach this: well below the format's limit, because up to
    /// three packs are in memory at once.</summary>
    public const int DataPackBytesTarget = 12 << 20;

    private const int CataloguePackBytesTarget = 6 << 20;
    private const int BatchRecordsMax = 2048;
    private const int BatchBytesMax = 4 << 20;
    private const int QueueRecordsMax = 4096; // Bytes are bounded by the buffer pool; this bounds tiny records.
    private const int RecentIdsMax = 1 << 16;

    private readonly IVaultRemote _remote;
    private readonly BufferPool _pool;
    private readonly PackBuilder _data;
    private readonly PackBuilder _catalogue;
    private readonly Channel<Queued> _queue = Channel.CreateBounded<Queued>(
        new BoundedChannelOptions(QueueRecordsMax) { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _sending = new(2);
    private readonly SemaphoreSlim _numbering = new(1);
    private readonly List<Task> _underWay = [];
    private readonly PendingNumbers _pendingData = new();
    private readonly PendingNumbers _pendingLists = new();
    private readonly HashSet<RecordId> _unacknowledged = [];
    private readonly Dictionary<PackBuilder, long> _lentBytes;
    private readonly RecentIds _recent = new(RecentIdsMax);
    private readonly CatalogueProof _proof;
    private readonly Task _loop;
    private long _newRecords, _newBytes, _knownRecords, _sentBytes, _denseBytes;

    /// <summary>Starts the uploader.</summary>
    public RecordUploader(VaultId vault, IVaultRemote remote, BufferPool pool)
    {
        _remote = remote;
        _pool = pool;
        _data = new PackBuilder(vault, PackKind.Data);
        _catalogue = new PackBuilder(vault, PackKind.Catalogue);
        _lentBytes = new() { [_data] = 0, [_catalogue] = 0 };
        _proof = new CatalogueProof(pool);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Every record up to this place is durable.</summary>
    public RecordMark DurableUpTo => new(_pendingData.DurableUpTo, _pendingLists.DurableUpTo);

    /// <summary>What was done so far.</summary>
    public UploadCounters Counters => new(
        Interlocked.Read(ref _newRecords), Interlocked.Read(ref _newBytes),
        Interlocked.Read(ref _knownRecords), Interlocked.Read(ref _sentBytes), Interlocked.Read(ref _denseBytes));

    /// <summary>Queues a record and takes over its buffer. Any thread.</summary>
    /// <returns>The record's place in the order.</returns>
    /// <exception cref="VaultException">The upload failed before; the same failure each time.</exception>
    public async ValueTask<RecordMark> AddAsync(SealedRecord record, CancellationToken cancellationToken)
    {
        // Numbers must enter the queue in order, or "all below this one" would be a lie.
        await _numbering.WaitAsync(cancellationToken).ConfigureAwait(false);
        var isQueued = false;
        try
        {
            var number = PendingOf(record.Type)?.Next() ?? 0;
            await _queue.Writer.WriteAsync(new Queued(record, number), cancellationToken).ConfigureAwait(false);
            isQueued = true;
            return record.Type == RecordType.ChunkList ? new RecordMark(0, number) : new RecordMark(number, 0);
        }
        catch (ChannelClosedException)
        {
            await _loop.ConfigureAwait(false); // Throws what stopped the loop.
            throw;
        }
        finally
        {
            _numbering.Release();
            if (!isQueued) _pool.Return(record.Buffer); // Or those who wait for buffers would wait for ever.
        }
    }

    /// <summary>Sends all that is left and waits until everything is durable. No record may be added then.</summary>
    public async Task CompleteAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    /// <summary>Stops without sending what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _proof.Dispose();
        _stop.Dispose();
        _sending.Dispose();
        _numbering.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            var batch = new List<Queued>();
            while (await _queue.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                TakeBatch(batch);
                await SortOutAsync(batch).ConfigureAwait(false);
                batch.Clear();
            }
            await FinishAsync().ConfigureAwait(false);
        }
        finally
        {
            // After a failure, producers must wait neither for a reader nor for buffers that are gone: they go on, and
            // meet the failure at their next record.
            _queue.Writer.TryComplete();
            await Task.WhenAll(_underWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_queue.Reader.TryRead(out var left)) _pool.Return(left.Record.Buffer);
            foreach (var record in _data.Abandon().Concat(_catalogue.Abandon())) _pool.Return(record.Buffer);
        }
    }

    private void TakeBatch(List<Queued> batch)
    {
        var bytes = 0;
        while (batch.Count < BatchRecordsMax && bytes < BatchBytesMax && _queue.Reader.TryRead(out var queued))
        {
            batch.Add(queued);
            bytes += queued.Record.Bytes;
        }
    }

    /// <summary>Asks the server about the records that nobody has asked about, and packs those it lacks.</summary>
    private async Task SortOutAsync(List<Queued> batch)
    {
        var unknown = batch.Select(queued => queued.Record.Ref.Id).Where(id => !IsKnownHere(id)).Distinct().ToList();
        var stored = unknown.Count == 0 ? [] : await _remote.HaveAsync(unknown, _stop.Token).ConfigureAwait(false);
        var missing = new HashSet<RecordId>();
        for (var i = 0; i < unknown.Count; i++)
        {
            if (stored[i]) Remember(unknown[i]);
            else missing.Add(unknown[i]);
        }
        foreach (var queued in batch)
        {
            if (missing.Remove(queued.Record.Ref.Id)) await PackAsync(queued).ConfigureAwait(false);
            else LeaveOut(queued);
        }
        await Task.WhenAll(_underWay.Where(task => task.IsCompleted)).ConfigureAwait(false); // Throws what failed.
        _underWay.RemoveAll(task => task.IsCompleted);
    }

    private bool IsKnownHere(RecordId id)
    {
        lock (_unacknowledged) return _unacknowledged.Contains(id) || _recent.Contains(id);
    }

    private void Remember(RecordId id)
    {
        lock (_unacknowledged) _recent.Add(id);
    }

    private void LeaveOut(Queued queued)
    {
        _pool.Return(queued.Record.Buffer);
        Interlocked.Increment(ref _knownRecords);
        // If its twin is still under way, the twin's lower number holds the durable mark back.
        PendingOf(queued.Record.Type)?.Done(queued.Number);
    }

    private async Task PackAsync(Queued queued)
    {
        var record = queued.Record;
        var builder = record.Type.IsCatalogue() ? _catalogue : _data;
        var target = record.Type.IsCatalogue() ? CataloguePackBytesTarget : DataPackBytesTarget;
        if (record.Type.IsCatalogue()) _proof.Demand(record);
        if (!builder.Fits(record)) await SendAsync(builder).ConfigureAwait(false);
        builder.Add(record);
        _lentBytes[builder] += record.Buffer.Length;
        lock (_unacknowledged) _unacknowledged.Add(record.Ref.Id);
        PendingOf(record.Type)?.Hold(queued.Number, record.Ref.Id);
        Interlocked.Increment(ref _newRecords);
        Interlocked.Add(ref _newBytes, record.Bytes);
        if (IsDense(record)) Interlocked.Add(ref _denseBytes, record.Bytes);
        // The arrays count, not the records in them: producers wait for arrays to come back, and a pack that grows
        // while they wait would never be full.
        if (_lentBytes[builder] >= target) await SendAsync(builder).ConfigureAwait(false);
    }

    // Below 16 KiB nothing is sampled for density, and small contents often do not shrink.
    private static bool IsDense(SealedRecord record) => !record.Type.IsCatalogue()
        && record.PlainBytes >= Incompressibility.SampledBytesMin
        && RecordHeader.CodecOf(record.Memory.Span) == CodecId.Stored;

    private async Task FinishAsync()
    {
        if (_catalogue.Count > 0) await SendAsync(_catalogue).ConfigureAwait(false);
        else if (_data.Count > 0) await SendAsync(_data).ConfigureAwait(false);
        await Task.WhenAll(_underWay).ConfigureAwait(false);
    }

    private async Task SendAsync(PackBuilder builder)
    {
        if (builder == _catalogue)
        {
            if (_data.Count > 0) await SendAsync(_data).ConfigureAwait(false);
            await Task.WhenAll(_underWay).ConfigureAwait(false);
            _underWay.Clear();
        }
        var pack = builder.Complete();
        _lentBytes[builder] = 0;
        await _sending.WaitAsync(_stop.Token).ConfigureAwait(false);
        _underWay.Add(SendPackAsync(pack));
    }

    private async Task SendPackAsync(BuiltPack pack)
    {
        try
        {
            await _remote.PutPackAsync(pack, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
            foreach (var record in pack.Records) _pool.Return(record.Buffer);
        }
        Interlocked.Add(ref _sentBytes, pack.Bytes);
        lock (_unacknowledged)
        {
            foreach (var record in pack.Records)
            {
                _unacknowledged.Remove(record.Ref.Id);
                _recent.Add(record.Ref.Id);
            }
        }
        foreach (var record in pack.Records) PendingOf(record.Type)?.DoneById(record.Ref.Id);
    }

    private PendingNumbers? PendingOf(RecordType type) => type switch
    {
        RecordType.Segment => null,
        RecordType.ChunkList => _pendingLists,
        _ => _pendingData,
    };

    private readonly record struct Queued(SealedRecord Record, long Number);
}

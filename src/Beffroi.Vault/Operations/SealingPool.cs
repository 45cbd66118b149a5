using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>Seals contents on several threads and hands the records to the uploader.</summary>
public sealed class SealingPool : IAsyncDisposable
{
    // Enough contents in a batch to fill the sixteen lanes of the hash when files are small; bounded in bytes when
    // they are not.
    private const int BatchBytesMax = 4 << 20;
    private const int QueueMax = 1024;

    private readonly Channel<Job> _queue = Channel.CreateBounded<Job>(QueueMax);
    private readonly RecordUploader _uploader;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _workers;

    /// <summary>Starts the workers.</summary>
    /// <param name="uploader">Takes the records.</param>
    /// <param name="pool">Where buffers come from.</param>
    /// <param name="profile">Codec of new records.</param>
    /// <param name="workers">How many threads, at least 1.</param>
    public SealingPool(RecordUploader uploader, BufferPool pool, CodecProfile profile, int workers)
    {
        _uploader = uploader;
        _workers = [.. Enumerable.Range(0, workers).Select(_ => Task.Run(() => RunAsync(profile, pool)))];
    }

    /// <summary>Queues a content and takes over its buffer. The task ends when the record has its number.</summary>
    /// <exception cref="Exception">A worker ended before its time: what ended it, each time.</exception>
    public async ValueTask<Task<StoredRecord>> AddAsync(PlainContent content, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<StoredRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = new Job(content, done);
        try
        {
            await _queue.Writer.WriteAsync(job, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception) when (exception.InnerException is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }
        return job.Done.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _queue.Writer.TryComplete();
        await Task.WhenAll(_workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (_queue.Reader.TryRead(out var job)) job.Done.TrySetCanceled();
        _stop.Dispose();
    }

    /// <summary>Whatever ends a worker, out of memory most likely, ends the work: nobody may wait for a record that no
    /// worker will make.</summary>
    private async Task RunAsync(CodecProfile profile, BufferPool pool)
    {
        var jobs = new List<Job>(RecordSealer.BatchMax);
        var work = WorkAsync(profile, pool, jobs);
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (work.Exception?.InnerException is not { } cause) return; // The end, or the pool is disposed of.
        _queue.Writer.TryComplete(cause);
        foreach (var job in jobs) job.Done.TrySetException(cause);
        while (_queue.Reader.TryRead(out var left)) left.Done.TrySetException(cause);
    }

    private async Task WorkAsync(CodecProfile profile, BufferPool pool, List<Job> jobs)
    {
        using var sealer = new RecordSealer(profile, pool);
        var contents = new PlainContent[RecordSealer.BatchMax];
        var records = new SealedRecord[RecordSealer.BatchMax];
        while (await _queue.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
        {
            TakeBatch(jobs, contents);
            try
            {
                sealer.Seal(contents.AsSpan(0, jobs.Count), records);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Whatever it was belongs to those who wait for the records; the worker goes on for the others.
                foreach (var job in jobs) job.Done.TrySetException(exception);
            }
            for (var i = 0; i < jobs.Count; i++)
            {
                if (!jobs[i].Done.Task.IsCompleted) await HandOverAsync(jobs[i], records[i]).ConfigureAwait(false);
            }
            jobs.Clear();
        }
    }

    private async Task HandOverAsync(Job job, SealedRecord record)
    {
        try
        {
            var mark = await _uploader.AddAsync(record, _stop.Token).ConfigureAwait(false);
            job.Done.SetResult(new StoredRecord(record.Ref, mark));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            job.Done.SetException(exception); // Ends the run where somebody waits for this record.
        }
    }

    private void TakeBatch(List<Job> jobs, PlainContent[] contents)
    {
        var bytes = 0;
        while (jobs.Count < RecordSealer.BatchMax && bytes < BatchBytesMax && _queue.Reader.TryRead(out var job))
        {
            contents[jobs.Count] = job.Content;
            jobs.Add(job);
            bytes += job.Content.PlainBytes;
        }
    }

    private sealed record Job(PlainContent Content, TaskCompletionSource<StoredRecord> Done);
}

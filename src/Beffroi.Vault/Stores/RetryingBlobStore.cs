using System.Runtime.CompilerServices;

namespace Beffroi.Vault.Stores;

/// <summary>Tries again what failed with <see cref="VaultException.IsRetryable"/>: the only place that does.</summary>
/// <remarks>
/// Waits grow exponentially, each drawn from the upper half of its bound so that clients cut off together do not come
/// back together. A call is never in flight twice. After a lost answer, <see cref="PutAsync"/> can return
/// <see langword="false"/> for the blob that its own first attempt stored.
/// </remarks>
/// <param name="inner">The store; not disposed here.</param>
/// <param name="limits">How often and how soon.</param>
/// <param name="time">Clock of the waits.</param>
/// <param name="random">Source of the jitter; used under a lock of this object only.</param>
public sealed class RetryingBlobStore(IBlobStore inner, RetryLimits limits, TimeProvider time, Random random)
    : IBlobStore
{
    private readonly Lock _randomLock = new();

    /// <inheritdoc/>
    public ValueTask<bool> PutAsync(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        RetryAsync(() => inner.PutAsync(name, content, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReplaceAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await RetryAsync(async () =>
        {
            await inner.ReplaceAsync(name, content, cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken) =>
        RetryAsync(() => inner.GetLengthAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(
        BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        RetryAsync(() => inner.ReadAsync(name, offset, destination, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>A listing cut off goes on after the last name it gave; each name gained starts the attempts
    /// afresh.</remarks>
    public async IAsyncEnumerable<BlobEntry> ListAsync(
        string prefix, BlobName? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listing = Begin(startAfter);
        try
        {
            var failures = 0;
            while (true)
            {
                bool more;
                try
                {
                    more = await listing.MoveNextAsync().ConfigureAwait(false);
                }
                catch (VaultException exception) when (MayRetry(exception, failures + 1))
                {
                    await WaitAsync(++failures, cancellationToken).ConfigureAwait(false);
                    await listing.DisposeAsync().ConfigureAwait(false);
                    listing = Begin(startAfter);
                    continue;
                }
                if (!more) yield break;
                failures = 0;
                startAfter = listing.Current.Name;
                yield return listing.Current;
            }
        }
        finally
        {
            await listing.DisposeAsync().ConfigureAwait(false);
        }

        IAsyncEnumerator<BlobEntry> Begin(BlobName? after) =>
            inner.ListAsync(prefix, after, cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    private async ValueTask<T> RetryAsync<T>(Func<ValueTask<T>> attempt, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (VaultException exception) when (MayRetry(exception, failures + 1))
            {
                await WaitAsync(++failures, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private bool MayRetry(VaultException exception, int failures) =>
        exception.IsRetryable && failures < limits.AttemptsMax;

    private Task WaitAsync(int failures, CancellationToken cancellationToken)
    {
        var bound = Math.Min(
            limits.DelayMax.TotalMilliseconds, limits.FirstDelay.TotalMilliseconds * Math.Pow(2, failures - 1));
        double jitter;
        lock (_randomLock) jitter = random.NextDouble();
        return Task.Delay(TimeSpan.FromMilliseconds(bound * (0.5 + jitter / 2)), time, cancellationToken);
    }
}

using System.Runtime.CompilerServices;

namespace Beffroi.Vault.Stores;

/// <summary>Believes a store only while it holds a mark that was put there at its first use. The folder under a disk
/// that is not mounted is empty: it would call every blob missing, so that all is marked as damaged, and take uploads
/// that nobody finds again once the disk is back.</summary>
/// <remarks>The mark is looked for before and after each blob is stored, and after each answer that something is not
/// there; what was read needs none. It does not show in listings.</remarks>
/// <param name="inner">The store; not disposed here.</param>
/// <param name="trust">For how long a mark that was seen counts: nothing for a disk, which answers in microseconds and
/// can be unmounted at any time; a minute for a bucket, which cannot.</param>
/// <param name="time">Clock of <paramref name="trust"/>.</param>
public sealed class MarkedBlobStore(IBlobStore inner, TimeSpan trust, TimeProvider time) : IBlobStore
{
    private static readonly BlobName Mark = new("beffroi-store");

    private static readonly byte[] Content =
        [.. "The blob store of a Beffroi server. Without this file it is taken for a disk that is not mounted.\n"u8];

    private long _seenAt;
    private volatile bool _isSeen;

    /// <summary>The store itself, for who decides whether to mark it.</summary>
    public IBlobStore Inner => inner;

    /// <summary>Whether the mark is there.</summary>
    /// <param name="cancellationToken">Cancels the look.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async ValueTask<bool> IsMarkedAsync(CancellationToken cancellationToken) =>
        await inner.GetLengthAsync(Mark, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Marks the store as the one to believe from now on.</summary>
    /// <param name="cancellationToken">Cancels before the mark is there.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnavailable"/> or
    /// <see cref="ErrorCode.StoreFull"/>.</exception>
    public async ValueTask MarkAsync(CancellationToken cancellationToken) =>
        await inner.PutAsync(Mark, Content, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> PutAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobStoreLimits.ThrowIfRefused(content);
        await DemandAsync(cancellationToken).ConfigureAwait(false);
        var isNew = await inner.PutAsync(name, content, cancellationToken).ConfigureAwait(false);

        // Unmounted in between, the blob may have gone elsewhere: nobody may build on it. Past the commit point.
        await DemandAsync(CancellationToken.None).ConfigureAwait(false);
        return isNew;
    }

    /// <inheritdoc/>
    public async ValueTask ReplaceAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobStoreLimits.ThrowIfRefused(content);
        await DemandAsync(cancellationToken).ConfigureAwait(false);
        await inner.ReplaceAsync(name, content, cancellationToken).ConfigureAwait(false);
        await DemandAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken)
    {
        var length = await inner.GetLengthAsync(name, cancellationToken).ConfigureAwait(false);
        if (length is null) await DemandAsync(cancellationToken).ConfigureAwait(false);
        return length;
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(
        BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.ReadAsync(name, offset, destination, cancellationToken).ConfigureAwait(false);
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobMissing)
        {
            await DemandAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobUnreadable)
        {
            await DemandReadableAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobEntry> ListAsync(
        string prefix, BlobName? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in inner.ListAsync(prefix, startAfter, cancellationToken).ConfigureAwait(false))
        {
            if (entry.Name != Mark) yield return entry;
        }
        await DemandAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A disk that reads nothing at all has lost its cable or its power, and not this blob: all would be
    /// marked as damaged.</summary>
    private async ValueTask DemandReadableAsync(CancellationToken cancellationToken)
    {
        try
        {
            await inner.ReadAsync(Mark, offset: 0, new byte[1], cancellationToken).ConfigureAwait(false);
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobUnreadable)
        {
            throw BlobStoreErrors.Dead(exception);
        }
    }

    private async ValueTask DemandAsync(CancellationToken cancellationToken)
    {
        if (_isSeen && time.GetElapsedTime(Interlocked.Read(ref _seenAt)) < trust) return;

        if (!await IsMarkedAsync(cancellationToken).ConfigureAwait(false)) throw BlobStoreErrors.Unmarked();

        Interlocked.Exchange(ref _seenAt, time.GetTimestamp());
        _isSeen = true;
    }
}

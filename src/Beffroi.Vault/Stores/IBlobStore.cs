namespace Beffroi.Vault.Stores;

/// <summary>Where packs, commits and logs lie: named, immutable blobs. Every implementation passes the same suite of
/// laws, <c>BlobStoreConformance</c>.</summary>
/// <remarks>
/// All members may be called at once from many threads. A blob is either whole and durable, or not there.
/// <para>No name is ever the folder of another (<c>a</c> beside <c>a/b</c>): a disk cannot hold both, so callers never
/// ask for it. A store that refuses the second one does so with <see cref="ErrorCode.BlobConflict"/>.</para>
/// <para>Only <see cref="RetryingBlobStore"/> tries again; every other store fails at once and says in
/// <see cref="VaultException.IsRetryable"/> whether trying again makes sense.</para>
/// </remarks>
public interface IBlobStore
{
    /// <summary>Stores <paramref name="content"/> under <paramref name="name"/>, durably and all at once.</summary>
    /// <param name="name">Name of the blob.</param>
    /// <param name="content">Whole content, 1 to <see cref="BlobStoreLimits.BlobBytesMax"/> bytes.</param>
    /// <param name="cancellationToken">Cancels before the commit point; after it the call completes.</param>
    /// <returns><see langword="true"/> if stored now, <see langword="false"/> if a blob of that name and length was
    /// there, which is durable too by then. Of several calls at once for one name, one answers
    /// <see langword="true"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="content"/> is empty or too long.</exception>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreFull"/> (retry is useless until someone makes room),
    /// <see cref="ErrorCode.StoreUnavailable"/> (retry) or <see cref="ErrorCode.BlobConflict"/> when a blob of that
    /// name has another length. No reader can see part of a blob after a failure.</exception>
    ValueTask<bool> PutAsync(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>As <see cref="PutAsync"/>, but puts <paramref name="content"/> in the place of what is there. Readers
    /// see the old blob or the new one, whole. Only a quarantined pack is ever replaced, by sound bytes of the same
    /// name.</summary>
    /// <remarks>Stores the blob also where there is none. After a failure the old or the new one is there.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="content"/> is empty or too long.</exception>
    /// <exception cref="VaultException">As for <see cref="PutAsync"/>, without the conflict.</exception>
    ValueTask ReplaceAsync(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Length of the blob in bytes, or <see langword="null"/> if there is none.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnavailable"/> or
    /// <see cref="ErrorCode.BlobUnreadable"/>.</exception>
    ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>Fills <paramref name="destination"/> from byte <paramref name="offset"/> on.</summary>
    /// <remarks>A read that meets a <see cref="ReplaceAsync"/> may fail with a retryable error (Ceph does).</remarks>
    /// <returns>How many bytes were read: less than asked only where the blob ends, 0 at its end and beyond.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is negative.</exception>
    /// <exception cref="VaultException"><see cref="ErrorCode.BlobMissing"/>, <see cref="ErrorCode.BlobUnreadable"/>
    /// (the medium fails within these bytes; others of the blob may be sound) or
    /// <see cref="ErrorCode.StoreUnavailable"/>.</exception>
    ValueTask<int> ReadAsync(BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>The blobs whose name starts with <paramref name="prefix"/>, in byte order of their names.</summary>
    /// <remarks>What is stored while the listing runs may be in it or not; the rest is in it, once.</remarks>
    /// <param name="prefix">Start of the names, cut anywhere; empty for all.</param>
    /// <param name="startAfter">Lists only names after this one.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    IAsyncEnumerable<BlobEntry> ListAsync(string prefix, BlobName? startAfter, CancellationToken cancellationToken);
}

/// <summary>A blob as a listing shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
public readonly record struct BlobEntry(BlobName Name, long Bytes);

/// <summary>Bounds that every store can count on.</summary>
public static class BlobStoreLimits
{
    /// <summary>64 MiB: a data pack is at most 32 MiB; the rest is room for later formats.</summary>
    public const int BlobBytesMax = 64 << 20;

    /// <summary>Longest name: S3 allows 1024 bytes, which leaves room for a bucket's prefix.</summary>
    public const int NameCharactersMax = 512;

    /// <summary>Longest part of a name between slashes: what the usual file systems allow.</summary>
    public const int NamePartCharactersMax = 255;

    /// <summary>Refuses what no store takes: too much, or nothing, which is what a crash leaves behind.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is 0 or above <see cref="BlobBytesMax"/>.</exception>
    public static void ThrowIfRefused(ReadOnlyMemory<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfZero(content.Length, nameof(content));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, BlobBytesMax, nameof(content));
    }
}

using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Beffroi.Vault;
using Beffroi.Vault.Stores;

namespace Beffroi.ObjectStorage;

/// <summary>Keeps blobs as objects of an S3 bucket. Any number of processes may use one bucket and prefix at
/// once.</summary>
/// <remarks>
/// A put is one request, signed over the SHA-256 of its body: the store itself refuses bytes that were damaged on the
/// way (invariant I7), and <c>If-None-Match: *</c> makes it refuse a name that is taken. Once sent, a put is not
/// cancelled, because nobody could tell what became of it. Nothing is retried here.
/// </remarks>
public sealed class S3BlobStore : IBlobStore, IDisposable
{
    private readonly S3StoreOptions _options;
    private readonly S3Errors _errors;
    private readonly AmazonS3Client _client;
    private volatile bool _putsConditionally = true;

    /// <summary>Connects nowhere yet; <see cref="ProbeAsync"/> does.</summary>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public S3BlobStore(S3StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _errors = new S3Errors(options);
        _client = new AmazonS3Client(
            new BasicAWSCredentials(options.AccessKey, options.SecretKey), ClientConfig(options));
    }

    /// <summary>Stores, reads, lists and deletes a small object outside the blobs' names, to fail early and clearly.
    /// Without the right to delete the object stays; no listing of blobs shows it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnavailable"/>: no such bucket, wrong keys, or a
    /// store that does not give back, or not list, what it just took.</exception>
    public async Task<S3ProbeResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var key = $"{_options.Prefix}.probe-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        var content = RandomNumberGenerator.GetBytes(32);
        var conditional = await RunAsync("store a test object", () => ProbePutAsync(key, content), cancellationToken);
        _putsConditionally = conditional;
        await RunAsync(
            "read its test object", () => ProbeReadAsync(key, content, cancellationToken), cancellationToken);
        await DeleteIfAllowedAsync(key, cancellationToken);
        return new S3ProbeResult(conditional, conditional ? null
            : $"The object store ({_options}) does not honour 'If-None-Match: *'. Beffroi asks for the length before "
                + "each put instead, which costs a request; a newer version of the store probably honours it.");
    }

    /// <inheritdoc/>
    public async ValueTask<bool> PutAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobStoreLimits.ThrowIfRefused(content);
        if (!_putsConditionally && await IsStoredAsync(name, content.Length, cancellationToken)) return false;
        cancellationToken.ThrowIfCancellationRequested();
        var stored = await RunAsync(
            $"store '{name}'", () => TryPutAsync(KeyOf(name), content, _putsConditionally), cancellationToken);
        if (stored) return true;
        if (await IsStoredAsync(name, content.Length, cancellationToken)) return false;
        throw _errors.Unavailable(retryable: true, $"refused '{name}' as there, and then had it not. Repeat the call.");
    }

    /// <inheritdoc/>
    public async ValueTask ReplaceAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobStoreLimits.ThrowIfRefused(content);
        cancellationToken.ThrowIfCancellationRequested();
        await RunAsync(
            $"replace '{name}'", () => TryPutAsync(KeyOf(name), content, conditional: false), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = KeyOf(name) };
        return await RunAsync($"look up '{name}'", async () =>
        {
            try
            {
                return (await _client.GetObjectMetadataAsync(request, cancellationToken)).ContentLength;
            }
            catch (AmazonS3Exception exception) when (S3Errors.IsNotFound(exception))
            {
                await DemandMissingAsync(request.Key, cancellationToken);
                return (long?)null;
            }
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(
        BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellationToken.ThrowIfCancellationRequested();
        if (destination.IsEmpty) // No range of S3 is empty.
            return await GetLengthAsync(name, cancellationToken) is null ? throw BlobStoreErrors.Missing(name) : 0;
        return await RunAsync($"read '{name}'", async () =>
        {
            try
            {
                return await GetRangeAsync(KeyOf(name), offset, destination, cancellationToken);
            }
            catch (AmazonS3Exception exception) when (S3Errors.IsMissingBlob(exception))
            {
                throw BlobStoreErrors.Missing(name, exception);
            }
        }, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="VaultException">Also when the store does not list in byte order, which some directory-like
    /// services do not: merging listings with other lists would go wrong unseen.</exception>
    public async IAsyncEnumerable<BlobEntry> ListAsync(
        string prefix, BlobName? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        var request = new ListObjectsV2Request
        {
            BucketName = _options.Bucket,
            Prefix = _options.Prefix + prefix,
            StartAfter = startAfter is { } after ? KeyOf(after) : null,
            MaxKeys = _options.ListPageMax,
        };
        var last = startAfter?.Value;
        do
        {
            var page = await RunAsync(
                $"list '{prefix}'", () => _client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            foreach (var entry in BlobsOf(page))
            {
                if (string.CompareOrdinal(entry.Name.Value, last) <= 0) throw OutOfOrder(last, entry.Name);
                last = entry.Name.Value;
                yield return entry;
            }
            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Puts; <see langword="false"/> if the condition was not met.</summary>
    private async Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> content, bool conditional)
    {
        using var body = Body(content);
        var request = new PutObjectRequest
        {
            BucketName = _options.Bucket,
            Key = key,
            InputStream = body,
            ContentType = "application/octet-stream",
            IfNoneMatch = conditional ? "*" : null,
            UseChunkEncoding = false,      // One signature over the whole body, which every store verifies.
            DisablePayloadSigning = false, // Also over TLS: a proxy may end the TLS connection before the store.
        };
        try
        {
            await _client.PutObjectAsync(request, CancellationToken.None);
            return true;
        }
        catch (AmazonS3Exception exception) when (conditional && S3Errors.IsConditionFailed(exception))
        {
            return false;
        }
    }

    private async Task<bool> IsStoredAsync(BlobName name, int bytes, CancellationToken cancellationToken)
    {
        if (await GetLengthAsync(name, cancellationToken) is not { } stored) return false;
        return stored == bytes ? true : throw BlobStoreErrors.Conflict(name, stored, bytes);
    }

    /// <summary>The answer to a HEAD has no body that would say whether blob or bucket is missing, or that a gateway
    /// answered; that to a GET has. A bucket that somebody removed must not look like a store that has lost every
    /// blob.</summary>
    private async Task DemandMissingAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await GetRangeAsync(key, offset: 0, new byte[1], cancellationToken);
        }
        catch (AmazonS3Exception exception) when (S3Errors.IsMissingBlob(exception))
        {
            return; // The blob alone is missing, which is an answer.
        }
        throw _errors.Unavailable(retryable: true, $"has '{key}' and at the same time has not. Try again.");
    }

    private async Task<int> GetRangeAsync(
        string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        // The client's own timeout ends with the head of the answer; a body that stalls would be waited for for ever.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_options.Timeout);
        var end = offset > long.MaxValue - destination.Length ? long.MaxValue : offset + destination.Length - 1;
        var request = new GetObjectRequest
        {
            BucketName = _options.Bucket, Key = key, ByteRange = new ByteRange(offset, end),
        };
        try
        {
            using var response = await _client.GetObjectAsync(request, deadline.Token);
            if (response.HttpStatusCode != HttpStatusCode.PartialContent) throw RangeIgnored();
            // Up to the end of the answer, which may come without a length; one cut short throws.
            return await response.ResponseStream.ReadAtLeastAsync(
                destination, destination.Length, throwOnEndOfStream: false, deadline.Token);
        }
        catch (AmazonS3Exception exception) when (S3Errors.IsBeyondEnd(exception))
        {
            return 0;
        }
    }

    private async Task<bool> ProbePutAsync(string key, byte[] content)
    {
        try
        {
            if (!await TryPutAsync(key, content, conditional: true))
                throw _errors.Unavailable(retryable: false,
                    "refuses to store under a free name with 'If-None-Match: *'. Beffroi cannot use it.");
        }
        catch (AmazonS3Exception exception) when (S3Errors.IsNotImplemented(exception))
        {
            await TryPutAsync(key, content, conditional: false);
            return false;
        }
        return !await TryPutAsync(key, content, conditional: true);
    }

    private async Task<bool> ProbeReadAsync(string key, byte[] content, CancellationToken cancellationToken)
    {
        var buffer = new byte[content.Length];
        var read = await GetRangeAsync(key, offset: 1, buffer, cancellationToken);
        if (!buffer.AsSpan(0, read).SequenceEqual(content.AsSpan(1)))
            throw _errors.Unavailable(
                retryable: false, "does not give back at once what it stored. Beffroi cannot use it.");
        var page = await _client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = key }, cancellationToken);
        if (page.S3Objects is [{ Size: var size }] && size == content.Length) return true;
        throw _errors.Unavailable(retryable: false, "does not list at once what it stored. Beffroi cannot use it.");
    }

    private async Task DeleteIfAllowedAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await _client.DeleteObjectAsync(_options.Bucket, key, cancellationToken);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode != 0)
        {
            // A key without the right to delete is what a careful operator gives us.
        }
    }

    private IEnumerable<BlobEntry> BlobsOf(ListObjectsV2Response page) =>
        from found in page.S3Objects ?? []
        let name = found.Key[_options.Prefix.Length..]
        where BlobName.IsValid(name)
        select new BlobEntry(new BlobName(name), found.Size ?? 0);

    private VaultException OutOfOrder(string? last, BlobName next) => _errors.Unavailable(retryable: false,
        $"lists '{next}' after '{last}', which is not byte order. Beffroi needs a general-purpose S3 bucket.");

    private VaultException RangeIgnored() => _errors.Unavailable(retryable: false,
        "ignores ranges of bytes. Look for a proxy between that removes them.");

    private async Task<T> RunAsync<T>(string doing, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (S3Errors.IsFromStore(exception, cancellationToken))
        {
            throw _errors.Translate(doing, exception);
        }
    }

    private string KeyOf(BlobName name) => _options.Prefix + name.Value;

    private static MemoryStream Body(ReadOnlyMemory<byte> content) =>
        MemoryMarshal.TryGetArray(content, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false) // Not null where true.
            : new MemoryStream(content.ToArray(), writable: false);

    private static AmazonS3Config ClientConfig(S3StoreOptions options) => new()
    {
        ServiceURL = options.Endpoint.ToString(),
        AuthenticationRegion = options.Region,
        ForcePathStyle = options.ForcePathStyle,
        Timeout = options.Timeout,
        ConnectTimeout = options.ConnectTimeout,
        MaxErrorRetry = 0, // RetryingBlobStore retries, and nothing else.
        // Checksum trailers, the default since version 4, are refused by Ceph 16; the signed payload does their work.
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    };
}

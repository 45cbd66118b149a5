using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Beffroi.ObjectStorage;

namespace Beffroi.Conformance.BlobStores;

/// <summary>A bucket of its own in the real store that the environment names.</summary>
internal sealed class S3TestBucket : IAsyncDisposable
{
    private readonly AmazonS3Client _client;

    private S3TestBucket(S3StoreOptions options)
    {
        Options = options;
        _client = new AmazonS3Client(
            new BasicAWSCredentials(options.AccessKey, options.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = options.Endpoint.ToString(),
                ForcePathStyle = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            });
    }

    internal S3StoreOptions Options { get; }

    /// <summary>Makes the bucket, or skips the test when no store is named.</summary>
    internal static async Task<S3TestBucket> CreateAsync()
    {
        var endpoint = Environment.GetEnvironmentVariable("BEFFROI_TEST_S3_ENDPOINT");
        Assert.SkipWhen(string.IsNullOrEmpty(endpoint),
            "No S3 store: BEFFROI_TEST_S3_ENDPOINT, _ACCESS and _SECRET are not set. tests/scripts/s3.sh starts one "
            + "and runs this test on it; 'eng/ceph-up start DIR' starts one and prints them.");
        var bucket = new S3TestBucket(new S3StoreOptions
        {
            Endpoint = new Uri(endpoint),
            Bucket = $"beffroi-{RandomNumberGenerator.GetHexString(12, lowercase: true)}",
            AccessKey = Environment.GetEnvironmentVariable("BEFFROI_TEST_S3_ACCESS") ?? "",
            SecretKey = Environment.GetEnvironmentVariable("BEFFROI_TEST_S3_SECRET") ?? "",
            Prefix = "some/prefix/",
            ListPageMax = 7, // Small pages, so that every listing needs several.
        });
        await bucket._client.PutBucketAsync(bucket.Options.Bucket);
        return bucket;
    }

    internal async Task<List<string>> ListKeysAsync()
    {
        var page = await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Options.Bucket });
        return [.. (page.S3Objects ?? []).Select(found => found.Key)];
    }

    internal async Task<bool> ExistsAsync(string bucket) =>
        (await _client.ListBucketsAsync()).Buckets?.Exists(found => found.BucketName == bucket) == true;

    internal Task PutAsync(string key, string content) => _client.PutObjectAsync(new PutObjectRequest
    {
        BucketName = Options.Bucket, Key = key, ContentBody = content, UseChunkEncoding = false,
    });

    public async ValueTask DisposeAsync()
    {
        while (await ListKeysAsync() is { Count: > 0 } keys)
            await Parallel.ForEachAsync(
                keys, async (key, token) => await _client.DeleteObjectAsync(Options.Bucket, key, token));
        await _client.DeleteBucketAsync(Options.Bucket);
        _client.Dispose();
    }
}

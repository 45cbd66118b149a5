using Beffroi.Vault.Stores;

namespace Beffroi.ObjectStorage;

/// <summary>Where an S3 store is and how to get in.</summary>
public sealed record S3StoreOptions
{
    /// <summary>Address of the service, <c>https://s3.example.org</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Bucket; it must exist.</summary>
    public required string Bucket { get; init; }

    public required string AccessKey { get; init; }

    public required string SecretKey { get; init; }

    /// <summary>Put before every name, so that a bucket can serve other purposes too; empty, or ends with a
    /// slash.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Part of each request's signature. Ceph and MinIO accept any; AWS and OVHcloud do not.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Bucket in the path instead of the host name: what nearly every store but AWS expects.</summary>
    public bool ForcePathStyle { get; init; } = true;

    /// <summary>After that a call counts as failed. The default lets the largest blob pass at 5 Mbit/s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(BlobStoreLimits.BlobBytesMax / (5_000_000 / 8));

    /// <summary>After that a store that does not even take the connection counts as down: a machine that lost power
    /// refuses nothing, it is silent.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Names asked for at a time in a listing; S3 gives at most 1,000.</summary>
    public int ListPageMax { get; init; } = 1_000;

    /// <summary>Without the keys: options end up in logs.</summary>
    public override string ToString() => $"{Endpoint} bucket '{Bucket}' prefix '{Prefix}'";

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Bucket);
        ArgumentException.ThrowIfNullOrEmpty(AccessKey);
        ArgumentException.ThrowIfNullOrEmpty(SecretKey);
        ArgumentOutOfRangeException.ThrowIfLessThan(ListPageMax, 1);
        if (Prefix.Length > 0 && !(Prefix[^1] == '/' && BlobName.IsValid(Prefix.AsSpan()[..^1])))
            throw new ArgumentException($"'{Prefix}' is no prefix; one is written like 'beffroi/'.", nameof(Prefix));
    }
}

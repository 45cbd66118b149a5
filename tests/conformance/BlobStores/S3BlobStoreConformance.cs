using Beffroi.ObjectStorage;
using Beffroi.Vault.Stores;

namespace Beffroi.Conformance.BlobStores;

/// <summary>Against a real store, which the environment names; skipped without one.</summary>
[Trait("Store", "S3")]
public sealed class S3BlobStoreConformance : BlobStoreConformance
{
    private S3TestBucket? _bucket;
    private S3BlobStore? _opened;

    protected override async ValueTask<IBlobStore> OpenAsync()
    {
        _bucket = await S3TestBucket.CreateAsync();
        return _opened = new S3BlobStore(_bucket.Options);
    }

    protected override async ValueTask CloseAsync()
    {
        _opened?.Dispose();
        if (_bucket is not null) await _bucket.DisposeAsync();
    }
}

using Beffroi.Vault.Stores;

namespace Beffroi.Conformance.BlobStores;

public sealed class MemoryBlobStoreConformance : BlobStoreConformance
{
    protected override ValueTask<IBlobStore> OpenAsync() => ValueTask.FromResult<IBlobStore>(new MemoryBlobStore());
}

using Beffroi.Vault.Stores;

namespace Beffroi.Conformance.BlobStores;

/// <summary>A store behind its mark keeps every law, and shows nothing of the mark.</summary>
public sealed class MarkedBlobStoreConformance : BlobStoreConformance
{
    protected override async ValueTask<IBlobStore> OpenAsync()
    {
        var store = new MarkedBlobStore(new MemoryBlobStore(), TimeSpan.Zero, TimeProvider.System);
        await store.MarkAsync(CancellationToken.None);
        return store;
    }
}

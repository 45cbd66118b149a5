using Beffroi.Testing;
using Beffroi.Vault.Stores;

namespace Beffroi.Conformance.BlobStores;

/// <summary>A store that loses three calls in ten keeps every law once the retries stand before it.</summary>
public sealed class RetryingBlobStoreConformance : BlobStoreConformance
{
    protected override ValueTask<IBlobStore> OpenAsync()
    {
        var faulty = new FaultyBlobStore(
            new MemoryBlobStore(), seed: 1, new FaultRates { LostCallPercent = 30, InARowMax = 5 });
        var limits = new RetryLimits { AttemptsMax = 20, FirstDelay = TimeSpan.FromMilliseconds(0.1) };
        return ValueTask.FromResult<IBlobStore>(
            new RetryingBlobStore(faulty, limits, TimeProvider.System, new Random(2)));
    }
}

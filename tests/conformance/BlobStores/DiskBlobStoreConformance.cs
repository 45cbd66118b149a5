using Beffroi.Vault.Stores;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Conformance.BlobStores;

public sealed class DiskBlobStoreConformance : BlobStoreConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("beffroi-store-").FullName;

    protected override ValueTask<IBlobStore> OpenAsync() =>
        ValueTask.FromResult<IBlobStore>(new DiskBlobStore(_folder));

    protected override ValueTask CloseAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

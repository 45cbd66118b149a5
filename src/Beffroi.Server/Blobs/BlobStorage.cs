using Beffroi.ObjectStorage;
using Beffroi.Server.Configuration;
using Beffroi.Vault.Stores;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Server.Blobs;

/// <summary>Where the blobs lie: a folder of the server's own, or an S3 store.</summary>
internal static partial class BlobStorage
{
    private const long BytesPerMegabyte = 1_000_000;

    internal static void Add(IServiceCollection services, ServerOptions options, DataFolder folder)
    {
        if (options.ObjectStore is not { Endpoint: { } endpoint } objects)
        {
            services.AddSingleton<IBlobStore>(
                _ => new DiskBlobStore(folder.Blobs, options.BlobReserveMegabytes * BytesPerMegabyte));
            return;
        }
        services.AddSingleton(_ => new S3BlobStore(new S3StoreOptions
        {
            Endpoint = new Uri(endpoint),
            Bucket = objects.Bucket ?? "",
            AccessKey = objects.AccessKey ?? "",
            SecretKey = objects.SecretKey ?? "",
            Prefix = objects.Prefix,
            Region = objects.Region,
        }));
        services.AddSingleton<IBlobStore>(provider => new RetryingBlobStore(
            provider.GetRequiredService<S3BlobStore>(), new RetryLimits(), TimeProvider.System, new Random()));
    }

    /// <summary>Finds out before anything is served whether the S3 store, if there is one, can be used. Commands leave
    /// that out: some of them serve just when the store does not.</summary>
    /// <exception cref="Vault.VaultException">It cannot: no such bucket, wrong keys, no answer.</exception>
    internal static async Task ProbeAsync(
        IServiceProvider services, ILogger logger, CancellationToken cancellationToken)
    {
        if (services.GetService<S3BlobStore>() is not { } store) return;

        var result = await store.ProbeAsync(cancellationToken);
        if (result.Warning is { } warning) LogWarning(logger, warning);
    }

    [LoggerMessage(1010, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}

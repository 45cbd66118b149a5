using Beffroi.Fleet.Vaults;
using Beffroi.ObjectStorage;
using Beffroi.Server.Configuration;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Beffroi.Vault.Stores.Disk;
using Npgsql;

namespace Beffroi.Server.Blobs;

/// <summary>Where the blobs lie: a folder of the server's own, or an S3 store.</summary>
internal static partial class BlobStorage
{
    private const long BytesPerMegabyte = 1_000_000;

    // A bucket is not unmounted; a look at its mark costs a request.
    private static readonly TimeSpan BucketTrust = TimeSpan.FromMinutes(1);

    internal static void Add(IServiceCollection services, ServerOptions options, DataFolder folder)
    {
        services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<MarkedBlobStore>());
        if (options.ObjectStore is not { Endpoint: { } endpoint } objects)
        {
            services.AddSingleton(_ => new DiskBlobStore(folder.Blobs, ReserveOf(options)));
            services.AddSingleton(provider => new MarkedBlobStore(
                provider.GetRequiredService<DiskBlobStore>(), trust: TimeSpan.Zero, TimeProvider.System));
            services.AddHostedService<LeftoverSweep>();
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
        services.AddSingleton(provider => new MarkedBlobStore(
            new RetryingBlobStore(
                provider.GetRequiredService<S3BlobStore>(), new RetryLimits(), TimeProvider.System, new Random()),
            BucketTrust, TimeProvider.System));
    }

    /// <summary>Open to the members' logs: a restore notes there that it opens a key, and whoever shuts a device out
    /// notes that, before it happens. A full disk must stop neither.</summary>
    private static DiskReserve ReserveOf(ServerOptions options) =>
        new(options.BlobReserveMegabytes * BytesPerMegabyte, BlobNames.IsLogEntry);

    /// <summary>Finds out before anything is served whether the S3 store, if there is one, can be used. Commands leave
    /// that out: some of them serve just when the store does not.</summary>
    /// <exception cref="VaultException">It cannot: no such bucket, wrong keys, no answer.</exception>
    internal static async Task ProbeAsync(
        IServiceProvider services, ILogger logger, CancellationToken cancellationToken)
    {
        if (services.GetService<S3BlobStore>() is not { } store) return;

        var result = await store.ProbeAsync(cancellationToken);
        if (result.Warning is { } warning) LogWarning(logger, warning);
    }

    /// <summary>Makes sure that the blob store is the one that the database belongs to, and marks it at its first use:
    /// before anything looks for a blob in it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.StoreUnmarked"/>.</exception>
    internal static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<ServerOptions>();
        var store = services.GetRequiredService<MarkedBlobStore>();
        var place = options.ObjectStore.Endpoint is { } endpoint
            ? $"'{options.ObjectStore.Bucket}/{options.ObjectStore.Prefix}' of {endpoint}"
            : $"'{services.GetRequiredService<DataFolder>().Blobs}'";
        await VaultDirectory.DemandBlobsAsync(
            services.GetRequiredService<NpgsqlDataSource>(), store.Inner, place, cancellationToken);
        if (!await store.IsMarkedAsync(cancellationToken)) await store.MarkAsync(cancellationToken);
    }

    [LoggerMessage(1010, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}

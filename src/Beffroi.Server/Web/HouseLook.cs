using System.Diagnostics;
using System.Reflection;
using Beffroi.Identity.Access;
using Beffroi.Portal.Platform;
using Beffroi.Server.Configuration;
using Beffroi.Server.Tls;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Server.Web;

/// <summary>Looks at disks, database and certificate when somebody asks.</summary>
internal sealed class HouseLook(
    ServerOptions options, DataFolder folder, NpgsqlDataSource database, IBlobStore blobs,
    ServerCertificates? certificates, TimeProvider time) : IHouse
{
    private const long BytesPerMegabyte = 1_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Never stored: the answer "no such blob" is enough.
    private static readonly BlobName Probe = new("readiness-probe");

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <inheritdoc/>
    public async Task<HouseFacts> LookAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        var asked = LookAtDatabaseAsync(cancellationToken);
        var stored = LookAtBlobsAsync(cancellationToken);
        List<StoreFacts> stores = [await stored, LookAtFolder(StoreUse.Documents, folder.Documents)];
        if (options.ConnectionString is null) stores.Insert(1, LookAtFolder(StoreUse.Database, folder.Database));
        var version = typeof(HouseLook).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0];
        return new HouseFacts(version ?? "?", _startedAt, await asked, stores, CertificateOf(certificates));
    }

    private async Task<DatabaseFacts> LookAtDatabaseAsync(CancellationToken cancellationToken)
    {
        var isPrivate = options.ConnectionString is null;
        var clock = Stopwatch.GetTimestamp();
        using var bounded = Bound(cancellationToken);
        try
        {
            await using var command = database.CreateCommand(
                "select pg_database_size(current_database()), current_setting('server_version')");
            await using var reader = await command.ExecuteReaderAsync(bounded.Token).WaitAsync(bounded.Token);
            await reader.ReadAsync(bounded.Token);
            var version = reader.GetString(1).Split(' ')[0];
            return new DatabaseFacts(
                true, time.GetElapsedTime(clock, Stopwatch.GetTimestamp()), reader.GetInt64(0), version, isPrivate);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            return new DatabaseFacts(false, Patience, null, null, isPrivate);
        }
    }

    private async Task<StoreFacts> LookAtBlobsAsync(CancellationToken cancellationToken)
    {
        using var bounded = Bound(cancellationToken);
        string? code = null;
        var answers = true;
        try
        {
            // A disk that hangs hears no cancellation; whoever asks shall have an answer nevertheless.
            await blobs.GetLengthAsync(Probe, bounded.Token).AsTask().WaitAsync(bounded.Token);
        }
        catch (VaultException exception)
        {
            (answers, code) = (false, exception.CodeText);
        }
        catch (OperationCanceledException)
        {
            answers = false;
        }
        if (options.ObjectStore is { Endpoint: { } endpoint } objects)
        {
            return new StoreFacts(
                StoreUse.Blobs, $"{endpoint} {objects.Bucket}/{objects.Prefix}", answers, code, null, null);
        }
        var (free, total) = RoomOf(folder.Blobs);
        // What is kept back for the database is no room for backups.
        return new StoreFacts(
            StoreUse.Blobs, folder.Blobs, answers, code, free - options.BlobReserveMegabytes * BytesPerMegabyte, total);
    }

    private static StoreFacts LookAtFolder(StoreUse use, string path)
    {
        var (free, total) = RoomOf(path);
        return new StoreFacts(use, path, Directory.Exists(path), null, free, total);
    }

    private static (long? Free, long? Total) RoomOf(string path)
    {
        try
        {
            var drive = new DriveInfo(path);
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, null); // A share that does not say.
        }
    }

    private static CertificateFacts? CertificateOf(ServerCertificates? certificates) => certificates is null
        ? null
        : new CertificateFacts(
            certificates.Certificate.Subject, new DateTimeOffset(certificates.Certificate.NotAfter.ToUniversalTime()),
            certificates.AuthorityDer is not null);

    private static CancellationTokenSource Bound(CancellationToken cancellationToken)
    {
        var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        return bounded;
    }
}

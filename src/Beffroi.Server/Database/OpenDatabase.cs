using System.Diagnostics;
using Beffroi.Server.Configuration;
using Beffroi.Vault;
using Npgsql;

namespace Beffroi.Server.Database;

/// <summary>A database that answers: the configured one, the server's private one, or that of a server that runs
/// already.</summary>
internal sealed class OpenDatabase : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120); // A first command makes a cluster meanwhile.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly DatabaseLock? _lock;

    private OpenDatabase(
        string connectionString, DatabaseLock? heldLock, PrivatePostgres? postgres, bool mayChangeSchema) =>
        (ConnectionString, _lock, Private, MayChangeSchema) = (connectionString, heldLock, postgres, mayChangeSchema);

    internal string ConnectionString { get; }

    /// <summary>The cluster that this process runs; none if it is somebody else's.</summary>
    internal PrivatePostgres? Private { get; }

    /// <summary>Whether no older server can be at work on it, as far as this process can tell.</summary>
    internal bool MayChangeSchema { get; }

    /// <summary>Lets commands in, once the schema is in order.</summary>
    internal void LetCommandsIn()
    {
        if (Private is not null) ServedMark.Set(Private.RunFolder);
    }

    /// <summary>Opens the database for a server, which owns the private cluster for as long as it lives.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.DatabaseUnavailable"/>.</exception>
    internal static async Task<OpenDatabase> ForServerAsync(
        ServerOptions options, DataFolder folder, ILogger logger, CancellationToken cancellationToken)
    {
        if (options.ConnectionString is { } configured) return Configured(configured);

        // A command holds the lock for a moment, a server for good. Its mark tells them apart.
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(Pause, cancellationToken))
        {
            if (DatabaseLock.TryTake(folder.Run) is { } taken)
                return await OwnAsync(taken, options, folder, logger, cancellationToken);
            if (clock.Elapsed > Pause && ServedMark.IsSet(folder.Run)) break;
        }
        throw new VaultException(
            ErrorCode.DatabaseUnavailable,
            retryable: false,
            $"The data folder '{folder.Root}' is in use by {DatabaseLock.HolderOf(folder.Run)}. Wait for it or stop "
                + "it, or choose another folder with --data.");
    }

    /// <summary>Opens the database for one command: beside a live server through its socket, else by starting the
    /// cluster for as long as the command runs.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.DatabaseUnavailable"/>.</exception>
    internal static async Task<OpenDatabase> ForCommandAsync(
        ServerOptions options, DataFolder folder, ILogger logger, CancellationToken cancellationToken)
    {
        if (options.ConnectionString is { } configured) return Configured(configured);

        var socket = PrivatePostgres.ConnectionString(folder);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(Pause, cancellationToken))
        {
            if (DatabaseLock.TryTake(folder.Run) is { } taken)
                return await OwnAsync(taken, options, folder, logger, cancellationToken);
            if (await IsServedAsync(folder, socket, cancellationToken))
                return new OpenDatabase(socket, heldLock: null, postgres: null, mayChangeSchema: false);
        }
        throw new VaultException(
            ErrorCode.DatabaseUnavailable,
            retryable: true,
            $"The database of '{folder.Root}' is in use by {DatabaseLock.HolderOf(folder.Run)}, and was not free after "
                + $"{Patience.TotalSeconds:F0} s. Try again.");
    }

    public async ValueTask DisposeAsync()
    {
        if (Private is not null)
        {
            ServedMark.Clear(Private.RunFolder);
            await Private.DisposeAsync();
        }
        _lock?.Dispose();
    }

    private static OpenDatabase Configured(string connectionString) =>
        new(connectionString, heldLock: null, postgres: null, mayChangeSchema: true);

    private static async Task<OpenDatabase> OwnAsync(
        DatabaseLock taken, ServerOptions options, DataFolder folder, ILogger logger,
        CancellationToken cancellationToken)
    {
        ServedMark.Clear(folder.Run);
        try
        {
            var postgres = await PrivatePostgres.StartAsync(folder, options.Postgres, logger, cancellationToken);
            return new OpenDatabase(PrivatePostgres.ConnectionString(folder), taken, postgres, mayChangeSchema: true);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Whether the holder of the lock is a server that is ready, not another command that will soon stop the
    /// cluster.</summary>
    private static async Task<bool> IsServedAsync(
        DataFolder folder, string connectionString, CancellationToken cancellationToken)
    {
        if (!ServedMark.IsSet(folder.Run)) return false;

        try
        {
            await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Timeout=5");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false; // It is starting or stopping; the caller looks again.
        }
    }
}

using Beffroi.Intake;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Beffroi.Vault.Stores;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Beffroi.Fleet.Snapshots;

/// <summary>The devices' snapshots: commit blobs are the truth, rows make them quick to find.</summary>
internal sealed partial class CommitLedger(NpgsqlDataSource database, CommitBlobs commits, ILogger<CommitLedger> logger)
    : ICommitLedger, IDisposable
{
    // A turn keeps a connection while its commit is checked over a second one. As many turns at once as the pool has
    // connections would all wait for a second: at one o'clock at night, when all plans begin, nobody would commit.
    private readonly SemaphoreSlim _turns = new(Math.Max(
        1, new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize / 4));

    public async Task<ICommitTurn> TakeTurnAsync(DeviceId device, CancellationToken cancellationToken)
    {
        while (true)
        {
            var turn = await LockAsync(device, cancellationToken);
            var isTaken = false;
            try
            {
                if (await AdoptAsync(turn, cancellationToken) == 0)
                {
                    isTaken = true;
                    return turn;
                }
                // What was taken over stands on its own, whatever becomes of the commit that comes next.
                await turn.CompleteAsync(cancellationToken);
            }
            finally
            {
                // An agent that goes away here must not keep its device locked for the next one.
                if (!isTaken) await turn.DisposeAsync();
            }
        }
    }

    public Task<IReadOnlyList<SnapshotMessage>> ListAsync(DeviceId device, CancellationToken cancellationToken) =>
        SnapshotRows.ListAsync(database, device, cancellationToken);

    public async Task<Receipt?> FindAsync(KnownDevice device, SnapshotId snapshot, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select object_name from fleet.snapshots where id = $1 and device_id = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = snapshot.Value.ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = device.Id.Value });
        if (await command.ExecuteScalarAsync(cancellationToken) is not string name) return null;

        return await commits.ReadAsync(new BlobName(name), cancellationToken) ?? throw Lost(name);
    }

    public async Task<int> ReconcileAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var (vault, device, sequence) in await ListDevicesAsync(cancellationToken))
        {
            try
            {
                // Nothing but one listing for most devices: the server is waited for.
                if (await HasMoreAsync(vault, device, sequence, cancellationToken))
                    count += await CatchUpAsync(device, cancellationToken);
            }
            catch (VaultException exception) when (!exception.IsRetryable)
            {
                LogLeftBehind(exception, device); // The others are served; this one's next commit says the same.
            }
        }
        return count;
    }

    private async Task<bool> HasMoreAsync(
        VaultId vault, DeviceId device, long sequence, CancellationToken cancellationToken)
    {
        await foreach (var _ in commits.ListAsync(vault, device, sequence, cancellationToken)) return true;
        return false;
    }

    private async Task<int> CatchUpAsync(DeviceId device, CancellationToken cancellationToken)
    {
        await using var turn = await LockAsync(device, cancellationToken);
        var count = await AdoptAsync(turn, cancellationToken);
        await turn.CompleteAsync(cancellationToken);
        return count;
    }

    public void Dispose() => _turns.Dispose();

    private async Task<CommitTurn> LockAsync(DeviceId device, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        NpgsqlConnection? connection = null;
        try
        {
            connection = await database.OpenConnectionAsync(cancellationToken);
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var (vault, last) = await ReadLastAsync(connection, device, cancellationToken);
            var receipt = last is null
                ? null
                : await commits.ReadAsync(new BlobName(last), cancellationToken) ?? throw Lost(last);
            return new CommitTurn(connection, transaction, _turns, commits, vault, device, receipt);
        }
        catch
        {
            if (connection is not null) await connection.DisposeAsync();
            _turns.Release();
            throw;
        }
    }

    private static async Task<(VaultId Vault, string? Last)> ReadLastAsync(
        NpgsqlConnection connection, DeviceId device, CancellationToken cancellationToken)
    {
        // Two statements: one that waits for a lock goes on with the joined row as it was before the wait.
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select from fleet.devices where id = $1 for no key update"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("""
            select d.vault_id, s.object_name from fleet.devices d
            left join fleet.snapshots s on s.id = d.last_commit_id where d.id = $1
            """));
        foreach (var command in batch.BatchCommands)
            command.Parameters.Add(new NpgsqlParameter { Value = device.Value });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var hasLast = !await reader.IsDBNullAsync(1, cancellationToken);
        return (new VaultId(reader.GetGuid(0)), hasLast ? reader.GetString(1) : null);
    }

    /// <summary>Takes over the durable commits that follow on the last known one.</summary>
    private async Task<int> AdoptAsync(CommitTurn turn, CancellationToken cancellationToken)
    {
        var count = 0;
        var sequence = turn.Last?.Machine.Commit.Sequence ?? 0;
        await foreach (var name in commits.ListAsync(turn.Vault, turn.Device, sequence, cancellationToken))
        {
            var (receipt, reason) = await commits.TryReadAsync(name, cancellationToken);
            if (receipt is null) LogIgnored(name, reason);
            if (receipt is null || !turn.Follows(receipt)) continue;

            await turn.InsertAsync(receipt, cancellationToken);
            LogAdopted(turn.Device, receipt.Machine.Commit.Sequence);
            if (!await turn.IsRootListedAsync(receipt, cancellationToken))
                LogOlderDatabase(turn.Device, receipt.Machine.Commit.Sequence);
            count++;
        }
        return count;
    }

    private async Task<List<(VaultId Vault, DeviceId Device, long Sequence)>> ListDevicesAsync(
        CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select vault_id, id, last_sequence from fleet.devices");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(VaultId, DeviceId, long)> devices = [];
        while (await reader.ReadAsync(cancellationToken))
            devices.Add((new VaultId(reader.GetGuid(0)), new DeviceId(reader.GetGuid(1)), reader.GetInt64(2)));
        return devices;
    }

    private static VaultException Lost(string name) => new(
        ErrorCode.BlobMissing, retryable: false,
        $"The commit '{name}' is not in the blob store, though the database knows it. 'beffroi-server admin check' "
            + "lists what else is missing; put the blob back from a copy.");

    [LoggerMessage(
        3020, LogLevel.Warning, "Device {Device}: snapshot {Sequence} was durable but not in the database; taken over")]
    private partial void LogAdopted(DeviceId device, long sequence);

    [LoggerMessage(
        3022, LogLevel.Error,
        "Device {Device}: the index does not know the root of snapshot {Sequence}, so the database is older than the "
            + "blobs. Run 'beffroi-server admin rebuild-index'; the snapshot cannot be restored before")]
    private partial void LogOlderDatabase(DeviceId device, long sequence);

    [LoggerMessage(
        3023, LogLevel.Error,
        "Device {Device}: whether it has snapshots that the database lacks cannot be told; the server starts without "
            + "them, and the device cannot commit before this is mended")]
    private partial void LogLeftBehind(Exception exception, DeviceId device);

    [LoggerMessage(3021, LogLevel.Error, "Commit {Name} is ignored: {Reason}")]
    private partial void LogIgnored(BlobName name, string? reason);
}

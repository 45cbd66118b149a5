using Beffroi.Fleet.Records;
using Beffroi.Intake;
using Beffroi.Vault;
using Beffroi.Vault.Commits;
using Npgsql;

namespace Beffroi.Fleet.Snapshots;

/// <summary>A device's row, locked until this is disposed of.</summary>
internal sealed class CommitTurn(
    NpgsqlConnection connection, NpgsqlTransaction transaction, SemaphoreSlim turns, CommitBlobs commits,
    VaultId vault, DeviceId device, Receipt? last) : ICommitTurn
{
    private int _isOver;

    public Receipt? Last { get; private set; } = last;

    internal VaultId Vault => vault;
    internal DeviceId Device => device;

    public async Task<Receipt> AppendAsync(Receipt commit, CancellationToken cancellationToken)
    {
        var durable = await commits.PutAsync(commit, cancellationToken);

        // It is a snapshot from here on, whether its agent still listens or not.
        await InsertAsync(durable, CancellationToken.None);
        await CompleteAsync(CancellationToken.None);
        return durable;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 1) return;

        try
        {
            await transaction.DisposeAsync();
        }
        finally
        {
            await connection.DisposeAsync();
            turns.Release();
        }
    }

    internal bool Follows(Receipt next)
    {
        var commit = next.Machine.Commit;
        return commit.Vault == vault && commit.Device == device
            && commit.Sequence == (Last?.Machine.Commit.Sequence ?? 0) + 1
            && commit.Previous == (Last?.Machine.Id.Value ?? default);
    }

    internal async Task InsertAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        await SnapshotRows.InsertAsync(connection, receipt, cancellationToken);
        Last = receipt;
    }

    /// <summary>Whether the index knows the root of a commit, as it does unless the database was put back from a
    /// dump.</summary>
    internal async Task<bool> IsRootListedAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select exists (select from {RecordsTable.PartitionOf(vault)} where vault_id = $1 and id = $2)",
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = vault.Value });
        command.Parameters.Add(new NpgsqlParameter { Value = receipt.Machine.Commit.Root.Value.ToArray() });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    internal Task CompleteAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);
}

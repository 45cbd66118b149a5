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
        await InsertAsync(durable, cancellationToken);
        await CompleteAsync(cancellationToken);
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

    internal Task CompleteAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);
}

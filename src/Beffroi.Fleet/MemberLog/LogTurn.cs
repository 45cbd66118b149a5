using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.MemberLog;

/// <summary>The turn to write a vault's log; it ends with the transaction.</summary>
internal sealed class LogTurn(MemberLogs logs, FleetDb db, VaultId vault, LogPosition position)
{
    internal FleetDb Db => db;
    internal VaultId Vault => vault;
    internal LogPosition Position { get; private set; } = position;

    /// <summary>Applies a fact to the database and makes it durable. The caller commits the transaction.</summary>
    /// <returns>The time of the entry.</returns>
    internal async Task<DateTimeOffset> AppendAsync(LogEntry fact, CancellationToken cancellationToken)
    {
        // Applied first: what the database refuses must not become durable.
        await LogReplay.ApplyAsync(db, vault, logs.Complete(fact, Position), cancellationToken);
        await MoveToAsync(await logs.PutAsync(vault, fact, Position, cancellationToken), cancellationToken);
        return Position.At;
    }

    internal async Task MoveToAsync(LogPosition position, CancellationToken cancellationToken)
    {
        Position = position;
        await db.Vaults.Where(row => row.Id == vault).ExecuteUpdateAsync(
            row => row.SetProperty(each => each.LogHeight, position.Height)
                .SetProperty(each => each.LogHead, position.Head),
            cancellationToken);
    }
}

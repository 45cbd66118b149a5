using Beffroi.Fleet.KeyService;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Beffroi.Fleet.MemberLog;

/// <summary>Writes the members' logs. What a log says is applied to the database by <see cref="LogReplay"/>, and by
/// nothing else: a database that is rebuilt from the log is the same as the one that was lost.</summary>
/// <remarks>The blob is the truth and comes first. If the server dies before its transaction ends, the next turn finds
/// the entry that the database lacks and applies it.</remarks>
internal sealed partial class MemberLogs(IBlobStore blobs, KeyFile keys, TimeProvider time, ILogger<MemberLogs> logger)
{
    /// <summary>Takes the vault's turn until the transaction of <paramref name="db"/> ends; others wait.</summary>
    internal async Task<LogTurn> TakeTurnAsync(FleetDb db, VaultId vault, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("An entry and what it says need one transaction.");

        await db.Database.ExecuteSqlAsync(
            $"select pg_advisory_xact_lock({VaultLocks.OfLog(vault)})", cancellationToken);
        var row = await db.Vaults.AsNoTracking().Where(each => each.Id == vault)
            .Select(each => new { each.LogHeight, each.LogHead }).SingleAsync(cancellationToken);
        var at = row.LogHeight == 0
            ? DateTimeOffset.MinValue
            : await ReadTimeAsync(vault, row.LogHeight, cancellationToken);
        var turn = new LogTurn(this, db, vault, new LogPosition(row.LogHeight, row.LogHead, at));
        await CatchUpAsync(turn, cancellationToken);
        return turn;
    }

    /// <summary>The entries from <paramref name="from"/> on, each verified.</summary>
    internal async IAsyncEnumerable<(LogEntry Entry, LogPosition Position)> ReadAsync(
        VaultId vault, LogPosition from,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var position = from; ;)
        {
            var name = BlobNames.LogEntry(vault, position.Height + 1);
            if (await blobs.ReadWholeAsync(name, LogBlob.BytesMax, cancellationToken) is not { } blob) yield break;

            var entry = LogBlob.Read(blob, position, keys.SigningKey.PublicKey, name);
            position = LogPosition.After(entry, blob);
            yield return (entry, position);
        }
    }

    /// <summary>Makes the entry durable.</summary>
    internal async Task<LogPosition> PutAsync(
        VaultId vault, LogEntry fact, LogPosition previous, CancellationToken cancellationToken)
    {
        var entry = Complete(fact, previous);
        var blob = LogBlob.Write(entry, keys.SigningKey);
        var name = BlobNames.LogEntry(vault, entry.N);
        if (await blobs.PutAsync(name, blob, cancellationToken)) return LogPosition.After(entry, blob);

        throw new VaultException(
            ErrorCode.BlobConflict,
            retryable: true,
            $"Entry '{name}' of the member's log appeared while it was being written: two servers share this blob "
                + "store but not their database. Stop one of them.");
    }

    /// <summary>The entry with all that follows from its place.</summary>
    internal LogEntry Complete(LogEntry fact, LogPosition previous)
    {
        var now = time.GetUtcNow();
        return fact with
        {
            N = previous.Height + 1,
            Previous = previous.Head.ToString(),
            At = now > previous.At ? now : previous.At,
            ServerKey = keys.SigningKey.PublicKey.ToArray(),
        };
    }

    private async Task CatchUpAsync(LogTurn turn, CancellationToken cancellationToken)
    {
        await foreach (var (entry, position) in ReadAsync(turn.Vault, turn.Position, cancellationToken))
        {
            LogCaughtUp(turn.Vault, entry.N, entry.GetType().Name);
            await LogReplay.ApplyAsync(turn.Db, turn.Vault, entry, cancellationToken);
            await turn.MoveToAsync(position, cancellationToken);
        }
    }

    private async Task<DateTimeOffset> ReadTimeAsync(VaultId vault, long height, CancellationToken cancellationToken)
    {
        var name = BlobNames.LogEntry(vault, height);
        var blob = await blobs.ReadWholeAsync(name, LogBlob.BytesMax, cancellationToken) ?? throw Lost(name);
        return LogBlob.TimeOf(blob, name);
    }

    private static VaultException Lost(BlobName name) => new(
        ErrorCode.LogBroken,
        retryable: false,
        $"Entry '{name}' of the member's log is not in the blob store, though the database knows it. Put it back from "
            + "a copy of the blob store.");

    [LoggerMessage(
        3000, LogLevel.Warning, "Vault {Vault}: entry {Number} ({Kind}) of the log was not in the database; applied")]
    private partial void LogCaughtUp(VaultId vault, long number, string kind);
}

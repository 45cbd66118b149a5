using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Watch;

/// <summary>On which days the morning's mail left, so that it does once, whatever number of servers run and however
/// often they restart.</summary>
public sealed class DigestLedger
{
    // "digest" as ASCII bytes: servers take turns.
    private const long TurnLock = 0x646967657374;

    private readonly IDbContextFactory<FleetDb> _contexts;
    private readonly TimeProvider _time;

    internal DigestLedger(IDbContextFactory<FleetDb> contexts, TimeProvider time) =>
        (_contexts, _time) = (contexts, time);

    /// <summary>Does it unless it was done for that day. A server that dies before it is noted does it twice, which is
    /// better than never.</summary>
    /// <returns>Whether it was done now.</returns>
    public async Task<bool> OncePerDayAsync(
        DateOnly day, Func<CancellationToken, Task> tell, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({TurnLock})", cancellationToken);
        var now = _time.GetUtcNow();
        var noted = await db.Database.ExecuteSqlAsync(
            $"insert into fleet.watch_digests (day, sent_at) values ({day}, {now}) on conflict do nothing",
            cancellationToken);
        if (noted == 0) return false;

        await tell(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}

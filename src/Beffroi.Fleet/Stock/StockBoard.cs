using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Stock;

/// <summary>What came in on a day in France.</summary>
public sealed record DayGrowth(DateOnly Day, long Bytes);

/// <summary>How many devices in use last spoke with an agent of this version.</summary>
public sealed record AgentCount(string Version, int Devices);

/// <summary>How much is stored, and by what.</summary>
/// <param name="PromisedBytes">The quotas of all vaults together.</param>
/// <param name="DamagedPacks">Packs in quarantine: damage was found, and no sound copy has come since.</param>
/// <param name="Days">Days of the last three months on which something came in, oldest first.</param>
/// <param name="SilentDevices">Devices in use that never said which agent they have.</param>
public sealed record StockView(
    int Vaults, long StoredBytes, long PromisedBytes, int DamagedPacks, IReadOnlyList<DayGrowth> Days,
    IReadOnlyList<AgentCount> Agents, int SilentDevices);

/// <summary>How much the vaults hold, how it grew, and which agents fill them: for those who run the platform. Any
/// thread.</summary>
public sealed class StockBoard
{
    private const int DaysMax = 90;
    private const string TimeZone = "Europe/Paris";

    private readonly IDbContextFactory<FleetDb> _contexts;
    private readonly TimeProvider _time;

    internal StockBoard(IDbContextFactory<FleetDb> contexts, TimeProvider time) =>
        (_contexts, _time) = (contexts, time);

    /// <summary>How it stands now.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManagePlatform"/>.</exception>
    public async Task<StockView> ReadAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var since = _time.GetUtcNow().AddDays(-DaysMax);
        var days = await db.Database.SqlQuery<DayRow>($"""
            select (received_at at time zone {TimeZone})::date as "Day", sum(bytes)::bigint as "Bytes"
            from fleet.packs where received_at >= {since} group by 1 order by 1
            """).ToListAsync(cancellationToken);
        var agents = await db.Presences
            .Where(row => db.Devices.Any(device => device.Id == row.DeviceId && device.RevokedAt == null))
            .GroupBy(row => row.AgentVersion).Select(group => new { Version = group.Key, Count = group.Count() })
            .ToListAsync(cancellationToken);
        var devices = await db.Devices.CountAsync(device => device.RevokedAt == null, cancellationToken);
        return new StockView(
            await db.Vaults.CountAsync(cancellationToken),
            await db.Packs.SumAsync(row => (long)row.Bytes, cancellationToken),
            await db.Vaults.SumAsync(row => row.QuotaBytes, cancellationToken),
            await db.Packs.CountAsync(row => row.QuarantinedAt != null, cancellationToken),
            [.. days.Select(day => new DayGrowth(day.Day, day.Bytes))],
            [
                .. agents.OrderByDescending(agent => agent.Count)
                    .Select(agent => new AgentCount(agent.Version, agent.Count)),
            ],
            devices - agents.Sum(agent => agent.Count));
    }

    private sealed record DayRow(DateOnly Day, long Bytes);
}

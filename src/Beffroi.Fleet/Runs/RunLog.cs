using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Runs;

/// <summary>The backups that the devices reported. Any thread.</summary>
public sealed class RunLog
{
    private const int RunsMax = 1000; // A laptop that runs each hour for 30 days is 720.

    private readonly ScopedContexts<FleetDb> _contexts;

    internal RunLog(ScopedContexts<FleetDb> contexts) => _contexts = contexts;

    /// <summary>A device's runs since an instant, newest first, at most 1,000; none for an unknown device.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<RunSummary>> OfDeviceAsync(
        Caller caller, DeviceId device, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var rows = await db.Runs.AsNoTracking().Where(row => row.DeviceId == device && row.StartedAt >= since)
            .OrderByDescending(row => row.StartedAt).Take(RunsMax).ToListAsync(cancellationToken);
        if (rows.Count > 0) caller.Demand(Permission.SeeBackups, rows[0].MemberId);
        return [.. rows.Select(row => row.ToSummary())];
    }

    /// <summary>One run with its log.</summary>
    /// <returns>null: there is none of that id.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<RunDetail?> FindAsync(Caller caller, Guid run, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var row = await db.Runs.AsNoTracking().SingleOrDefaultAsync(each => each.Id == run, cancellationToken);
        if (row is null) return null;

        caller.Demand(Permission.SeeBackups, row.MemberId);
        return row.ToDetail();
    }

    /// <summary>The newest run of each device, and the newest good one where that is another.</summary>
    /// <param name="member">Of one member, or of all that the caller sees.</param>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<RunSummary>> LatestAsync(
        Caller caller, MemberId? member, CancellationToken cancellationToken)
    {
        var scope = PermittedScope.Of(caller, Permission.SeeBackups, member);
        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        // The wall in the database leaves the scope's devices and runs; the filter of the context does so once more.
        // For each device two steps down an index, however many runs there are; 'group by' would read them all.
        var rows = await db.Runs.FromSql($"""
            select distinct r.* from fleet.devices d
            cross join lateral (
              (select * from fleet.runs where device_id = d.id order by started_at desc limit 1)
              union all
              (select * from fleet.runs where device_id = d.id and outcome in ('completed', 'completedWithWarnings')
               order by started_at desc limit 1)) r
            """).AsNoTracking().ToListAsync(cancellationToken);
        return [.. rows.Select(row => row.ToSummary()).OrderByDescending(run => run.Started)];
    }

    /// <summary>For each of these devices and each day with a run since <paramref name="since"/>, the best
    /// outcome.</summary>
    /// <param name="timeZone">IANA name of the zone whose days are meant.</param>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public Task<IReadOnlyList<RunDay>> DaysOfAsync(
        Caller caller, IReadOnlyCollection<DeviceId> devices, DateTimeOffset since, string timeZone,
        CancellationToken cancellationToken) =>
        ReadDaysAsync(caller, member: null, [.. devices.Select(device => device.Value)], since, timeZone,
            cancellationToken);

    /// <summary>For each device and day with a run since <paramref name="since"/>, the best outcome.</summary>
    /// <param name="member">Of one member, or of all that the caller sees.</param>
    /// <param name="timeZone">IANA name of the zone whose days are meant.</param>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public Task<IReadOnlyList<RunDay>> DaysAsync(
        Caller caller, MemberId? member, DateTimeOffset since, string timeZone, CancellationToken cancellationToken) =>
        ReadDaysAsync(caller, member, devices: null, since, timeZone, cancellationToken);

    private async Task<IReadOnlyList<RunDay>> ReadDaysAsync(
        Caller caller, MemberId? member, Guid[]? devices, DateTimeOffset since, string timeZone,
        CancellationToken cancellationToken)
    {
        var scope = PermittedScope.Of(caller, Permission.SeeBackups, member);
        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        var days = await db.Database.SqlQuery<DayRow>($"""
            select device_id as "Device", (started_at at time zone {timeZone})::date as "Day",
                   min(case outcome when 'completed' then 0 when 'completedWithWarnings' then 1
                                    when 'failed' then 2 else 3 end) as "Best",
                   count(*)::int as "Runs", sum(new_bytes)::bigint as "NewBytes"
            from fleet.runs
            where started_at >= {since} and ({devices}::uuid[] is null or device_id = any ({devices}))
            group by 1, 2
            """).ToListAsync(cancellationToken);
        return
        [
            .. days.Select(day => new RunDay(
                new DeviceId(day.Device), day.Day, (RunOutcome)day.Best, day.Runs, day.NewBytes)),
        ];
    }

    private sealed record DayRow(Guid Device, DateOnly Day, int Best, int Runs, long NewBytes);
}

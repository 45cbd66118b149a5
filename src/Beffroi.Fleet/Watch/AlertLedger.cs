using System.Security.Cryptography;
using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Watch;

/// <summary>A member's findings that its référents have not been told of.</summary>
public sealed record UntoldAlerts(MemberId Member, IReadOnlyList<UntoldAlert> Alerts);

/// <summary>One of them.</summary>
public sealed record UntoldAlert(Guid Id, DeviceId Device, string DeviceName, DeviceKind Kind, WatchFinding Finding);

/// <summary>Turns what the board shows into alerts that begin, get worse and end, so that each is told once. For jobs:
/// works over all members.</summary>
public sealed class AlertLedger
{
    // "alerts" as ASCII bytes: servers take turns, each would else insert the same alerts.
    private const long TurnLock = 0x616C65727473;

    private readonly IDbContextFactory<FleetDb> _contexts;
    private readonly WatchThresholds _limits;
    private readonly TimeProvider _time;

    internal AlertLedger(IDbContextFactory<FleetDb> contexts, WatchThresholds limits, TimeProvider time) =>
        (_contexts, _limits, _time) = (contexts, limits, time);

    /// <summary>Judges every device and brings the alerts up to date.</summary>
    /// <returns>How many are open.</returns>
    public async Task<int> RefreshAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({TurnLock})", cancellationToken);
        var now = _time.GetUtcNow();
        var devices = await WatchQuery.ReadAsync(db, device: null, _limits, now, cancellationToken);
        var open = await db.Alerts.Where(row => row.ClearedAt == null)
            .ToDictionaryAsync(row => (row.DeviceId, row.Reason), cancellationToken);
        foreach (var device in devices)
            foreach (var finding in device.Findings)
            {
                if (open.Remove((device.Id, finding.Reason), out var known)) Follow(known, finding);
                else db.Alerts.Add(Raise(device, finding, now));
            }
        foreach (var gone in open.Values) gone.ClearedAt = now;
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return devices.Sum(device => device.Findings.Count);
    }

    /// <summary>Open alerts at <see cref="WatchState.Action"/> of which nobody was told, member by member. What
    /// somebody acknowledged is not among them.</summary>
    public async Task<IReadOnlyList<UntoldAlerts>> ListUntoldAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var now = _time.GetUtcNow();
        var rows = await (
            from alert in db.Alerts.AsNoTracking()
            join device in db.Devices on alert.DeviceId equals device.Id
            where alert.ClearedAt == null && alert.ToldAt == null && alert.State == WatchState.Action
                && !db.Acknowledgements.Any(note => note.DeviceId == alert.DeviceId && note.Reason == alert.Reason
                    && note.Until > now && note.State == WatchState.Action)
            orderby alert.MemberId, device.Name
            select new { alert, device.Name, device.Kind }).ToListAsync(cancellationToken);
        return
        [
            .. rows.GroupBy(row => row.alert.MemberId).Select(group => new UntoldAlerts(
                group.Key,
                [
                    .. group.Select(row => new UntoldAlert(
                        row.alert.Id, row.alert.DeviceId, row.Name, row.Kind, row.alert.ToFinding())),
                ])),
        ];
    }

    /// <summary>Notes that a member's référents were told.</summary>
    public async Task NoteToldAsync(IReadOnlyCollection<Guid> alerts, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var now = _time.GetUtcNow();
        await db.Alerts.Where(row => alerts.Contains(row.Id))
            .ExecuteUpdateAsync(row => row.SetProperty(each => each.ToldAt, now), cancellationToken);
    }

    private static Alert Raise(WatchedDevice device, WatchFinding finding, DateTimeOffset now) => new()
    {
        Id = new Guid(RandomNumberGenerator.GetBytes(16)),
        DeviceId = device.Id,
        MemberId = device.Member,
        Reason = finding.Reason,
        State = finding.State,
        Since = finding.Since,
        Number = finding.Number,
        Text = finding.Text,
        RaisedAt = now,
    };

    private static void Follow(Alert known, WatchFinding finding)
    {
        if (finding.State > known.State) known.ToldAt = null; // It got worse: that is news.
        (known.State, known.Since, known.Number, known.Text) =
            (finding.State, finding.Since, finding.Number, finding.Text);
    }
}

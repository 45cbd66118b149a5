using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Watch;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Vault;

namespace Beffroi.Fleet.Retention;

/// <summary>Which snapshots of a device its rules keep, for the calendar of versions. May be used from many threads at
/// once.</summary>
public sealed class RetentionCalendar
{
    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly SnapshotBrowser _browser;
    private readonly TimeZoneInfo _zone;

    internal RetentionCalendar(ScopedContexts<FleetDb> contexts, SnapshotBrowser browser, TimeZoneInfo zone) =>
        (_contexts, _browser, _zone) = (contexts, browser, zone);

    /// <summary>Judges the device's snapshots. Those that the night's watch holds for the work of ransomware are
    /// nobody's keepers.</summary>
    /// <returns><see langword="null"/> if the caller sees no such device.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<RetentionVerdict?> ReadAsync(
        Caller caller, DeviceId device, RetentionPolicy policy, CancellationToken cancellationToken)
    {
        if (await ListAsync(caller, device, cancellationToken) is not { } lines) return null;

        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var suspect = await SuspectRuns.SnapshotsAsync(db, device, cancellationToken);
        var snapshots = lines.Select(line => new RetainedSnapshot(
            line.Id, line.Sequence, line.ReceivedAt,
            suspect.Contains(line.Id) ? SnapshotWorth.Anomalous : SnapshotWorth.Good));
        return RetentionRules.Judge(snapshots, policy, _zone);
    }

    private async Task<List<SnapshotLine>?> ListAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        var lines = new List<SnapshotLine>();
        long? before = null;
        do
        {
            var query = new SnapshotQuery(device, BeforeSequence: before, CountMax: SnapshotQuery.CountLimit);
            var page = await _browser.ListSnapshotsAsync(caller, query, cancellationToken);
            if (page is null) return null;
            lines.AddRange(page.Snapshots);
            before = page.NextBeforeSequence;
        }
        while (before is not null);
        return lines;
    }
}

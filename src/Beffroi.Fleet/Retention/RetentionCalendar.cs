using Beffroi.Fleet.Browse;
using Beffroi.Identity.Access;
using Beffroi.Vault;

namespace Beffroi.Fleet.Retention;

/// <summary>Which snapshots of a device its rules keep, for the calendar of versions. May be used from many threads at
/// once.</summary>
public sealed class RetentionCalendar
{
    private readonly SnapshotBrowser _browser;
    private readonly TimeZoneInfo _zone;

    internal RetentionCalendar(SnapshotBrowser browser, TimeZoneInfo zone) => (_browser, _zone) = (browser, zone);

    /// <summary>Judges the device's snapshots.</summary>
    /// <param name="doubts">Snapshots that the night's watch or a check holds for anything but good.</param>
    /// <returns><see langword="null"/> if the caller sees no such device.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<RetentionVerdict?> ReadAsync(
        Caller caller, DeviceId device, RetentionPolicy policy,
        IReadOnlyDictionary<SnapshotId, SnapshotWorth> doubts, CancellationToken cancellationToken)
    {
        var snapshots = new List<RetainedSnapshot>();
        long? before = null;
        do
        {
            var query = new SnapshotQuery(device, BeforeSequence: before, CountMax: SnapshotQuery.CountLimit);
            var page = await _browser.ListSnapshotsAsync(caller, query, cancellationToken);
            if (page is null) return null;
            snapshots.AddRange(page.Snapshots.Select(line => new RetainedSnapshot(
                line.Id, line.Sequence, line.ReceivedAt,
                doubts.GetValueOrDefault(line.Id, SnapshotWorth.Good))));
            before = page.NextBeforeSequence;
        }
        while (before is not null);
        return RetentionRules.Judge(snapshots, policy, _zone);
    }
}

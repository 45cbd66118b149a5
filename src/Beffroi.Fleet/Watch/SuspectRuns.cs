using System.Text.Json;
using Beffroi.Fleet.Runs;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Watch;

/// <summary>Finds the snapshots of a device whose runs counted what ransomware does.</summary>
internal static class SuspectRuns
{
    /// <summary>They keep no other version from being kept, and are offered last.</summary>
    internal static async Task<HashSet<SnapshotId>> SnapshotsAsync(
        FleetDb db, DeviceId device, CancellationToken cancellationToken)
    {
        // A log is 64 KiB at most, and a laptop has thousands: the database picks the few where enough files changed.
        var rows = await db.Database.SqlQuery<TraceRow>($"""
            select snapshot_id as "Snapshot", (log->'traces')::text as "Traces" from fleet.runs
            where device_id = {device.Value} and snapshot_id is not null
              and (log->'traces'->>'changedFiles')::bigint + (log->'traces'->>'goneFiles')::bigint
                >= {RansomwareSigns.FilesMin}
            """).ToListAsync(cancellationToken);
        return
        [
            .. rows.Where(row => RansomwareSigns.Found(TracesOf(row)))
                .Select(row => new SnapshotId(new Digest256(row.Snapshot))),
        ];
    }

    private static RunTraces TracesOf(TraceRow row) =>
        JsonSerializer.Deserialize(row.Traces, RunLogJson.Default.RunTraces)
            ?? throw new JsonException("The traces of a run in the database are null.");

    private sealed record TraceRow(byte[] Snapshot, string Traces);
}

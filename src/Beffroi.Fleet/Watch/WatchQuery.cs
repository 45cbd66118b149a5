using System.Text.Json;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Runs;
using Beffroi.Identity;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Watch;

/// <summary>Reads the facts of all devices in use in one query, and judges them.</summary>
internal static class WatchQuery
{
    internal static async Task<IReadOnlyList<WatchedDevice>> ReadAsync(
        FleetDb db, DeviceId? device, WatchThresholds limits, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await FactRows(db, device?.Value).ToListAsync(cancellationToken);
        var notes = (await db.Acknowledgements.AsNoTracking()
            .Where(row => row.Until > now && (device == null || row.DeviceId == device))
            .ToListAsync(cancellationToken)).ToLookup(row => row.DeviceId);
        return [.. rows.Select(row => row.Judge(limits, notes[new DeviceId(row.Id)], now))];
    }

    /// <summary>For each device two steps down an index of runs, however many there are. The wall in the database
    /// leaves only the scope's rows. Of a log the lists that no rule reads stay there: they are its bulk.</summary>
    private static IQueryable<FactRow> FactRows(FleetDb db, Guid? device) => db.Database.SqlQuery<FactRow>($"""
        select d.id as "Id", v.member_id as "Member", d.name as "Name", d.kind as "Kind",
               d.enrolled_at as "EnrolledAt", d.last_snapshot_at as "LastGoodAt", d.agent_version as "AgentVersion",
               greatest(d.last_seen_at, p.at) as "LastSeenAt", v.quota_bytes as "QuotaBytes",
               v.used_bytes as "UsedBytes", p.clock_ahead_seconds as "ClockAheadSeconds",
               p.duplicate_since as "DuplicateSince", coalesce(p.unsent_runs, 0) as "UnsentRuns",
               p.next_run_at as "NextRunAt", r.outcome as "Outcome", r.started_at as "StartedAt", r.code as "Code",
               r.unreadable as "Unreadable", r.logical_bytes as "LogicalBytes", r.new_bytes as "NewBytes",
               (r.log || jsonb_build_object('unreadable', '[]'::jsonb, 'warnings', '[]'::jsonb))::text as "Log",
               u.mean as "UsualNewBytes", coalesce(f.number, 0) as "Uncovered", f.since as "UncoveredSince"
        from fleet.devices d
        join fleet.vaults v on v.id = d.vault_id
        left join fleet.presences p on p.device_id = d.id
        left join lateral (
          select * from fleet.runs where device_id = d.id order by started_at desc limit 1) r on true
        left join lateral (
          select avg(new_bytes)::float8 as mean from (
            select new_bytes from fleet.runs
            where device_id = d.id and started_at < r.started_at
              and outcome in ('completed', 'completedWithWarnings')
            order by started_at desc limit 14) before
          having count(*) >= 5) u on true
        left join (
          select device_id, count(*)::int as number, min(first_seen_at) as since from fleet.findings
          where gone_at is null and acknowledged_at is null group by device_id) f on f.device_id = d.id
        where d.revoked_at is null and ({device}::uuid is null or d.id = {device})
        order by v.member_id, d.name
        """);

    private sealed record FactRow(
        Guid Id, Guid Member, string Name, string Kind, DateTimeOffset EnrolledAt, DateTimeOffset? LastGoodAt,
        string AgentVersion, DateTimeOffset? LastSeenAt, long QuotaBytes, long UsedBytes, double? ClockAheadSeconds,
        DateTimeOffset? DuplicateSince, int UnsentRuns, DateTimeOffset? NextRunAt, string? Outcome,
        DateTimeOffset? StartedAt, string? Code, long? Unreadable, long? LogicalBytes, long? NewBytes, string? Log,
        double? UsualNewBytes, int Uncovered, DateTimeOffset? UncoveredSince)
    {
        internal WatchedDevice Judge(WatchThresholds limits, IEnumerable<Acknowledgement> notes, DateTimeOffset now)
        {
            var facts = ToFacts();
            var findings = WatchRules.Judge(facts, limits, now);
            return new WatchedDevice(
                new DeviceId(Id), new MemberId(Member), Name, facts.Kind, WatchRules.StateOf(findings), EnrolledAt,
                LastGoodAt, LastSeenAt, NextRunAt, facts.LastRun?.Outcome, findings, Holding(notes, findings));
        }

        private DeviceFacts ToFacts() => new(
            DeviceKindText.Parse(Kind), EnrolledAt, LastGoodAt, ToRun(), UsualNewBytes, QuotaBytes, UsedBytes,
            AgentVersion, ClockAheadSeconds is { } ahead ? TimeSpan.FromSeconds(ahead) : null, DuplicateSince,
            UnsentRuns, Uncovered, UncoveredSince);

        private LastRun? ToRun()
        {
            if (Outcome is null) return null;

            var log = RunLogJson.Read(Log ?? throw new JsonException($"Device {Id} has a run without a log."));
            return new LastRun(
                RunText.Outcome(Outcome), StartedAt ?? default, Code, Unreadable ?? 0, LogicalBytes ?? 0,
                NewBytes ?? 0, log.Refused, log.Traces);
        }

        /// <summary>Notes on what still holds and has not got worse.</summary>
        private static List<AcknowledgedFinding> Holding(
            IEnumerable<Acknowledgement> notes, IReadOnlyList<WatchFinding> findings) =>
        [
            .. notes.Where(note => findings.Any(each => each.Reason == note.Reason && each.State <= note.State))
                .Select(note => new AcknowledgedFinding(note.Reason, note.Note, note.ActorName, note.At, note.Until)),
        ];
    }
}

using Beffroi.Fleet.Drift;
using Beffroi.Fleet.Orders;
using Beffroi.Fleet.Plans;
using Beffroi.Fleet.Runs;
using Beffroi.Identity;
using Beffroi.Intake;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Beffroi.Fleet.Presence;

/// <summary>Hears the daemons and answers what is wanted of them (docs/format/protocol.md §7).</summary>
internal sealed partial class PresenceIntake(
    IDbContextFactory<FleetDb> contexts, RunIntake runs, OrderIntake orders, IntakeOptions options, TimeProvider time,
    ILogger<PresenceIntake> logger) : IDaemonDesk
{
    private const int NameCharactersMax = 200;

    // Who works reports more often than who waits: what a person watches moves.
    private static readonly TimeSpan WorkingPeriod = TimeSpan.FromSeconds(15);

    // A clone that slept longer than this is found when it has come and gone once more.
    private static readonly TimeSpan LivesKept = TimeSpan.FromDays(90);

    public async Task<CheckInAnswer> CheckInAsync(
        KnownDevice device, CheckInRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // One at a time for each device: two computers under one identity must not miss each other.
        await db.Database.ExecuteSqlAsync(
            $"select 1 from fleet.devices where id = {device.Id.Value} for no key update", cancellationToken);
        var member = await db.Vaults.Where(row => row.Id == device.Vault).Select(row => row.MemberId)
            .SingleAsync(cancellationToken);
        var row = await FindOrAddAsync(db, device.Id, member, cancellationToken);
        Note(row, request, now);
        await NoteLifeAsync(db, row, request, now, cancellationToken);
        if (request.Uncovered is { } uncovered)
            await FindingIntake.NoteAsync(db, device.Id, member, uncovered, now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        var newest = await db.Plans.AsNoTracking().Where(plan => plan.DeviceId == device.Id)
            .OrderByDescending(plan => plan.Revision).FirstOrDefaultAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CheckInAnswer(
            now, (int)PeriodFor(request).TotalSeconds, newest?.Revision ?? 0,
            await orders.ListAsync(device.Id, cancellationToken), row.DuplicateSince is not null,
            newest is null || newest.Revision == request.PlanRevision
                ? null : PlanWire.ToMessage(PlanJson.Read(newest.Content), newest.Revision));
    }

    public Task<bool> NoteRunAsync(KnownDevice device, RunReport report, CancellationToken cancellationToken) =>
        runs.NoteAsync(device, report, cancellationToken);

    public Task<OrderProgressAnswer> NoteProgressAsync(
        KnownDevice device, Guid order, OrderProgress progress, CancellationToken cancellationToken) =>
        orders.NoteAsync(device, order, progress, cancellationToken);

    private TimeSpan PeriodFor(CheckInRequest request) =>
        request.Running is not null && WorkingPeriod < options.CheckInPeriod ? WorkingPeriod : options.CheckInPeriod;

    private static async Task<PresenceRow> FindOrAddAsync(
        FleetDb db, DeviceId device, MemberId member, CancellationToken cancellationToken)
    {
        var row = await db.Presences.SingleOrDefaultAsync(each => each.DeviceId == device, cancellationToken);
        if (row is not null) return row;

        row = new PresenceRow { DeviceId = device, MemberId = member };
        db.Presences.Add(row);
        return row;
    }

    private static void Note(PresenceRow row, CheckInRequest request, DateTimeOffset now)
    {
        var ahead = request.Clock - now;
        row.At = now;
        row.AgentVersion = Text(request.AgentVersion);
        row.Platform = Text(request.Platform);
        row.System = Text(request.System);
        row.HostName = Text(request.HostName);
        row.ClockAheadSeconds = ahead.TotalSeconds;
        row.Power = Text(request.Power);
        row.BatteryPercent = request.BatteryPercent is { } percent ? Math.Clamp(percent, 0, 100) : null;
        row.Network = Text(request.Network);
        if (row.PlanRevision != request.PlanRevision || row.PlanKnownAt is null)
            (row.PlanRevision, row.PlanKnownAt) = (request.PlanRevision, now);
        row.NextRunAt = (request.NextRun - ahead)?.ToUniversalTime();
        row.WaitsFor = request.WaitsFor is { } reason ? Text(reason) : null;
        row.UnsentRuns = Math.Max(0, request.UnsentRuns);
        row.Running = request.Running is { } running ? PresenceJson.Write(WorkOf(running, ahead)) : null;
    }

    private static RunningWork WorkOf(RunningMessage running, TimeSpan ahead) => new(
        running.Run, running.Activity == "restore", running.Order, (running.Started - ahead).ToUniversalTime(),
        running.Files, running.FilesTotal, running.Bytes, running.BytesTotal);

    /// <summary>Remembers which life of the daemon spoke, and flags the device when two of them take turns.</summary>
    private async Task NoteLifeAsync(
        FleetDb db, PresenceRow row, CheckInRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var lives = await db.Installations.Where(each => each.DeviceId == row.DeviceId)
            .ToListAsync(cancellationToken);
        var life = lives.Find(each =>
            each.InstallationId == request.Installation && each.StartId == request.Start);
        if (life is null)
        {
            db.Installations.RemoveRange(lives.Where(each => each.LastSeenAt < now - LivesKept));
            db.Installations.Add(new Installation
            {
                DeviceId = row.DeviceId,
                InstallationId = request.Installation,
                StartId = request.Start,
                MemberId = row.MemberId,
                HostName = Text(request.HostName),
                BootedAt = request.Booted?.ToUniversalTime(),
                FirstSeenAt = now,
                LastSeenAt = now,
            });
            return;
        }
        var rivals = CloneRule.FindRivals(life, lives.Where(each => each != life));
        if (rivals.Count > 0 && row.DuplicateSince is null)
        {
            row.DuplicateSince = now;
            row.DuplicateHostNames =
                [.. rivals.Select(rival => rival.HostName).Append(life.HostName).Distinct(StringComparer.Ordinal)];
            LogDuplicate(row.DeviceId, string.Join(", ", row.DuplicateHostNames));
        }
        life.LastSeenAt = now;
    }

    private static string Text(string text) => string.Concat(
        text.Take(NameCharactersMax).Select(character => char.IsControl(character) ? ' ' : character));

    [LoggerMessage(3200, LogLevel.Warning,
        "Two computers live under the identity of device {Device} (seen as {HostNames}): a cloned disk, perhaps")]
    private partial void LogDuplicate(DeviceId device, string hostNames);
}

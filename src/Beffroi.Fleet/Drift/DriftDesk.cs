using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Drift;

/// <summary>What devices found outside of their plans, and what was decided about it. Any thread.</summary>
public sealed class DriftDesk
{
    private const int NoteCharactersMax = 1000;

    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal DriftDesk(ScopedContexts<FleetDb> contexts, ActJournal journal, TimeProvider time) =>
        (_contexts, _journal, _time) = (contexts, journal, time);

    /// <summary>What is there now, the biggest first.</summary>
    /// <param name="member">Of one member, or of all that the caller sees.</param>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<DriftFinding>> ListAsync(
        Caller caller, MemberId? member, CancellationToken cancellationToken)
    {
        var scope = PermittedScope.Of(caller, Permission.SeeBackups, member);
        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        var rows = await db.Findings.AsNoTracking().Where(row => row.GoneAt == null)
            .OrderByDescending(row => row.Bytes).ToListAsync(cancellationToken);
        return [.. rows.Select(row => row.ToFinding())];
    }

    /// <summary>Notes that somebody decided to leave something outside of the plan.</summary>
    /// <returns>Whether there was something to decide; null: the device found no such thing.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageBackups"/>.</exception>
    public async Task<bool?> AcknowledgeAsync(
        Caller caller, DeviceId device, string path, string note, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.Findings.SingleOrDefaultAsync(
            each => each.DeviceId == device && each.Path == path, cancellationToken);
        if (row is null) return null;

        caller.Demand(Permission.ManageBackups, row.MemberId);
        if (row.AcknowledgedAt is not null) return false;

        (row.AcknowledgedActor, row.AcknowledgedName, row.AcknowledgedAt) =
            (caller.Actor, caller.Name, _time.GetUtcNow());
        row.Note = note[..Math.Min(note.Length, NoteCharactersMax)];
        await _journal.AppendAsync(
            db,
            PrivilegedAct.Of(
                caller, "drift-acknowledged", row.MemberId, ("device", device.ToString()), ("path", path)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}

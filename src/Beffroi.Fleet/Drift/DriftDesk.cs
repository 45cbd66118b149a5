using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Plans;
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
    private readonly PlanDesk _plans;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal DriftDesk(
        ScopedContexts<FleetDb> contexts, PlanDesk plans, ActJournal journal, TimeProvider time) =>
        (_contexts, _plans, _journal, _time) = (contexts, plans, journal, time);

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

    /// <summary>What one device has outside of its plan now, the biggest first; nothing of an unknown one.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<DriftFinding>> OfDeviceAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var rows = await db.Findings.AsNoTracking().Where(row => row.DeviceId == device && row.GoneAt == null)
            .OrderByDescending(row => row.Bytes).ToListAsync(cancellationToken);
        if (rows.Count > 0) caller.Demand(Permission.SeeBackups, rows[0].MemberId);
        return [.. rows.Select(row => row.ToFinding())];
    }

    /// <summary>Adds a folder to the device's plan. Who is of the member stands for the new scope by that; else
    /// somebody of the member signs it off later.</summary>
    /// <returns>null: the device found no such thing.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageBackups"/>.</exception>
    public async Task<CoverOutcome?> CoverAsync(
        Caller caller, DeviceId device, string path, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var row = await db.Findings.SingleOrDefaultAsync(
            each => each.DeviceId == device && each.Path == path && each.GoneAt == null, cancellationToken);
        if (row is null) return null;

        caller.Demand(Permission.ManageBackups, row.MemberId);
        if (row.IsDatabase) return CoverOutcome.NeedsDump;
        if (path.Length == Finding.PathCharactersMax) return CoverOutcome.PlanRefused; // It may have been cut off.
        if (await _plans.FindAsync(caller, device, cancellationToken) is not { Newest: var newest })
            return CoverOutcome.NoPlan;

        var revised = await _plans.ReviseAsync(
            caller, device, With(newest.Content, path), newest.Revision, cancellationToken);
        if (revised is not PlanOutcome.Saved)
            return revised is PlanOutcome.Outdated ? CoverOutcome.PlanChanged : CoverOutcome.PlanRefused;

        row.GoneAt = _time.GetUtcNow(); // A device that has not the new plan yet may name it once more.
        await db.SaveChangesAsync(cancellationToken);
        return CoverOutcome.Covered;
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

    private static PlanContent With(PlanContent plan, string path) => plan.Scope.Include.Contains(path)
        ? plan
        : plan with { Scope = plan.Scope with { Include = [.. plan.Scope.Include, path] } };
}

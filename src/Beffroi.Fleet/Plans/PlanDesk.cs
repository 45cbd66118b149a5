using System.Globalization;
using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Fleet.Plans;

/// <summary>The plans of the devices: proposed, revised, signed off. A device gets the newest revision at its next
/// check-in, also if that is a month from now. Any thread.</summary>
public sealed class PlanDesk
{
    private const int RevisionsMax = 200; // One page; a plan that changes more often than weekly is a mistake.

    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly MemberDirectory _members;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal PlanDesk(
        ScopedContexts<FleetDb> contexts, MemberDirectory members, ActJournal journal, TimeProvider time) =>
        (_contexts, _members, _journal, _time) = (contexts, members, journal, time);

    /// <summary>The plan to begin with, by the member's level and the kind of device. Nothing is stored.</summary>
    /// <returns>null: no such device.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<PlanContent?> ProposeAsync(Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        if (await OwnDevice.FindAsync(db, device, cancellationToken) is not { } own) return null;

        caller.Demand(Permission.SeeBackups, own.Member);
        var member = await _members.FindMemberAsync(own.Member, cancellationToken);
        return PlanPresets.For(member?.Level ?? 1, own.Kind, own.Platform);
    }

    /// <summary>The device's plan.</summary>
    /// <returns>null: no such device, or it has no plan yet.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<DevicePlan?> FindAsync(Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        if (await NewestAsync(db, device, cancellationToken) is not { } newest) return null;

        caller.Demand(Permission.SeeBackups, newest.MemberId);
        var known = await db.Presences.AsNoTracking().Where(row => row.DeviceId == device)
            .Select(row => new { row.PlanRevision, row.PlanKnownAt }).SingleOrDefaultAsync(cancellationToken);
        return new DevicePlan(newest.ToRevision(), known?.PlanRevision ?? 0, known?.PlanKnownAt);
    }

    /// <summary>All revisions, newest first; none for an unknown device.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<PlanRevision>> HistoryAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var rows = await db.Plans.AsNoTracking().Where(row => row.DeviceId == device)
            .OrderByDescending(row => row.Revision).Take(RevisionsMax).ToListAsync(cancellationToken);
        if (rows.Count > 0) caller.Demand(Permission.SeeBackups, rows[0].MemberId);
        return [.. rows.Select(row => row.ToRevision())];
    }

    /// <summary>Adds a revision. A change that leaves the scope as it is keeps the signature of the
    /// one before.</summary>
    /// <param name="basedOn">The revision that the caller saw; 0 for the first.</param>
    /// <returns>null: no such device.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageBackups"/>.</exception>
    public async Task<PlanOutcome?> ReviseAsync(
        Caller caller, DeviceId device, PlanContent content, long basedOn, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        if (await OwnDevice.FindAsync(db, device, cancellationToken) is not { } own) return null;

        caller.Demand(Permission.ManageBackups, own.Member);
        if (PlanCheck.FaultsOf(content) is { Count: > 0 } faults) return new PlanOutcome.Invalid(faults);

        var newest = await NewestAsync(db, device, cancellationToken);
        if (newest is not null && newest.Revision != basedOn) return new PlanOutcome.Outdated(newest.ToRevision());

        var added = Next(caller, own, content, newest);
        return await TryAddAsync(db, caller, added, cancellationToken)
            ? new PlanOutcome.Saved(added.ToRevision())
            : new PlanOutcome.Outdated((await NewestAsync(db, device, cancellationToken))!.ToRevision());
    }

    /// <summary>Stands for a revision's scope, as somebody of the member.</summary>
    /// <returns>null: no such device or revision.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageBackups"/>.</exception>
    public async Task<SignOffOutcome?> SignOffAsync(
        Caller caller, DeviceId device, long revision, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.Plans.SingleOrDefaultAsync(
            each => each.DeviceId == device && each.Revision == revision, cancellationToken);
        if (row is null) return null;

        caller.Demand(Permission.ManageBackups, row.MemberId);
        if (caller.IsOutsider(row.MemberId)) return SignOffOutcome.NotOfTheMember;
        if (row.SignedAt is not null) return SignOffOutcome.SignedBefore;

        Sign(row, caller);
        await _journal.AppendAsync(db, ActOf(caller, "plan-signed", row), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return SignOffOutcome.SignedNow;
    }

    private static Task<PlanRow?> NewestAsync(FleetDb db, DeviceId device, CancellationToken cancellationToken) =>
        db.Plans.AsNoTracking().Where(row => row.DeviceId == device)
            .OrderByDescending(row => row.Revision).FirstOrDefaultAsync(cancellationToken);

    private PlanRow Next(Caller caller, OwnDevice own, PlanContent content, PlanRow? newest)
    {
        var row = new PlanRow
        {
            DeviceId = own.Id,
            MemberId = own.Member,
            Revision = (newest?.Revision ?? 0) + 1,
            Content = PlanJson.Write(content),
            Actor = caller.Actor,
            AuthorName = caller.Name,
            CreatedAt = _time.GetUtcNow(),
        };
        if (!caller.IsOutsider(own.Member)) Sign(row, caller); // Who of the member writes it stands for it.
        else if (newest is not null && HasSameScope(newest, content))
            (row.SignedActor, row.SignedName, row.SignedAt) =
                (newest.SignedActor, newest.SignedName, newest.SignedAt);
        return row;
    }

    private void Sign(PlanRow row, Caller caller) =>
        (row.SignedActor, row.SignedName, row.SignedAt) = (caller.Actor, caller.Name, _time.GetUtcNow());

    private static bool HasSameScope(PlanRow newest, PlanContent content)
    {
        var before = PlanJson.Read(newest.Content).Scope;
        return before.DefaultExclusions == content.Scope.DefaultExclusions
            && before.Include.SequenceEqual(content.Scope.Include, StringComparer.Ordinal)
            && before.Exclude.SequenceEqual(content.Scope.Exclude, StringComparer.Ordinal)
            && before.Dumps.SequenceEqual(content.Scope.Dumps);
    }

    private async Task<bool> TryAddAsync(FleetDb db, Caller caller, PlanRow row, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Plans.Add(row);
        try
        {
            await _journal.AppendAsync(db, ActOf(caller, "plan-revised", row), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
            ConstraintName: PlanRowMap.Key,
        })
        {
            return false; // Somebody was quicker.
        }
    }

    private static PrivilegedAct ActOf(Caller caller, string act, PlanRow row) => PrivilegedAct.Of(
        caller, act, row.MemberId,
        ("device", row.DeviceId.ToString()), ("revision", row.Revision.ToString(CultureInfo.InvariantCulture)));
}

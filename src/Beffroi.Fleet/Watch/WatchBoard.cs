using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Watch;

/// <summary>How every device stands now. Judged at the moment of the question, from one query: a device that falls
/// silent is noticed by the clock of the server, not by anything the device says. Any thread.</summary>
public sealed class WatchBoard
{
    /// <summary>How long an acknowledgement can last.</summary>
    public static readonly TimeSpan AcknowledgedMax = TimeSpan.FromDays(90);

    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly WatchThresholds _limits;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal WatchBoard(
        ScopedContexts<FleetDb> contexts, WatchThresholds limits, ActJournal journal, TimeProvider time) =>
        (_contexts, _limits, _journal, _time) = (contexts, limits, journal, time);

    /// <summary>All devices in use that the caller may see, those of one member together.</summary>
    /// <param name="member">Of one member, or of all.</param>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<WatchedDevice>> ListAsync(
        Caller caller, MemberId? member, CancellationToken cancellationToken)
    {
        var scope = PermittedScope.Of(caller, Permission.SeeBackups, member);
        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        return await WatchQuery.ReadAsync(db, device: null, _limits, _time.GetUtcNow(), cancellationToken);
    }

    /// <summary>One device.</summary>
    /// <returns>null: no such device in use.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<WatchedDevice?> FindAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var found = await WatchQuery.ReadAsync(db, device, _limits, _time.GetUtcNow(), cancellationToken);
        if (found is not [var one]) return null;

        caller.Demand(Permission.SeeBackups, one.Member);
        return one;
    }

    /// <summary>Says that a finding was seen and may wait; an earlier note on it is replaced.</summary>
    /// <param name="until">Until when, at most 90 days on.</param>
    /// <returns>false: no such device, or it has no such finding.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageBackups"/>.</exception>
    public async Task<bool> AcknowledgeAsync(
        Caller caller, DeviceId device, WatchReason reason, string note, DateTimeOffset until,
        CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, device, cancellationToken) is not { } found) return false;

        caller.Demand(Permission.ManageBackups, found.Member);
        if (found.Findings.FirstOrDefault(each => each.Reason == reason) is not { } finding) return false;

        var now = _time.GetUtcNow();
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Acknowledgements.Where(row => row.DeviceId == device && row.Reason == reason)
            .ExecuteDeleteAsync(cancellationToken);
        db.Acknowledgements.Add(new Acknowledgement
        {
            DeviceId = device,
            Reason = reason,
            MemberId = found.Member,
            State = finding.State,
            Note = note.Length > Acknowledgement.NoteCharactersMax ? note[..Acknowledgement.NoteCharactersMax] : note,
            Actor = caller.Actor,
            ActorName = caller.Name,
            At = now,
            Until = until < now + AcknowledgedMax ? until : now + AcknowledgedMax,
        });
        await _journal.AppendAsync(
            db,
            PrivilegedAct.Of(
                caller, "alert-acknowledged", found.Member, ("device", device.ToString()),
                ("reason", reason.ToString()), ("note", note)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Takes an acknowledgement back.</summary>
    /// <returns>Whether there was one that the caller sees.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageBackups"/>.</exception>
    public async Task<bool> ReopenAsync(
        Caller caller, DeviceId device, WatchReason reason, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.Acknowledgements.SingleOrDefaultAsync(
            each => each.DeviceId == device && each.Reason == reason, cancellationToken);
        if (row is null) return false;

        caller.Demand(Permission.ManageBackups, row.MemberId);
        db.Acknowledgements.Remove(row);
        await _journal.AppendAsync(
            db,
            PrivilegedAct.Of(
                caller, "alert-reopened", row.MemberId, ("device", device.ToString()), ("reason", reason.ToString())),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}

using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Presence;

/// <summary>Which daemons are there, and what they do. Any thread.</summary>
public sealed class PresenceBoard
{
    private const int LivesShownMax = 6; // Two computers that take turns are among the newest two or three.

    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly ActJournal _journal;

    internal PresenceBoard(ScopedContexts<FleetDb> contexts, ActJournal journal) =>
        (_contexts, _journal) = (contexts, journal);

    /// <summary>What each device last said; a device that never spoke is not there.</summary>
    /// <param name="member">Of one member, or of all that the caller sees.</param>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<DevicePresence>> ListAsync(
        Caller caller, MemberId? member, CancellationToken cancellationToken)
    {
        var scope = PermittedScope.Of(caller, Permission.SeeBackups, member);
        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        var rows = await db.Presences.AsNoTracking().ToListAsync(cancellationToken);
        return [.. rows.Select(row => row.ToPresence())];
    }

    /// <summary>What one device last said.</summary>
    /// <returns>null: no such device, or it never spoke.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<DevicePresence?> FindAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var row = await db.Presences.AsNoTracking()
            .SingleOrDefaultAsync(each => each.DeviceId == device, cancellationToken);
        if (row is null) return null;

        caller.Demand(Permission.SeeBackups, row.MemberId);
        return row.ToPresence();
    }

    /// <summary>The lives of a device's daemon, the one that spoke last first: what tells a copy from a
    /// restart. None of an unknown device.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<DeviceLife>> LivesAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var rows = await db.Installations.AsNoTracking().Where(row => row.DeviceId == device)
            .OrderByDescending(row => row.LastSeenAt).Take(LivesShownMax).ToListAsync(cancellationToken);
        if (rows.Count > 0) caller.Demand(Permission.SeeBackups, rows[0].MemberId);
        return [.. rows.Select(row => new DeviceLife(row.HostName, row.BootedAt, row.FirstSeenAt, row.LastSeenAt))];
    }

    /// <summary>Says that the copy of a device is gone. If it is not, the flag comes back.</summary>
    /// <returns>Whether there was a flag; null: no such device.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageDevices"/>.</exception>
    public async Task<bool?> SettleDuplicateAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.Presences.SingleOrDefaultAsync(each => each.DeviceId == device, cancellationToken);
        if (row is null) return null;

        caller.Demand(Permission.ManageDevices, row.MemberId);
        if (row.DuplicateSince is null) return false;

        (row.DuplicateSince, row.DuplicateHostNames) = (null, []);
        await db.Installations.Where(each => each.DeviceId == device).ExecuteDeleteAsync(cancellationToken);
        await _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, "duplicate-settled", row.MemberId, ("device", device.ToString())),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}

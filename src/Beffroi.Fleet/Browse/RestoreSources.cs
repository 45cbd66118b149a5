using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Browse;

/// <summary>A device of which there may be snapshots.</summary>
/// <param name="Platform">Such as <c>linux</c> or <c>windows</c>.</param>
/// <param name="IsInUse">Whether something can be sent to it; its snapshots stay when it is shut out.</param>
/// <param name="LastSnapshotAt">None: it has no snapshot.</param>
public sealed record RestoreSource(
    DeviceId Id, MemberId Member, string Name, DeviceKind Kind, string Platform, bool IsInUse,
    DateTimeOffset? LastSnapshotAt);

/// <summary>Where files can be brought back from: the devices, with those that are out of use, since the files of a
/// computer that was stolen or burnt are wanted most. May be used from many threads at once.</summary>
public sealed class RestoreSources
{
    private readonly ScopedContexts<FleetDb> _contexts;

    internal RestoreSources(ScopedContexts<FleetDb> contexts) => _contexts = contexts;

    /// <summary>All that the caller sees and that are in use or have snapshots, those of one member together.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<RestoreSource>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var scope = PermittedScope.Of(caller, Permission.SeeBackups, member: null);
        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        return await Rows(db, db.Devices.Where(row => row.RevokedAt == null || row.LastSnapshotAt != null))
            .ToListAsync(cancellationToken);
    }

    /// <summary>One device.</summary>
    /// <returns><see langword="null"/> if the caller sees no such device.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<RestoreSource?> FindAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var found = await Rows(db, db.Devices.Where(row => row.Id == device)).SingleOrDefaultAsync(cancellationToken);
        if (found is not null) caller.Demand(Permission.SeeBackups, found.Member);
        return found;
    }

    /// <summary>Where a member's files can be sent to: its devices in use.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.RestoreData"/>.</exception>
    public async Task<IReadOnlyList<RestoreSource>> TargetsAsync(
        Caller caller, MemberId member, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.RestoreData, member);
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var vaults = db.Vaults.Where(row => row.MemberId == member).Select(row => row.Id);
        return await Rows(db, db.Devices.Where(row => row.RevokedAt == null && vaults.Contains(row.VaultId)))
            .ToListAsync(cancellationToken);
    }

    /// <summary>A snapshot by its number among its device's.</summary>
    /// <returns><see langword="null"/> if the caller sees no such snapshot.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<SnapshotLine?> FindSnapshotAsync(
        Caller caller, DeviceId device, long sequence, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, device, cancellationToken) is null) return null;

        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var row = await db.Snapshots.AsNoTracking()
            .SingleOrDefaultAsync(each => each.DeviceId == device && each.Sequence == sequence, cancellationToken);
        return row is null ? null : SnapshotLine.Of(row);
    }

    private static IQueryable<RestoreSource> Rows(FleetDb db, IQueryable<Device> devices) =>
        from row in devices.AsNoTracking()
        join vault in db.Vaults on row.VaultId equals vault.Id
        orderby vault.MemberId, row.Name, row.Id
        select new RestoreSource(
            row.Id, vault.MemberId, row.Name, row.Kind, row.Platform, row.RevokedAt == null, row.LastSnapshotAt);
}

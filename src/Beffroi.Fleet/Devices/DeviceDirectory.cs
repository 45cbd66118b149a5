using Beffroi.Fleet.MemberLog;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Devices;

/// <summary>A machine as an administrator sees it.</summary>
public sealed record DeviceSummary(
    DeviceId Id, MemberId Member, string Name, DeviceKind Kind, string Platform, string AgentVersion,
    DateTimeOffset EnrolledAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastSeenAt, DateTimeOffset? LastSnapshotAt);

/// <summary>The enrolled machines. May be used from many threads at once.</summary>
public sealed class DeviceDirectory
{
    private readonly IDbContextFactory<FleetDb> _contexts;
    private readonly VaultJournal _journal;
    private readonly MemberLogs _logs;

    internal DeviceDirectory(IDbContextFactory<FleetDb> contexts, VaultJournal journal, MemberLogs logs) =>
        (_contexts, _journal, _logs) = (contexts, journal, logs);

    /// <summary>The machines of one member, or of all, by name.</summary>
    public async Task<IReadOnlyList<DeviceSummary>> ListAsync(MemberId? member, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var rows = from device in db.Devices.AsNoTracking()
                   join vault in db.Vaults on device.VaultId equals vault.Id
                   where member == null || vault.MemberId == member
                   orderby device.Name, device.Id
                   select new DeviceSummary(
                       device.Id, vault.MemberId, device.Name, device.Kind, device.Platform, device.AgentVersion,
                       device.EnrolledAt, device.RevokedAt, device.LastSeenAt, device.LastSnapshotAt);
        return await rows.ToListAsync(cancellationToken);
    }

    /// <summary>Shuts a machine out. Its snapshots stay; a token made with --replace can enrol another one in its
    /// place.</summary>
    /// <param name="actor">Who asks, for the journal.</param>
    /// <returns>When it was revoked: now, or the first time.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.NotFound"/>: there is no such machine.</exception>
    public async Task<DateTimeOffset> RevokeAsync(
        DeviceId id, string reason, string actor, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var vault = await db.Devices.Where(row => row.Id == id).Select(row => (VaultId?)row.VaultId)
            .SingleOrDefaultAsync(cancellationToken) ?? throw Unknown(id);
        var turn = await _logs.TakeTurnAsync(db, vault, cancellationToken);
        var before = await db.Devices.Where(row => row.Id == id).Select(row => row.RevokedAt)
            .SingleAsync(cancellationToken);
        if (before is { } revoked) return revoked;

        var at = await turn.AppendAsync(new DeviceRevoked(id.Value, reason), cancellationToken);
        var act = new VaultAct(actor, "device-revoked", vault, new Dictionary<string, string>
        {
            ["device"] = id.ToString(),
            ["reason"] = reason,
        });
        await _journal.AppendAsync(db, act, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return at;
    }

    private static VaultException Unknown(DeviceId id) => new(
        ErrorCode.NotFound,
        retryable: false,
        $"There is no device {id}. 'beffroi-server admin list-devices' shows all of them.");
}

using Beffroi.Identity;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Devices;

/// <summary>A device with the member that it belongs to.</summary>
internal sealed record OwnDevice(
    DeviceId Id, VaultId Vault, MemberId Member, string Name, DeviceKind Kind, string Platform, bool IsRevoked)
{
    /// <summary>The device, if the context sees it: another member's and one that never was are the same.</summary>
    internal static Task<OwnDevice?> FindAsync(FleetDb db, DeviceId id, CancellationToken cancellationToken) =>
        (from device in db.Devices.AsNoTracking()
         join vault in db.Vaults on device.VaultId equals vault.Id
         where device.Id == id
         select new OwnDevice(
             device.Id, device.VaultId, vault.MemberId, device.Name, device.Kind, device.Platform,
             device.RevokedAt != null)).SingleOrDefaultAsync(cancellationToken);
}

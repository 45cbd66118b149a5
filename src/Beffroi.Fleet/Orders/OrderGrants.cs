using Beffroi.Intake;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Orders;

/// <summary>Lets a device read what an order of a person wants restored there, as long as the order stands.</summary>
internal sealed class OrderGrants(IDbContextFactory<FleetDb> contexts, IDeviceDirectory devices, TimeProvider time)
    : IRestoreGrants
{
    public async Task<RestoreGrant?> FindAsync(
        KnownDevice device, Guid order, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var wish = await db.Orders.AsNoTracking()
            .Where(row => row.Id == order && row.DeviceId == device.Id && ((row.State == OrderState.Asked
                && row.ExpiresAt > now) || row.State == OrderState.Taken || row.State == OrderState.Running))
            .Select(row => row.Restore).SingleOrDefaultAsync(cancellationToken);
        if (wish is null) return null;

        var request = OrderJson.Read(wish);
        if (request.From is not { } from) return new RestoreGrant(device, request.Snapshot);

        // The order was checked when it was given; a device never leaves its vault, but nothing here relies on that.
        var owner = await devices.FindAsync(from, cancellationToken);
        return owner?.Vault == device.Vault ? new RestoreGrant(owner, request.Snapshot) : null;
    }
}

using Beffroi.Vault;

namespace Beffroi.Intake;

/// <summary>What orders of people let devices read.</summary>
public interface IRestoreGrants
{
    /// <summary>What one of the device's orders lets it read, as long as it waits or runs.</summary>
    /// <returns><see langword="null"/>: no such order of this device, or none of a restore, or it has
    /// ended.</returns>
    Task<RestoreGrant?> FindAsync(KnownDevice device, Guid order, CancellationToken cancellationToken);
}

/// <summary>One snapshot that a device may read.</summary>
/// <param name="Owner">Whose it is: the device itself, or another one of its vault, shut out perhaps.</param>
public sealed record RestoreGrant(KnownDevice Owner, SnapshotId Snapshot);

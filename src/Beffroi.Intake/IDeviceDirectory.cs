using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Intake;

/// <summary>The devices that may talk to the intake.</summary>
public interface IDeviceDirectory
{
    /// <summary>The device as it stands now, or <see langword="null"/> if there is none of that id.</summary>
    Task<KnownDevice?> FindAsync(DeviceId id, CancellationToken cancellationToken);

    /// <summary>Uses a token up and creates its device, or gives it the place of a lost one: all or nothing. The same
    /// request again has the same answer.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.TokenInvalid"/>, <see cref="ErrorCode.TokenUsed"/>,
    /// <see cref="ErrorCode.TokenExpired"/> or <see cref="ErrorCode.RequestMalformed"/>.</exception>
    Task<EnrolmentAnswer> EnrolAsync(EnrolmentRequest request, CancellationToken cancellationToken);

    /// <summary>Notes that a session was opened.</summary>
    Task MarkSeenAsync(DeviceId id, string agentVersion, CancellationToken cancellationToken);

    /// <summary>Shuts a device out for good; its snapshots stay.</summary>
    Task RevokeAsync(KnownDevice device, string reason, CancellationToken cancellationToken);

    /// <summary>The vault as the device may see it.</summary>
    Task<VaultMessage> DescribeVaultAsync(KnownDevice device, CancellationToken cancellationToken);
}

using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Intake;

/// <summary>What the daemons of devices ask and tell: plans, runs, orders.</summary>
public interface IDaemonDesk
{
    /// <summary>Notes that the device is there and what it does, and answers what is wanted of it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.RequestMalformed"/>.</exception>
    Task<CheckInAnswer> CheckInAsync(
        KnownDevice device, CheckInRequest request, CancellationToken cancellationToken);

    /// <summary>Keeps the report of a run.</summary>
    /// <returns>Whether it was new; the same id again changes nothing.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.RequestMalformed"/>.</exception>
    Task<bool> NoteRunAsync(KnownDevice device, RunReport report, CancellationToken cancellationToken);

    /// <summary>Notes how far one of the device's orders is.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.NotFound"/>: it has no such order;
    /// <see cref="ErrorCode.RequestMalformed"/>.</exception>
    Task<OrderProgressAnswer> NoteProgressAsync(
        KnownDevice device, Guid order, OrderProgress progress, CancellationToken cancellationToken);
}

using Beffroi.Identity;
using Beffroi.Vault;

namespace Beffroi.Fleet.Drift;

/// <summary>A big folder or a database that a device found outside of its plan.</summary>
/// <param name="Acknowledged">Somebody has decided that it need not be backed up; null while nobody has.</param>
public sealed record DriftFinding(
    DeviceId Device, MemberId Member, string Path, bool IsDatabase, long Files, long Bytes, DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen, DriftAcknowledgement? Acknowledged);

/// <summary>Who decided, when and why.</summary>
public sealed record DriftAcknowledgement(string Name, DateTimeOffset At, string Note);

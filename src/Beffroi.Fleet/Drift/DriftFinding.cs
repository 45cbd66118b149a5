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

/// <summary>What came of adding a finding to the plan.</summary>
public enum CoverOutcome
{
    /// <summary>The newest revision has it.</summary>
    Covered,

    /// <summary>It is a database: its files, copied while they are in use, restore nothing. A dump has to be
    /// set.</summary>
    NeedsDump,

    /// <summary>The device has no plan yet.</summary>
    NoPlan,

    /// <summary>Somebody changed the plan at the same moment.</summary>
    PlanChanged,

    /// <summary>The plan cannot take it: too many folders, or a path that none can name.</summary>
    PlanRefused,
}

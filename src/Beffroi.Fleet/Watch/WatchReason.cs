namespace Beffroi.Fleet.Watch;

/// <summary>Why a device does not stand well. Stored by name: renaming one takes a migration.</summary>
public enum WatchReason
{
    /// <summary>Enrolled, but nothing was ever backed up.</summary>
    NeverBackedUp,

    /// <summary>The newest good backup is too old. <see cref="WatchFinding.Since"/> is that backup.</summary>
    Overdue,

    /// <summary>The newest run failed, though an older one is young enough. <see cref="WatchFinding.Text"/> is its
    /// code.</summary>
    LastRunFailed,

    /// <summary>The newest backup was made, but not as planned: a folder of the plan was not there, or a database was
    /// not dumped. The run's log says what.</summary>
    RunIncomplete,

    /// <summary>The newest backup left files out. <see cref="WatchFinding.Number"/> is how many.</summary>
    FilesUnreadable,

    /// <summary>The member's vault is nearly full. The number is the share used, in percent.</summary>
    QuotaNear,

    /// <summary>The member's vault is full: the next backup may be refused.</summary>
    QuotaReached,

    /// <summary>The agent is older than the server takes for up to date. The text is its version.</summary>
    AgentOld,

    /// <summary>The device's clock is wrong. The number is by how many seconds it is ahead.</summary>
    ClockWrong,

    /// <summary>The agent was refused what it asked for. The text is the code.</summary>
    VerbsRefused,

    /// <summary>Two computers show this device's identity.</summary>
    Duplicate,

    /// <summary>The newest backup added far more than usual. The number is how many times the usual.</summary>
    UnusualVolume,

    /// <summary>Many files changed at once and no longer compress, or were given a new ending: what ransomware does.
    /// The text is the ending, if there is one.</summary>
    RansomwareSigns,

    /// <summary>Reports wait on the device and cannot be sent. The number is how many.</summary>
    ReportsWaiting,

    /// <summary>Big folders or databases that no plan covers, and about which nobody has decided. The number is how
    /// many; since when the oldest is known.</summary>
    Uncovered,
}

/// <summary>One reason with its facts.</summary>
/// <param name="Since">Since when, where that is known.</param>
public sealed record WatchFinding(
    WatchReason Reason, WatchState State, DateTimeOffset? Since = null, long? Number = null, string? Text = null);

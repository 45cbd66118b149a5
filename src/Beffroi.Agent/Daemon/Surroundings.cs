namespace Beffroi.Agent.Daemon;

/// <summary>What the computer runs on.</summary>
internal enum PowerState
{
    /// <summary>The system does not say: a server, or a virtual machine. Taken for mains.</summary>
    Unknown,
    Mains,
    Battery,
}

/// <summary>What the connection costs.</summary>
internal enum LinkState
{
    /// <summary>The system does not say. Taken for free.</summary>
    Unknown,
    Free,
    Metered,
}

/// <summary>What a scheduler has to know of the computer.</summary>
/// <param name="IsConnected">Whether the server answered last time.</param>
/// <param name="AwakeSince">Since when the computer is on, or awake again.</param>
/// <param name="ConnectedSince">Since when the server answers.</param>
internal readonly record struct Surroundings(
    PowerState Power, int? BatteryPercent, LinkState Link, bool IsConnected, DateTimeOffset AwakeSince,
    DateTimeOffset ConnectedSince);

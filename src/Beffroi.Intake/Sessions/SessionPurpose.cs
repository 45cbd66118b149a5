namespace Beffroi.Intake.Sessions;

/// <summary>What a session is for. A stolen token serves that one purpose: one to restore stores nothing, one to back
/// up reads no record back.</summary>
[Flags]
internal enum SessionPurpose : byte
{
    Backup = 1,
    Restore = 2,
    Query = 4,

    /// <summary>The daemon's own: plans, runs, orders. In its memory all day long, hence with no way to any
    /// data.</summary>
    Plan = 8,

    /// <summary>Those that may see the vault and the device's snapshots.</summary>
    Any = Backup | Restore | Query,
}

/// <summary>The names of the purposes on the wire.</summary>
internal static class SessionPurposeText
{
    internal static string Of(SessionPurpose purpose) => purpose switch
    {
        SessionPurpose.Backup => "backup",
        SessionPurpose.Restore => "restore",
        SessionPurpose.Plan => "plan",
        _ => "query",
    };

    internal static SessionPurpose? TryParse(string text) => text switch
    {
        "backup" => SessionPurpose.Backup,
        "restore" => SessionPurpose.Restore,
        "query" => SessionPurpose.Query,
        "plan" => SessionPurpose.Plan,
        _ => null,
    };
}

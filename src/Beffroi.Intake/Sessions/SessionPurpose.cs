namespace Beffroi.Intake.Sessions;

/// <summary>What a session is for. A stolen token serves that one purpose: one to restore stores nothing, one to back
/// up reads no record back.</summary>
[Flags]
internal enum SessionPurpose : byte
{
    Backup = 1,
    Restore = 2,
    Query = 4,
    Any = Backup | Restore | Query,
}

/// <summary>The names of the purposes on the wire.</summary>
internal static class SessionPurposeText
{
    internal static string Of(SessionPurpose purpose) => purpose switch
    {
        SessionPurpose.Backup => "backup",
        SessionPurpose.Restore => "restore",
        _ => "query",
    };

    internal static SessionPurpose? TryParse(string text) => text switch
    {
        "backup" => SessionPurpose.Backup,
        "restore" => SessionPurpose.Restore,
        "query" => SessionPurpose.Query,
        _ => null,
    };
}

using Beffroi.Vault;

namespace Beffroi.Agent.Commands;

/// <summary>Exit codes of every command; docs/user/agent.md lists them.</summary>
internal static class ExitCode
{
    internal const int Done = 0;
    internal const int Failed = 1;
    internal const int Usage = 2;
    internal const int DoneWithWarnings = 3;
    internal const int NotEnrolled = 10;
    internal const int Unreachable = 11;
    internal const int Refused = 12;
    internal const int AlreadyRunning = 13;
    internal const int Damaged = 20;

    /// <summary>128 + SIGINT, as shells expect after Ctrl+C.</summary>
    internal const int Interrupted = 130;

    /// <summary>The code for a failure that ended a command.</summary>
    internal static int Of(ErrorCode code) => code switch
    {
        ErrorCode.UsageInvalid => Usage,
        ErrorCode.NotEnrolled => NotEnrolled,
        ErrorCode.AlreadyRunning => AlreadyRunning,
        >= ErrorCode.RecordMalformed and < ErrorCode.StoreFull => Damaged,
        ErrorCode.StoreFull => Refused,
        >= ErrorCode.TokenInvalid and <= ErrorCode.QuotaExceeded => Refused,
        ErrorCode.Forbidden or ErrorCode.RateLimited or ErrorCode.ApprovalRequired => Refused,
        ErrorCode.ServerUnreachable or ErrorCode.CertificateRefused or ErrorCode.PlainHttpRefused => Unreachable,
        _ => Failed,
    };
}

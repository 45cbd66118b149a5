using Beffroi.Vault;

namespace Beffroi.Intake.Failures;

/// <summary>A failure whose answer says more than its code does.</summary>
internal sealed class Refusal(int status, ErrorCode code, bool retryable, string message)
    : VaultException(code, retryable, message)
{
    internal int Status { get; } = status;

    /// <summary>Seconds for <c>Retry-After</c>.</summary>
    internal int? RetryAfterSeconds { get; init; }

    internal IReadOnlyList<string>? Missing { get; init; }
    internal long? LastSequence { get; init; }
    internal string? LastSnapshot { get; init; }

    internal static Refusal Malformed(string message, int status = 400) =>
        new(status, ErrorCode.RequestMalformed, retryable: false, message);
}

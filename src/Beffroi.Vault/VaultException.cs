namespace Beffroi.Vault;

/// <summary>An expected failure with a stable code. What is not expected is another exception, and a bug.</summary>
/// <param name="code">What happened; its page is docs/errors.md.</param>
/// <param name="retryable">Whether the same call may succeed later without anyone doing anything.</param>
/// <param name="message">What, which object, whose side, what to do next: whole sentences for a person.</param>
/// <param name="innerException">What the platform said, if anything.</param>
public class VaultException(ErrorCode code, bool retryable, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What happened.</summary>
    public ErrorCode Code { get; } = code;

    /// <summary>Whether the same call may succeed later without anyone doing anything.</summary>
    public bool IsRetryable { get; } = retryable;

    /// <summary>The code as people write it: <c>BEF-2104</c>.</summary>
    public string CodeText => ErrorCodeText.Of(Code);
}

/// <summary>How an error code is written.</summary>
public static class ErrorCodeText
{
    /// <summary><c>BEF-2104</c> for <see cref="ErrorCode"/> 2104.</summary>
    public static string Of(ErrorCode code) => $"BEF-{(int)code:D4}";
}

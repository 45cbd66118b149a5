using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>A failure that the server itself answered, with its own words. A code that this program does not know is
/// kept as a number: <see cref="VaultException.CodeText"/> writes it as the server did.</summary>
/// <param name="code">The server's code.</param>
/// <param name="retryable">Whether the server, or the status, says that waiting helps.</param>
/// <param name="message">The server's message.</param>
/// <param name="status">HTTP status.</param>
/// <param name="retryAfter">How long the server asks to wait, if it does.</param>
public sealed class ServerFailureException(
    ErrorCode code, bool retryable, string message, int status, TimeSpan? retryAfter)
    : VaultException(code, retryable, message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>How long the server asks to wait, if it does.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>BEF-4007: a pack or a commit refers to records that the vault does not hold.</summary>
/// <param name="message">The server's message.</param>
/// <param name="missing">What is missing; the server lists 1,000 at most.</param>
public sealed class MissingRecordsException(string message, IReadOnlyList<RecordId> missing)
    : VaultException(ErrorCode.ReferencesMissing, retryable: false, message)
{
    /// <summary>What is missing; the server lists 1,000 at most.</summary>
    public IReadOnlyList<RecordId> Missing { get; } = missing;
}

/// <summary>BEF-4008: the commit does not follow the device's last one.</summary>
/// <param name="message">The server's message.</param>
/// <param name="lastSequence">The device's last sequence; 0 before the first commit.</param>
/// <param name="lastSnapshot">The device's last snapshot.</param>
public sealed class CommitOutOfOrderException(string message, long lastSequence, SnapshotId? lastSnapshot)
    : VaultException(ErrorCode.CommitOutOfOrder, retryable: false, message)
{
    /// <summary>The device's last sequence; 0 before the first commit.</summary>
    public long LastSequence { get; } = lastSequence;

    /// <summary>The device's last snapshot.</summary>
    public SnapshotId? LastSnapshot { get; } = lastSnapshot;
}

using System.Net;
using System.Security.Authentication;
using Amazon.Runtime;
using Beffroi.Vault;

namespace Beffroi.ObjectStorage;

/// <summary>What an S3 store and the way to it say, as codes of ours.</summary>
internal sealed class S3Errors(S3StoreOptions options)
{
    /// <summary>Whether store or network said so, and not a bug. Where nobody cancelled, a cancellation is the client's
    /// own timeout.</summary>
    internal static bool IsFromStore(Exception exception, CancellationToken cancellationToken) => exception
        is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Whether the store says that there is no such blob. A 404 without its word for it may come from a
    /// gateway on the way, and a restore that believed that would mark whole packs as lost.</summary>
    internal static bool IsMissingBlob(AmazonServiceException exception) =>
        exception is { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchKey" };

    /// <summary>Whether a HEAD found nothing. Its answer has no body that would say what is missing.</summary>
    internal static bool IsNotFound(AmazonServiceException exception) =>
        exception.StatusCode == HttpStatusCode.NotFound;

    internal static bool IsConditionFailed(AmazonServiceException exception) =>
        exception.StatusCode == HttpStatusCode.PreconditionFailed;

    /// <summary>Whether the store says that it does not know a header, here the condition.</summary>
    internal static bool IsNotImplemented(AmazonServiceException exception) =>
        exception.StatusCode == HttpStatusCode.NotImplemented || exception.ErrorCode == "NotImplemented";

    internal static bool IsBeyondEnd(AmazonServiceException exception) =>
        exception.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;

    internal VaultException Translate(string doing, Exception cause)
    {
        if (cause is not AmazonServiceException answer || answer.StatusCode == 0) return NoAnswer(doing, cause);
        if (IsFull(answer))
            return new VaultException(ErrorCode.StoreFull, retryable: false,
                $"The object store ({options}) has no room or quota left to {doing}: {Said(answer)}. Nothing partial "
                + "was kept; restores go on. Raise the quota or enlarge the store.", cause);
        var (retryable, advice) = Judge(answer);
        return Unavailable(retryable, $"could not {doing}: {Said(answer)}. {advice}", cause);
    }

    internal VaultException Unavailable(bool retryable, string what, Exception? cause = null) => new(
        ErrorCode.StoreUnavailable, retryable, $"The object store ({options}) {what}", cause);

    private VaultException NoAnswer(string doing, Exception cause)
    {
        if (cause.GetBaseException() is AuthenticationException)
            return Unavailable(retryable: false,
                $"could not {doing}: its TLS certificate is not trusted ({cause.GetBaseException().Message}). Install "
                + "its authority's certificate on this machine, or correct the configured address.", cause);
        var why = cause is OperationCanceledException or TimeoutException
            ? $"no answer within {options.Timeout.TotalSeconds:0} s" : cause.GetBaseException().Message;
        return Unavailable(retryable: true,
            $"could not be reached to {doing}: {why}. Check that it runs and that this machine reaches it.", cause);
    }

    private static bool IsFull(AmazonServiceException answer) =>
        answer.StatusCode == HttpStatusCode.InsufficientStorage
        || answer.ErrorCode
            is "QuotaExceeded" or "InsufficientStorage" or "XMinioStorageFull" or "XMinioStorageQuotaExceeded";

    // Of the conflicts, 409 is what two conditional puts at the same moment may get.
    private static (bool Retryable, string Advice) Judge(AmazonServiceException answer) => answer switch
    {
        { ErrorCode: "NoSuchBucket" } => (false, "Create the bucket, or correct the configured name."),
        { ErrorCode: "RequestTimeTooSkewed" } => (false,
            "Set this machine's clock: it differs too much from the store's."),
        { StatusCode: HttpStatusCode.Forbidden } => (false,
            "Check the access key, the secret key, and that they may read, write and list in the bucket."),
        // The store got other bytes than were signed, or gave up waiting for them.
        { ErrorCode: "XAmzContentSHA256Mismatch" or "BadDigest" or "IncompleteBody" or "RequestTimeout" } => (true,
            "The bytes did not arrive as they were sent. Send them again; if this lasts, look at the network between."),
        { StatusCode: HttpStatusCode.NotFound } => (true,
            "No S3 store says so in this way: a gateway on the way probably did. The call may be repeated; if this "
                + "lasts, compare the configured address and path style with what the store's manual asks for."),
        { StatusCode: HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests }
            or { StatusCode: >= HttpStatusCode.InternalServerError } => (true,
            "The call may be repeated; if this lasts, look at the store's own log."),
        _ => (false, "Compare the configured address, region and path style with what the store's manual asks for."),
    };

    private static string Said(AmazonServiceException answer) =>
        $"HTTP {(int)answer.StatusCode} {answer.ErrorCode} {answer.Message}".TrimEnd('.', ' ');
}

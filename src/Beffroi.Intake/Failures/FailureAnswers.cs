using System.Diagnostics;
using System.Globalization;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Beffroi.Intake.Failures;

/// <summary>Runs each request of the protocol and puts what failed into the one form that the protocol knows.</summary>
internal sealed partial class FailureAnswers(IntakeMetrics metrics, ILogger<FailureAnswers> logger)
{
    private const int PauseSeconds = 5;
    private const int MessageBytesMax = 64 << 10;

    internal async Task GuardAsync(HttpContext context, RequestDelegate request)
    {
        try
        {
            LimitBody(context);
            DemandVersion(context.Request);
            await request(context);
        }
        catch (Exception exception) when (IsHungUp(context, exception))
        {
            context.Abort(); // Nobody reads an answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await TryAnswerAsync(context, exception);
        }
    }

    private async Task TryAnswerAsync(HttpContext context, Exception exception)
    {
        try
        {
            await AnswerAsync(context, exception);
        }
        catch (Exception late) when (late is BadHttpRequestException || IsHungUp(context, late))
        {
            // It went away while it was still sending what is refused, or sends too slowly. Left to the framework, the
            // latter would get a bare status that says nothing of trying again.
            context.Abort();
        }
    }

    /// <summary>Whether the client went away. That shows as a cancellation, or as a connection that broke while its
    /// request was being read.</summary>
    private static bool IsHungUp(HttpContext context, Exception exception) =>
        exception is OperationCanceledException or IOException
        && (context.RequestAborted.IsCancellationRequested || exception is ConnectionResetException);

    /// <summary>Messages are short. Endpoints that take more say how much, once they know who asks.</summary>
    private static void LimitBody(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MessageBytesMax;
    }

    private static void DemandVersion(HttpRequest request)
    {
        var asked = request.Headers[ProtocolConstants.VersionHeader];
        if (asked == ProtocolConstants.Version.ToString(CultureInfo.InvariantCulture)) return;

        throw new Refusal(
            StatusCodes.Status426UpgradeRequired, ErrorCode.ProtocolUnsupported, retryable: false,
            $"This server speaks protocol {ProtocolConstants.Version} to {ProtocolConstants.Version}, and the request "
                + (asked.Count == 0 ? "names none" : $"asks for '{asked}'") + ". Update the agent or the server.");
    }

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        var (status, failure, pauseSeconds) = Translate(context, exception);
        metrics.Refused(failure.Code);
        if (exception is not BadHttpRequestException) await RequestBodies.DrainAsync(context);
        context.Response.Clear();
        context.Response.StatusCode = status;
        if (pauseSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await context.Response.WriteAsJsonAsync(failure, ProtocolJson.Default.FailureMessage);
    }

    private (int Status, FailureMessage Failure, int? PauseSeconds) Translate(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case Refusal refusal:
                return (refusal.Status, MessageOf(refusal) with
                {
                    Missing = refusal.Missing,
                    LastSequence = refusal.LastSequence,
                    LastSnapshot = refusal.LastSnapshot,
                }, refusal.RetryAfterSeconds);
            case VaultException known:
                var status = StatusOf(known.Code);
                if (status >= StatusCodes.Status500InternalServerError) LogServerSide(known, context.Request.Path);
                return (status, ForDevice(known), known.IsRetryable ? PauseSeconds : null);
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return (StatusCodes.Status408RequestTimeout, CutOff, null);
            case BadHttpRequestException bad:
                var malformed = Refusal.Malformed(
                    $"The server does not understand the request: {bad.Message} Update the agent if it persists.");
                return (bad.StatusCode, MessageOf(malformed), null);
            case var _ when Outage.Explains(exception):
                LogUnavailable(exception, context.Request.Path);
                return (StatusCodes.Status503ServiceUnavailable, new FailureMessage(
                    ErrorCodeText.Of(ErrorCode.DatabaseUnavailable),
                    "The server's database or disk does not answer now. The agent tries again by itself.",
                    Retryable: true), PauseSeconds);
            default:
                return Unexpected(context, exception);
        }
    }

    /// <summary>The connection's doing: the same request is good on another one.</summary>
    private static FailureMessage CutOff => new(
        ErrorCodeText.Of(ErrorCode.ServerUnreachable),
        "The request came in too slowly, or not to its end. Nothing of it was kept, and the agent sends it again by "
            + "itself. If it lasts, look at the network and at any proxy on the way.",
        Retryable: true);

    /// <summary>What nobody foresaw: perhaps a defect, which the next attempt meets again; perhaps a rare form of an
    /// outage, which it does not. Every verb can be repeated, and the agent's patience ends.</summary>
    private (int Status, FailureMessage Failure, int? PauseSeconds) Unexpected(HttpContext context, Exception exception)
    {
        var trace = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        LogUnexpected(exception, context.Request.Path, trace);
        return (StatusCodes.Status500InternalServerError, new FailureMessage(
            ErrorCodeText.Of(ErrorCode.ServerFailed),
            $"The server failed in a way that was not foreseen. Its administrator finds the cause in the log under "
                + $"{trace}. The agent tries again by itself.",
            Retryable: true), PauseSeconds);
    }

    /// <summary>What the store says names its address, its bucket or a folder, and gives advice that only the operator
    /// can follow. The log has it; a device, which may be in wrong hands, has not.</summary>
    private static FailureMessage ForDevice(VaultException exception) => exception.Code switch
    {
        ErrorCode.StoreFull => MessageOf(exception) with
        {
            Message = "The server's store has no room left. Nothing partial was kept, and restores go on. Tell the "
                + "operator; the next backup sends the rest.",
        },
        ErrorCode.StoreUnavailable when exception.IsRetryable => MessageOf(exception) with
        {
            Message = "The server's store does not answer now. Nothing is lost, and the agent tries again by itself. "
                + "If it lasts, tell the operator.",
        },
        ErrorCode.StoreUnavailable => MessageOf(exception) with
        {
            Message = "The server's store refuses the server. Nothing is lost, but only the operator can mend this: "
                + "the server's log says how.",
        },
        ErrorCode.BlobConflict or ErrorCode.BlobMissing or ErrorCode.BlobUnreadable => MessageOf(exception) with
        {
            Message = "What was asked for is damaged or missing in the server's store. Other snapshots are not "
                + "affected. Tell the operator: the server's log says what it is and how to mend it.",
        },
        _ => MessageOf(exception),
    };

    private static FailureMessage MessageOf(VaultException exception) =>
        new(exception.CodeText, exception.Message, exception.IsRetryable);

    private static int StatusOf(ErrorCode code) => code switch
    {
        ErrorCode.StoreFull => StatusCodes.Status507InsufficientStorage,
        ErrorCode.StoreUnavailable or ErrorCode.StoreUnmarked or ErrorCode.DatabaseUnavailable =>
            StatusCodes.Status503ServiceUnavailable,
        ErrorCode.ReferencesMissing or ErrorCode.CommitOutOfOrder => StatusCodes.Status409Conflict,
        ErrorCode.RequestMalformed => StatusCodes.Status400BadRequest,
        ErrorCode.ProtocolUnsupported => StatusCodes.Status426UpgradeRequired,
        ErrorCode.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        >= ErrorCode.TokenInvalid and <= ErrorCode.ApprovalRequired => StatusCodes.Status403Forbidden,
        >= ErrorCode.RecordMalformed and <= ErrorCode.CommitForged => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status500InternalServerError,
    };

    [LoggerMessage(2000, LogLevel.Error, "{Path} failed on the server's side")]
    private partial void LogServerSide(Exception exception, PathString path);

    [LoggerMessage(2001, LogLevel.Error, "{Path} found the database or the disk unavailable")]
    private partial void LogUnavailable(Exception exception, PathString path);

    [LoggerMessage(2002, LogLevel.Critical, "{Path} failed in a way that was not foreseen (trace {Trace})")]
    private partial void LogUnexpected(Exception exception, PathString path, string trace);
}

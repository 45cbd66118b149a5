using System.Globalization;
using System.Text.Json;
using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>Turns an answer that is no success into the exception that says so.</summary>
internal static class FailureAnswer
{
    // 1,000 missing ids are 67 KB.
    private const int BytesMax = 256 << 10;
    private const int MessageCharsMax = 2000;

    internal static async ValueTask<VaultException> ReadAsync(
        ServerAnswer answer, ServerConnection connection, TimeProvider time)
    {
        if (answer.MediaType != ServerCall.Json) return Foreign(answer, connection, time);
        var json = await answer.ReadWholeAsync(BytesMax).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(json.Span, ProtocolJson.Default.FailureMessage) is { } failure
                ? Of(failure, answer, time)
                : Foreign(answer, connection, time);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            // JSON, but not ours: some proxies and load balancers write theirs so.
            return Foreign(answer, connection, time);
        }
    }

    private static VaultException Of(FailureMessage failure, ServerAnswer answer, TimeProvider time)
    {
        var message = Printable(failure.Message);
        var code = CodeOf(failure.Code);
        if (code == ErrorCode.ReferencesMissing)
            return new MissingRecordsException(message, [.. (failure.Missing ?? []).Select(Id)]);
        if (code == ErrorCode.CommitOutOfOrder)
            return new CommitOutOfOrderException(message, failure.LastSequence ?? 0,
                failure.LastSnapshot is { } last ? new SnapshotId(Digest256.Parse(last)) : null);
        var retryAfter = RetryAfter(answer, time);
        var isBusy = answer.Status is 429 or 503 && retryAfter is not null;
        // Servers of 0.1.0 called what they had not foreseen final, and a restart under way often was just that.
        var isUnforeseen = code == ErrorCode.ServerFailed;
        if (code is null) message = $"{message} (The server's code is '{Printable(failure.Code)}'.)";
        return new ServerFailureException(
            code ?? ErrorCode.ServerFailed, failure.Retryable || isBusy || isUnforeseen, message, answer.Status,
            retryAfter);
    }

    /// <summary>An answer that another program than the server wrote.</summary>
    private static ServerFailureException Foreign(ServerAnswer answer, ServerConnection connection, TimeProvider time)
    {
        // A gateway in front of a server that is starting says so with 502, 503 or 504; what serves HTTP below the
        // server itself says 408 of a slow request, and 500 when it could not say more.
        var isRetryable = answer.Status is 408 or 429 or 500 or 502 or 503 or 504;
        return new ServerFailureException(ErrorCode.AnswerMalformed, isRetryable,
            connection.Foreign(answer).Message, answer.Status, RetryAfter(answer, time));
    }

    private static RecordId Id(string hex) => new(Digest256.Parse(hex));

    private static ErrorCode? CodeOf(string text) =>
        text.StartsWith("BEF-", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= 9999
            ? (ErrorCode)number
            : null;

    private static TimeSpan? RetryAfter(ServerAnswer answer, TimeProvider time)
    {
        var header = answer.Response.Headers.RetryAfter;
        if (header?.Date is { } date) return Later(date - (answer.Response.Headers.Date ?? time.GetUtcNow()));
        return header?.Delta is { } delta ? Later(delta) : null;
    }

    private static TimeSpan Later(TimeSpan delay) => delay > TimeSpan.Zero ? delay : TimeSpan.Zero;

    // It goes to terminals and logs, where control characters could rewrite what stands there.
    private static string Printable(string text) =>
        string.Concat(text.Take(MessageCharsMax).Select(character => char.IsControl(character) ? ' ' : character));
}

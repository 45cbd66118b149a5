using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>A pause before the next attempt.</summary>
/// <param name="Delay">How long.</param>
/// <param name="Attempt">How many attempts have failed, from 1.</param>
/// <param name="Reason">Why the last one failed.</param>
public readonly record struct RetryWait(TimeSpan Delay, int Attempt, VaultException Reason);

/// <summary>Repeats what is worth repeating, with growing pauses. The only place in the client that does. For any
/// thread.</summary>
/// <param name="patience">How long to go on after the first failure of a call; a transfer that advances starts
/// anew.</param>
/// <param name="time">Clock of the pauses.</param>
/// <param name="random">Spreads the pauses, so that a thousand agents do not come back at once after an outage.</param>
/// <param name="waiting">Told each pause before it begins, on any thread; must not throw.</param>
public sealed class RetryPolicy(TimeSpan patience, TimeProvider time, Random random, Action<RetryWait>? waiting = null)
{
    /// <summary>For a backup that nobody watches: longer than a router or a server takes to start again.</summary>
    public static readonly TimeSpan BackupPatience = TimeSpan.FromMinutes(15);

    /// <summary>For a question that a person waits for.</summary>
    public static readonly TimeSpan QueryPatience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstDelayMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(60);

    private readonly Lock _randomGate = new();

    /// <summary>Runs <paramref name="attempt"/> until it succeeds, fails for good, or patience ends.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.ServerUnreachable"/> when patience ends, or what is not
    /// worth repeating.</exception>
    internal async ValueTask<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken)
    {
        long? firstFailure = null;
        for (var failures = 1; ; failures++)
        {
            VaultException reason;
            try
            {
                return await attempt(cancellationToken).ConfigureAwait(false);
            }
            catch (VaultException exception) when (exception.IsRetryable)
            {
                reason = exception;
            }
            firstFailure ??= time.GetTimestamp();
            var delay = DelayAfter(failures, reason);
            if (time.GetElapsedTime(firstFailure.Value) + delay > patience) throw GivenUp(reason);
            waiting?.Invoke(new RetryWait(delay, failures, reason));
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan DelayAfter(int failures, VaultException reason)
    {
        // Between half and all of 1, 2, 4 ... 60 s: 0.5 s at least.
        var longest = Math.Min(DelayMax.TotalSeconds, FirstDelayMax.TotalSeconds * Math.Pow(2, failures - 1));
        double share;
        lock (_randomGate) share = random.NextDouble();
        var delay = TimeSpan.FromSeconds(longest * (1 + share) / 2);
        var asked = (reason as ServerFailureException)?.RetryAfter ?? TimeSpan.Zero;
        return asked > delay ? asked : delay;
    }

    private VaultException GivenUp(VaultException reason) => reason.Code == ErrorCode.RateLimited
        ? reason // It is there, and says what to do.
        : new VaultException(ErrorCode.ServerUnreachable, retryable: true,
            $"The server could not be used for {patience.TotalMinutes:0.#} minutes and the operation was given up. "
                + $"Last failure ({reason.CodeText}): {reason.Message}", reason);
}

using System.Collections.Concurrent;
using Beffroi.Intake.Failures;
using Beffroi.Vault;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Limits;

/// <summary>Counts events by key in windows of fixed length. Each server of a cluster counts for itself.</summary>
internal sealed class RateLimit<TKey>(int countMax, TimeSpan window, string what, TimeProvider time)
    where TKey : notnull
{
    // An attacker with many addresses must not fill the memory; forgetting all counts now and then costs little.
    private const int KeysMax = 100_000;

    private readonly ConcurrentDictionary<TKey, Count> _counts = new();

    /// <exception cref="Refusal"><see cref="ErrorCode.RateLimited"/>: the key has used up its window.</exception>
    internal void DemandRoom(TKey key)
    {
        if (!_counts.TryGetValue(key, out var count)) return;

        var left = count.Started + window - time.GetUtcNow();
        if (count.Events < countMax || left <= TimeSpan.Zero) return;

        throw new Refusal(
            StatusCodes.Status429TooManyRequests, ErrorCode.RateLimited, retryable: true,
            $"Too many {what} in a short time: the limit is {countMax} in {window.TotalMinutes:F0} min. Try again "
                + "later.")
        {
            RetryAfterSeconds = (int)Math.Ceiling(left.TotalSeconds),
        };
    }

    internal void Add(TKey key)
    {
        if (_counts.Count >= KeysMax) _counts.Clear();
        var now = time.GetUtcNow();
        _counts.AddOrUpdate(
            key,
            _ => new Count(now, 1),
            (_, count) => now - count.Started >= window ? new Count(now, 1) : count with { Events = count.Events + 1 });
    }

    private readonly record struct Count(DateTimeOffset Started, int Events);
}

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

    private readonly ConcurrentDictionary<TKey, Window> _counts = new();

    /// <exception cref="Refusal"><see cref="ErrorCode.RateLimited"/>: the key has used up its window.</exception>
    internal void DemandRoom(TKey key)
    {
        if (!_counts.TryGetValue(key, out var count)) return;

        var left = count.Started + window - time.GetUtcNow();
        if (count.Events >= countMax && left > TimeSpan.Zero) throw Refused(left);
    }

    /// <summary>Counts an event that has happened.</summary>
    internal void Add(TKey key) => Count(key, time.GetUtcNow());

    /// <summary>Counts an event that is about to happen. Of several at once, only as many pass as there is
    /// room for.</summary>
    /// <returns>The refusal to throw; none while there is room.</returns>
    internal Refusal? TryTake(TKey key)
    {
        var now = time.GetUtcNow();
        var count = Count(key, now);
        return count.Events > countMax ? Refused(count.Started + window - now) : null;
    }

    private Window Count(TKey key, DateTimeOffset now)
    {
        if (_counts.Count >= KeysMax) _counts.Clear();
        return _counts.AddOrUpdate(
            key,
            _ => new Window(now, 1),
            (_, count) => now - count.Started >= window
                ? new Window(now, 1)
                : count with { Events = Math.Min(count.Events, countMax + 1) + 1 });
    }

    private Refusal Refused(TimeSpan left) => new(
        StatusCodes.Status429TooManyRequests, ErrorCode.RateLimited, retryable: true,
        $"Too many {what} in a short time: the limit is {countMax} in {window.TotalMinutes:F0} min. Try again later.")
    {
        RetryAfterSeconds = (int)Math.Ceiling(left.TotalSeconds),
    };

    private readonly record struct Window(DateTimeOffset Started, int Events);
}

using System.Collections.Concurrent;

namespace Beffroi.Identity.SignIn;

/// <summary>Bounds failed sign-ins of one network address, whatever the accounts: lock-out alone lets somebody try one
/// password on everybody.</summary>
/// <remarks>Kept in memory: several servers each have their own count, which multiplies the bound by their
/// number.</remarks>
internal sealed class AttemptLimit(TimeProvider time)
{
    // A town hall shares one address: twenty people may err once or twice in ten minutes.
    internal const int FailuresMax = 40;
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private const int AddressesMax = 100_000;

    private readonly ConcurrentDictionary<string, (DateTimeOffset Since, int Failures)> _counts = new();

    internal bool Allows(string? origin) =>
        origin is null || !_counts.TryGetValue(origin, out var count) || IsOver(count) || count.Failures < FailuresMax;

    internal void CountFailure(string? origin)
    {
        if (origin is null) return;
        if (_counts.Count >= AddressesMax) Forget();
        _counts.AddOrUpdate(
            origin, _ => (time.GetUtcNow(), 1),
            (_, count) => IsOver(count) ? (time.GetUtcNow(), 1) : (count.Since, count.Failures + 1));
    }

    private bool IsOver((DateTimeOffset Since, int Failures) count) => time.GetUtcNow() - count.Since >= Window;

    private void Forget()
    {
        foreach (var (origin, count) in _counts)
            if (IsOver(count)) _counts.TryRemove(origin, out _);
    }
}

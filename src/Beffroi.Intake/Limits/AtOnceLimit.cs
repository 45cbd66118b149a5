using Beffroi.Intake.Failures;
using Beffroi.Vault;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Limits;

/// <summary>How many requests of a kind one device may have under way. Each server of a cluster counts for
/// itself.</summary>
internal sealed class AtOnceLimit(int countMax, string what)
{
    private const int PauseSeconds = 15;

    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, int> _counts = [];

    /// <summary>Counts a request until the answer is disposed of.</summary>
    /// <exception cref="Refusal"><see cref="ErrorCode.RateLimited"/>: there are as many as may be.</exception>
    internal IDisposable Take(DeviceId device)
    {
        lock (_gate)
        {
            var count = _counts.GetValueOrDefault(device);
            if (count >= countMax) throw Refused();

            _counts[device] = count + 1;
        }
        return new Place(this, device);
    }

    private void GiveBack(DeviceId device)
    {
        lock (_gate)
        {
            if (--_counts[device] == 0) _counts.Remove(device);
        }
    }

    private Refusal Refused() => new(
        StatusCodes.Status429TooManyRequests, ErrorCode.RateLimited, retryable: true,
        $"This computer has {countMax} {what} under way, as many as it may. The agent tries again by itself.")
    {
        RetryAfterSeconds = PauseSeconds,
    };

    private sealed class Place(AtOnceLimit limit, DeviceId device) : IDisposable
    {
        private int _isBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isBack, 1) == 0) limit.GiveBack(device);
        }
    }
}

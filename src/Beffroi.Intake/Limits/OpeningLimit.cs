using Beffroi.Intake.Failures;
using Beffroi.Vault;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Limits;

/// <summary>How many different snapshots a device may open in a window. The same one again counts once: whoever lists
/// it, restores a file and then another reads no more history than before. Each server of a cluster counts for
/// itself.</summary>
internal sealed class OpeningLimit(int countMax, TimeSpan window, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, Window> _windows = [];

    /// <summary>Counts an opening that is about to happen.</summary>
    /// <param name="device">Who opens.</param>
    /// <param name="snapshot">What.</param>
    /// <param name="isFirstRefusal">Whether it is the first in its window that is refused: worth an alarm, of which
    /// there must not be one for each attempt of a program in a loop.</param>
    /// <returns>The refusal to throw; none while there is room.</returns>
    internal Refusal? TryOpen(DeviceId device, SnapshotId snapshot, out bool isFirstRefusal)
    {
        isFirstRefusal = false;
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (!_windows.TryGetValue(device, out var current) || now - current.Started >= window)
                _windows[device] = current = new Window(now);
            if (current.Opened.Contains(snapshot)) return null;
            if (current.Opened.Count < countMax)
            {
                current.Opened.Add(snapshot);
                return null;
            }
            isFirstRefusal = !current.HasRefused;
            current.HasRefused = true;
            return Refused(current.Started + window - now);
        }
    }

    /// <summary>The alarm of a first refusal was not heard: the next refusal is the first again.</summary>
    internal void ForgetRefusal(DeviceId device)
    {
        lock (_gate)
        {
            if (_windows.TryGetValue(device, out var current)) current.HasRefused = false;
        }
    }

    private Refusal Refused(TimeSpan left) => new(
        StatusCodes.Status429TooManyRequests, ErrorCode.RateLimited, retryable: true,
        $"This computer has opened {countMax} different snapshots within {window.TotalMinutes:F0} min, as many as it "
            + $"may. Those can be opened again; another one in {Math.Ceiling(left.TotalMinutes):F0} min.")
    {
        RetryAfterSeconds = (int)Math.Ceiling(left.TotalSeconds),
    };

    private sealed class Window(DateTimeOffset started)
    {
        internal DateTimeOffset Started { get; } = started;
        internal HashSet<SnapshotId> Opened { get; } = [];
        internal bool HasRefused { get; set; }
    }
}

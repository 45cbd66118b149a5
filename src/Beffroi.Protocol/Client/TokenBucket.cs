namespace Beffroi.Protocol.Client;

/// <summary>Holds transfers to a rate, whatever their number. For any thread.</summary>
/// <remarks>Kept as one moment, the one up to which the bytes so far are paid for: whoever takes more moves it on and
/// waits for it, so that transfers take turns in the order in which they asked.</remarks>
internal sealed class TokenBucket
{
    // What an idle line has saved up: enough to keep it busy between two turns of the timer (15 ms on Windows).
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    private readonly long _bytesPerSecond;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private TimeSpan _paidUntil = -Burst;
    private readonly long _start;

    internal TokenBucket(long bytesPerSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        (_bytesPerSecond, _time, _start) = (bytesPerSecond, time, time.GetTimestamp());
        // A tenth of a second at a time looks smooth to everybody else on the line; 1 KiB and 256 KiB bound the
        // overhead.
        SliceBytesMax = (int)Math.Clamp(bytesPerSecond / 10, 1 << 10, 256 << 10);
    }

    /// <summary>Most bytes to take at once.</summary>
    internal int SliceBytesMax { get; }

    /// <summary>Waits until <paramref name="bytes"/> may pass.</summary>
    internal async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        var wait = Book(bytes);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
    }

    private TimeSpan Book(int bytes)
    {
        lock (_gate)
        {
            var now = _time.GetElapsedTime(_start);
            var free = now - Burst;
            if (_paidUntil < free) _paidUntil = free;
            _paidUntil += TimeSpan.FromSeconds((double)bytes / _bytesPerSecond);
            return _paidUntil - now;
        }
    }
}

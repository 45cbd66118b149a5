namespace Beffroi.Testing.FakeServer;

/// <summary>A clock on which every wait is over at once, and has taken as long as it was meant to. For any
/// thread.</summary>
public sealed class HurriedTime : TimeProvider
{
    private long _ticks = new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan) return new Passed();
        Interlocked.Add(ref _ticks, dueTime.Ticks);
        // Not from here: whoever creates a timer does not expect it to have fired already.
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new Passed();
    }

    private sealed class Passed : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

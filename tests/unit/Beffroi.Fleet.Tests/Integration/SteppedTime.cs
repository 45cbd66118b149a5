namespace Beffroi.Fleet.Tests.Integration;

/// <summary>A clock that moves only when a test says so.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _timestamp;
    private DateTimeOffset _now = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    /// <summary>How much time seems to pass between two looks at the stopwatch; the real one, if not set.</summary>
    internal TimeSpan? PerTimestamp { get; set; }

    public override long TimestampFrequency => PerTimestamp is null ? base.TimestampFrequency : TimeSpan.TicksPerSecond;

    public override long GetTimestamp() =>
        PerTimestamp is { } step ? _timestamp += step.Ticks : base.GetTimestamp();

    internal void Step(TimeSpan by) => _now += by;
}

namespace Beffroi.Fleet.Tests.Integration;

/// <summary>A clock that moves only when a test says so.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    internal void Step(TimeSpan by) => _now += by;
}

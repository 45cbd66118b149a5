namespace Beffroi.Demonstration;

/// <summary>A clock that goes as fast as the computer's, but that can be put somewhere else. Waits and timeouts stay
/// real: only the time of day is another.</summary>
internal sealed class MovableTime : TimeProvider
{
    private TimeSpan _shift;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;

    internal void Set(DateTimeOffset now) => _shift = now - System.GetUtcNow();
}

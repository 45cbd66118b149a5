namespace Beffroi.Agent.Commands;

/// <summary>How fast something grows, and when it will be done, by what the last half minute showed.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    // The first seconds open files and connections: what they promise ("3 h left") only frightens.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private readonly long _started = time.GetTimestamp();
    private readonly Queue<(long At, long Value)> _samples = new([(time.GetTimestamp(), 0)]);

    /// <summary>Notes the value now and answers its growth per second.</summary>
    internal double Sample(long value)
    {
        var now = time.GetTimestamp();
        _samples.Enqueue((now, value));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > Window) _samples.Dequeue();
        var (at, before) = _samples.Peek();
        var seconds = time.GetElapsedTime(at, now).TotalSeconds;
        return seconds <= 0 ? 0 : Math.Max(0, (value - before) / seconds);
    }

    /// <summary>Time until <paramref name="left"/> more are done; null while that cannot be said.</summary>
    internal TimeSpan? TimeFor(long left, double perSecond) =>
        perSecond < 1 || left < 0 || time.GetElapsedTime(_started) < Settling
            ? null
            : TimeSpan.FromSeconds(Math.Min(left / perSecond, 3600 * 24 * 30));
}

namespace Beffroi.Fleet.Browse;

/// <summary>The speed of a site's line.</summary>
/// <param name="MegabitsPerSecond">Above 0.</param>
/// <param name="IsMeasured">Whether it was measured there; else it is assumed.</param>
public sealed record LineSpeed(decimal MegabitsPerSecond, bool IsMeasured)
{
    /// <summary>What the founding documents assume where nothing was measured.</summary>
    public static LineSpeed Assumed { get; } = new(90, IsMeasured: false);
}

/// <summary>How long bringing data back will take.</summary>
/// <param name="Duration">Whole seconds, rounded up.</param>
public sealed record RestoreEstimate(long Bytes, LineSpeed Speed, TimeSpan Duration)
{
    // 90 s for each gigabyte (10^9 bytes) at 90 Mb/s, as the operator's table promises: 1.25 % above 8,000, the bits
    // themselves.
    private const decimal SecondsPerGigabyteAtOneMegabit = 8_100m;
    private const decimal BytesPerGigabyte = 1_000_000_000m;

    /// <summary>Estimates for a volume and a line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Bytes below 0, or no speed.</exception>
    public static RestoreEstimate Of(long bytes, LineSpeed? speed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        speed ??= LineSpeed.Assumed;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(speed.MegabitsPerSecond);
        var seconds = SecondsPerGigabyteAtOneMegabit * bytes / BytesPerGigabyte / speed.MegabitsPerSecond;
        var bounded = Math.Min(decimal.Ceiling(seconds), (decimal)TimeSpan.MaxValue.TotalSeconds - 1);
        return new RestoreEstimate(bytes, speed, TimeSpan.FromSeconds((long)bounded));
    }
}

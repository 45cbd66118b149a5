namespace Beffroi.Fleet.Watch;

/// <summary>From where on something is worth a look. The operator's, with the defaults of the founding documents where
/// these name one.</summary>
public sealed record WatchThresholds
{
    /// <summary>Age of the newest backup of a fixed computer or server: a day, and a grace for a late start.</summary>
    public TimeSpan Overdue { get; init; } = TimeSpan.FromHours(24 + 6);

    /// <summary>The same for a laptop, which sleeps.</summary>
    public TimeSpan LaptopOverdue { get; init; } = TimeSpan.FromHours(72);

    /// <summary>Age at which somebody must act.</summary>
    public TimeSpan OverdueAction { get; init; } = TimeSpan.FromHours(72);

    /// <summary>The same for a laptop.</summary>
    public TimeSpan LaptopOverdueAction { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Share of the quota, in percent.</summary>
    public int QuotaNearPercent { get; init; } = 90;

    /// <summary>A clock that is wrong by more spoils nothing, but shows in every date on that computer.</summary>
    public TimeSpan ClockWrong { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many times the usual a backup may add.</summary>
    public double UnusualVolumeTimes { get; init; } = 10;

    /// <summary>What is less than this is never an unusual volume.</summary>
    public long UnusualVolumeBytesMin { get; init; } = 1_000_000_000;

    /// <summary>The oldest agent that is not reported.</summary>
    public Version OldestAgent { get; init; } = new(0, 1, 0);
}

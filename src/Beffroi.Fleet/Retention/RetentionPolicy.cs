namespace Beffroi.Fleet.Retention;

/// <summary>How many snapshots of a device are kept, by class. What is always kept comes on top.</summary>
/// <param name="Yearly">The first good snapshot of so many years.</param>
/// <param name="Monthly">The first good snapshot of so many months.</param>
/// <param name="Daily">The first good snapshot of so many days.</param>
/// <param name="Last">So many of the newest good snapshots.</param>
public sealed record RetentionPolicy(int Yearly, int Monthly, int Daily, int Last)
{
    /// <summary>Three of each class, as the founding documents promise at every level of service.</summary>
    public static RetentionPolicy Preset { get; } = new(Yearly: 3, Monthly: 3, Daily: 3, Last: 0);
}

/// <summary>What is known of a snapshot's worth.</summary>
public enum SnapshotWorth
{
    /// <summary>Nothing speaks against it.</summary>
    Good,

    /// <summary>It looks like the work of ransomware or of a mistake: it never takes the place of a good one.</summary>
    Anomalous,

    /// <summary>A part of it is damaged.</summary>
    Damaged,
}

/// <summary>Why a snapshot is kept.</summary>
public enum KeepRule
{
    /// <summary>The first good one of a year.</summary>
    Yearly,

    /// <summary>The first good one of a month.</summary>
    Monthly,

    /// <summary>The first good one of a day.</summary>
    Daily,

    /// <summary>One of the newest good ones, by the policy.</summary>
    Last,

    /// <summary>The newest of all, always.</summary>
    Newest,

    /// <summary>One of the three newest good ones, always.</summary>
    LastGood,

    /// <summary>The last good one before the newest anomaly, always.</summary>
    SafePoint,
}

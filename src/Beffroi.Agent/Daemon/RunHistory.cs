namespace Beffroi.Agent.Daemon;

/// <summary>Which of the plan's classes a good run counts for.</summary>
internal enum RunClass
{
    Daily,
    Monthly,
    Yearly,
}

/// <summary>What the scheduler remembers of the runs of the plan's scope.</summary>
/// <param name="LastGoodStart">When the last run started that made a snapshot.</param>
/// <param name="LastGoodDay">The day it counts for.</param>
/// <param name="FailuresInRow">How many failed since.</param>
/// <param name="LastAttemptEnd">When the last one ended, good or not.</param>
internal sealed record RunHistory(
    DateTimeOffset? LastGoodStart, DateOnly? LastGoodDay, int FailuresInRow, DateTimeOffset? LastAttemptEnd)
{
    internal static RunHistory None { get; } = new(null, null, 0, null);

    /// <summary>After a run that made a snapshot.</summary>
    internal static RunHistory AfterGood(DateTimeOffset started, DateTimeOffset ended, DateOnly day) =>
        new(started, day, 0, ended);

    /// <summary>After one that did not.</summary>
    internal RunHistory WithFailure(DateTimeOffset ended) =>
        this with { FailuresInRow = Math.Min(FailuresInRow + 1, 1000), LastAttemptEnd = ended };

    /// <summary>The class of a good run of that day: a year's first is the year's, and so on; null for a further one of
    /// the same day.</summary>
    internal RunClass? ClassOf(DateOnly day) => LastGoodDay switch
    {
        null => RunClass.Yearly,
        { } last when last >= day => null, // Also after the clock was set back.
        { } last when last.Year != day.Year => RunClass.Yearly,
        { } last when last.Month != day.Month => RunClass.Monthly,
        _ => RunClass.Daily,
    };
}

namespace Beffroi.Agent.Daemon;

/// <summary>Why a run does not start now. The names go over the wire, see docs/format/protocol.md §7.1.</summary>
internal enum WaitReason
{
    None,
    Window,
    Interval,
    Retry,
    Battery,
    Network,
    Metered,
    Turn,
    Plan,
    PlanRefused,
}

/// <summary>What a scheduler says.</summary>
/// <param name="At">Now for a run that is due; else when it means to start, or to look again.</param>
/// <param name="Reason">Why not now; <see cref="WaitReason.None"/> when it is due.</param>
internal readonly record struct Decision(DateTimeOffset At, WaitReason Reason)
{
    internal bool IsDue => Reason == WaitReason.None;
}

/// <summary>Decides when to run. A total function of the plan, the past and the present: it keeps nothing, reads no
/// clock and never throws, so that any night can be played through in a test.</summary>
internal static class Scheduler
{
    // Someone who switches a computer on wants to work with it first; and thirty that are switched on at 8:30 share one
    // line.
    private static readonly TimeSpan s_settleMin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_settleSpread = TimeSpan.FromMinutes(10);

    // A laptop's connection appears: long enough for a sign-in page of the hotel, short enough for a train station.
    private static readonly TimeSpan s_connectMin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_connectSpread = TimeSpan.FromMinutes(2);

    // Power and links change without telling: looked at again so often.
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMinutes(1);

    /// <summary>Whether to start now, or until when to wait and why.</summary>
    /// <param name="seed">The device's own number, which spreads the devices of one plan over its jitter.</param>
    internal static Decision Decide(
        Plan plan, RunHistory history, Surroundings around, ulong seed, DateTimeOffset now)
    {
        var known = Believable(history, now);
        around = around with
        {
            AwakeSince = around.AwakeSince > now ? now : around.AwakeSince,
            ConnectedSince = around.ConnectedSince > now ? now : around.ConnectedSince,
        };
        var due = Earliest(plan, known, around, seed, now);
        if (RetryAt(plan.Pace, known, seed) is { } retry && retry > due)
        {
            due = Earliest(plan, known, around, seed, retry);
            if (due > now) return new Decision(due, due == retry ? WaitReason.Retry : Hours(plan));
        }
        if (due > now) return new Decision(due, Hours(plan));
        return Obstacle(plan.Pace, around) is var reason and not WaitReason.None
            ? new Decision(now + s_lookAgain, reason)
            : new Decision(now, WaitReason.None);
    }

    /// <summary>The day that a run started at this moment counts for: that of its window, or that of the
    /// calendar.</summary>
    internal static DateOnly DayOf(Plan plan, DateTimeOffset now)
    {
        if (plan.Hours is not DailyWindow hours) return plan.Zone.DayOf(now);
        var window = PlanWindow.LastOpened(hours, plan.Zone, now);
        return now < window.Close ? window.Day : plan.Zone.DayOf(now);
    }

    private static WaitReason Hours(Plan plan) =>
        plan.Hours is Continuous ? WaitReason.Interval : WaitReason.Window;

    /// <summary>What a clock that was set back left behind lies in the future, and would stop all runs until
    /// then.</summary>
    private static RunHistory Believable(RunHistory history, DateTimeOffset now) => history with
    {
        LastGoodStart = history.LastGoodStart > now ? null : history.LastGoodStart,
        LastAttemptEnd = history.LastAttemptEnd > now ? null : history.LastAttemptEnd,
    };

    /// <summary>The first moment from <paramref name="from"/> on at which the hours of the plan let a run
    /// start.</summary>
    private static DateTimeOffset Earliest(
        Plan plan, RunHistory history, Surroundings around, ulong seed, DateTimeOffset from) => plan.Hours switch
        {
            DailyWindow hours => EarliestInWindow(hours, plan, history, around, seed, from),
            Continuous continuous => EarliestByInterval(continuous, history, around, seed, from),
            _ => DateTimeOffset.MaxValue,
        };

    private static DateTimeOffset EarliestInWindow(
        DailyWindow hours, Plan plan, RunHistory history, Surroundings around, ulong seed, DateTimeOffset from)
    {
        var window = PlanWindow.LastOpened(hours, plan.Zone, from);
        if (!(history.LastGoodStart >= window.Open))
        {
            var start = StartIn(window, plan.Pace, seed);
            if (from < window.Close) return start > from ? start : from;

            var settled = around.AwakeSince + s_settleMin + s_settleSpread * Share(seed, window.Day);
            var catchUp = settled > from ? settled : from;
            if (hours.CatchUp is { } late && catchUp < window.Close + late) return catchUp;
        }
        return StartIn(PlanWindow.Of(hours, plan.Zone, window.Day.AddDays(1)), plan.Pace, seed);
    }

    /// <summary>Spread over the jitter, but over three quarters of the window at most: who starts at its very end gets
    /// nothing done in it.</summary>
    private static DateTimeOffset StartIn(PlanWindow window, PlanPace pace, ulong seed)
    {
        var room = (window.Close - window.Open) * 0.75;
        return window.Open + (pace.Jitter < room ? pace.Jitter : room) * Share(seed, window.Day);
    }

    private static DateTimeOffset EarliestByInterval(
        Continuous hours, RunHistory history, Surroundings around, ulong seed, DateTimeOffset from)
    {
        var due = history.LastGoodStart is { } last ? last + hours.Every : from;
        var connected = around.IsConnected
            ? around.ConnectedSince + s_connectMin + s_connectSpread * Share(seed, default) : from;
        due = due > connected ? due : connected;
        return due > from ? due : from;
    }

    /// <summary>Pauses that double from failure to failure, up to a bound; a device of its own takes up to a quarter
    /// less, so that they do not all come back at once.</summary>
    private static DateTimeOffset? RetryAt(PlanPace pace, RunHistory history, ulong seed)
    {
        if (history is not { FailuresInRow: > 0, LastAttemptEnd: { } ended }) return null;
        var doublings = Math.Min(history.FailuresInRow - 1, 20);
        var minutes = Math.Min(pace.RetryFirst.TotalMinutes * Math.Pow(2, doublings), pace.RetryMax.TotalMinutes);
        return ended + TimeSpan.FromMinutes(minutes * (1 - 0.25 * Share(seed, new DateOnly(1, 1, 1 + doublings))));
    }

    private static WaitReason Obstacle(PlanPace pace, Surroundings around)
    {
        if (!around.IsConnected) return WaitReason.Network;
        if (around.Link == LinkState.Metered && !pace.OnMetered) return WaitReason.Metered;
        if (around.Power == PowerState.Battery
            && (!pace.OnBattery || around.BatteryPercent < pace.BatteryMinPercent)) return WaitReason.Battery;
        return WaitReason.None;
    }

    /// <summary>From 0 to 1, different for each device and day, the same each time it is asked for.</summary>
    private static double Share(ulong seed, DateOnly day)
    {
        // SplitMix64, of Steele, Lea and Flood: neighbouring inputs give outputs that have nothing in common.
        var value = seed + 0x9E3779B97F4A7C15UL * ((ulong)day.DayNumber + 1);
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return ((value ^ (value >> 31)) >> 11) / (double)(1UL << 53);
    }
}

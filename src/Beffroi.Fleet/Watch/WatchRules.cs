using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Runs;

namespace Beffroi.Fleet.Watch;

/// <summary>Judges a device. Pure: the same facts at the same moment give the same findings.</summary>
internal static class WatchRules
{
    /// <summary>What is not well, worst first; nothing when the device is protected.</summary>
    internal static IReadOnlyList<WatchFinding> Judge(DeviceFacts facts, WatchThresholds limits, DateTimeOffset now) =>
    [
        .. Age(facts, limits, now)
            .Concat(Run(facts, limits))
            .Concat(Quota(facts, limits))
            .Concat(Presence(facts, limits))
            .OrderByDescending(finding => finding.State)
            .ThenBy(finding => finding.Reason),
    ];

    /// <summary>The state that a list of findings adds up to.</summary>
    internal static WatchState StateOf(IEnumerable<WatchFinding> findings) =>
        findings.Select(finding => finding.State).DefaultIfEmpty(WatchState.Good).Max();

    private static IEnumerable<WatchFinding> Age(DeviceFacts facts, WatchThresholds limits, DateTimeOffset now)
    {
        var isLaptop = facts.Kind == DeviceKind.Laptop;
        var (attention, action) = isLaptop
            ? (limits.LaptopOverdue, limits.LaptopOverdueAction)
            : (limits.Overdue, limits.OverdueAction);
        var age = now - (facts.LastGoodAt ?? facts.EnrolledAt);
        if (age <= attention) yield break;

        var state = age > action ? WatchState.Action : WatchState.Attention;
        yield return facts.LastGoodAt is { } last
            ? new WatchFinding(WatchReason.Overdue, state, last)
            : new WatchFinding(WatchReason.NeverBackedUp, state, facts.EnrolledAt);
    }

    private static IEnumerable<WatchFinding> Run(DeviceFacts facts, WatchThresholds limits)
    {
        if (facts.LastRun is not { } run) yield break;

        if (run.Outcome == RunOutcome.Failed)
            yield return new WatchFinding(
                WatchReason.LastRunFailed, WatchState.Attention, run.Started, Text: run.Code);
        if (run.Outcome == RunOutcome.CompletedWithWarnings && run.Unreadable == 0)
            yield return new WatchFinding(WatchReason.RunIncomplete, WatchState.Attention, run.Started);
        if (run.Unreadable > 0)
            yield return new WatchFinding(
                WatchReason.FilesUnreadable, WatchState.Attention, run.Started, run.Unreadable);
        if (run.Refused.Count > 0)
            yield return new WatchFinding(
                WatchReason.VerbsRefused, WatchState.Attention, run.Started, run.Refused.Count, run.Refused[0]);
        if (run.Traces is { } traces && RansomwareSigns.Found(traces))
        {
            yield return new WatchFinding(
                WatchReason.RansomwareSigns, WatchState.Action, run.Started, traces.ChangedFiles + traces.GoneFiles,
                RansomwareSigns.IsNewEnding(traces) ? traces.Extension : null);
        }
        if (facts.UsualNewBytes is { } usual && run.NewBytes >= limits.UnusualVolumeBytesMin
            && run.NewBytes > usual * limits.UnusualVolumeTimes)
        {
            yield return new WatchFinding(
                WatchReason.UnusualVolume, WatchState.Attention, run.Started,
                (long)Math.Min(run.NewBytes / Math.Max(usual, 1), 10_000));
        }
    }

    private static IEnumerable<WatchFinding> Quota(DeviceFacts facts, WatchThresholds limits)
    {
        var percent = facts.QuotaBytes > 0 ? facts.UsedBytes * 100 / facts.QuotaBytes : 0;
        if (facts.QuotaBytes > 0 && facts.UsedBytes >= facts.QuotaBytes)
            yield return new WatchFinding(WatchReason.QuotaReached, WatchState.Action, Number: percent);
        else if (percent >= limits.QuotaNearPercent)
            yield return new WatchFinding(WatchReason.QuotaNear, WatchState.Attention, Number: percent);
    }

    private static IEnumerable<WatchFinding> Presence(DeviceFacts facts, WatchThresholds limits)
    {
        if (facts.DuplicateSince is { } since)
            yield return new WatchFinding(WatchReason.Duplicate, WatchState.Action, since);
        if (facts.ClockAhead is { } ahead && ahead.Duration() > limits.ClockWrong)
            yield return new WatchFinding(
                WatchReason.ClockWrong, WatchState.Attention, Number: (long)ahead.TotalSeconds);
        if (Version.TryParse(facts.AgentVersion, out var version) && version < limits.OldestAgent)
            yield return new WatchFinding(WatchReason.AgentOld, WatchState.Attention, Text: facts.AgentVersion);
        if (facts.UnsentRuns > 1)
            yield return new WatchFinding(WatchReason.ReportsWaiting, WatchState.Attention, Number: facts.UnsentRuns);
        if (facts.Uncovered > 0)
            yield return new WatchFinding(
                WatchReason.Uncovered, WatchState.Attention, facts.UncoveredSince, facts.Uncovered);
    }
}

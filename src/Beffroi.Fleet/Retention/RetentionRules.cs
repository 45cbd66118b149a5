namespace Beffroi.Fleet.Retention;

/// <summary>Decides which snapshots are kept. Pure: the same snapshots give the same verdict, whenever it is
/// asked.</summary>
/// <remarks>Of a period the first good snapshot is kept and not the last: it stays the keeper however many follow, so a
/// verdict on a period that is over never changes, and whoever can push snapshots cannot push a keeper out.</remarks>
public static class RetentionRules
{
    /// <summary>So many good snapshots are kept whatever the policy says.</summary>
    public const int GoodMin = 3;

    /// <summary>Judges all snapshots of one device.</summary>
    /// <param name="zone">Where the members live: their days, months and years count.</param>
    public static RetentionVerdict Judge(
        IEnumerable<RetainedSnapshot> snapshots, RetentionPolicy policy, TimeZoneInfo zone)
    {
        List<Judged> newestFirst =
        [
            .. snapshots.OrderByDescending(each => each.ReceivedAt).ThenByDescending(each => each.Sequence)
                .Select(each => new Judged(each, DayOf(each.ReceivedAt, zone))),
        ];
        var good = newestFirst.Where(each => each.Snapshot.Worth == SnapshotWorth.Good).ToList();
        KeepFirstOfEach(good, KeepRule.Yearly, policy.Yearly, day => new DateOnly(day.Year, 1, 1));
        KeepFirstOfEach(good, KeepRule.Monthly, policy.Monthly, day => new DateOnly(day.Year, day.Month, 1));
        KeepFirstOfEach(good, KeepRule.Daily, policy.Daily, day => day);
        KeepNewest(good, KeepRule.Last, policy.Last);
        KeepNewest(newestFirst, KeepRule.Newest, 1);
        KeepNewest(good, KeepRule.LastGood, GoodMin);
        KeepSafePoint(newestFirst);
        return new RetentionVerdict(DaysOf(newestFirst), ClassesOf(newestFirst, policy));
    }

    private static DateOnly DayOf(DateTimeOffset received, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(received, zone).DateTime);

    private static void KeepFirstOfEach(
        List<Judged> good, KeepRule rule, int count, Func<DateOnly, DateOnly> periodOf)
    {
        var rank = 0;
        foreach (var period in good.GroupBy(each => periodOf(each.Day)).OrderByDescending(period => period.Key)
            .Take(count))
        {
            period.Last().Reasons.Add(new KeepReason(rule, ++rank, period.Key)); // Groups keep the order: newest first.
        }
    }

    private static void KeepNewest(List<Judged> newestFirst, KeepRule rule, int count)
    {
        foreach (var (index, each) in newestFirst.Take(count).Index())
            each.Reasons.Add(new KeepReason(rule, index + 1));
    }

    private static void KeepSafePoint(List<Judged> newestFirst)
    {
        var anomaly = newestFirst.FindIndex(each => each.Snapshot.Worth == SnapshotWorth.Anomalous);
        if (anomaly < 0) return;

        var safe = newestFirst.FindIndex(anomaly, each => each.Snapshot.Worth == SnapshotWorth.Good);
        if (safe >= 0) newestFirst[safe].Reasons.Add(new KeepReason(KeepRule.SafePoint, Rank: 1));
    }

    private static IReadOnlyList<RetentionDay> DaysOf(List<Judged> newestFirst) =>
    [
        .. newestFirst.GroupBy(each => each.Day).Select(day => new RetentionDay(day.Key,
            [.. day.Select(each => new SnapshotVerdict(each.Snapshot, each.Day, each.Reasons))])),
    ];

    private static IReadOnlyList<ClassFill> ClassesOf(List<Judged> judged, RetentionPolicy policy)
    {
        return
        [
            FillOf(KeepRule.Yearly, policy.Yearly), FillOf(KeepRule.Monthly, policy.Monthly),
            FillOf(KeepRule.Daily, policy.Daily), FillOf(KeepRule.Last, policy.Last),
        ];

        ClassFill FillOf(KeepRule rule, int wanted) =>
            new(rule, wanted, judged.Count(each => each.Reasons.Any(reason => reason.Rule == rule)));
    }

    private sealed record Judged(RetainedSnapshot Snapshot, DateOnly Day)
    {
        internal List<KeepReason> Reasons { get; } = [];
    }
}

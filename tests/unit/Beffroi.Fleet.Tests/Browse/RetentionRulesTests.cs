using Beffroi.Fleet.Retention;
using Beffroi.Testing;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Browse;

/// <summary>Which snapshots are kept, and why.</summary>
public sealed class RetentionRulesTests
{
    private static readonly TimeZoneInfo s_paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    [Fact]
    public void Three_years_of_nights_leave_three_of_each_class()
    {
        var first = new DateTimeOffset(2023, 6, 10, 1, 12, 0, TimeSpan.Zero);
        var nights = Enumerable.Range(0, 1000).Select(i => Snapshot(i + 1, first.AddDays(i))).ToList();

        var kept = KeptOf(RetentionRules.Judge(nights, RetentionPolicy.Preset, s_paris));

        Assert.Equal(
            [
                ("2026-03-05", "Daily1 Newest1 LastGood1"), ("2026-03-04", "Daily2 LastGood2"),
                ("2026-03-03", "Daily3 LastGood3"), ("2026-03-01", "Monthly1"), ("2026-02-01", "Monthly2"),
                ("2026-01-01", "Yearly1 Monthly3"), ("2025-01-01", "Yearly2"), ("2024-01-01", "Yearly3"),
            ],
            kept);
    }

    [Fact]
    public void A_snapshot_of_the_night_belongs_to_the_day_it_has_in_Paris()
    {
        // 23:30 in UTC on 31 December is half past midnight of the new year in Paris; in summer it is half past one.
        var verdict = RetentionRules.Judge(
            [
                Snapshot(1, new DateTimeOffset(2025, 12, 31, 22, 30, 0, TimeSpan.Zero)),
                Snapshot(2, new DateTimeOffset(2025, 12, 31, 23, 30, 0, TimeSpan.Zero)),
                Snapshot(3, new DateTimeOffset(2026, 7, 1, 22, 30, 0, TimeSpan.Zero)),
            ],
            new RetentionPolicy(3, 0, 0, 0), s_paris);

        Assert.Equal(
            [new(2026, 7, 2), new(2026, 1, 1), new(2025, 12, 31)], verdict.Days.Select(day => day.Day));
        Assert.Contains("Yearly1", ReasonsOf(verdict, 2), StringComparison.Ordinal);
        Assert.DoesNotContain("Yearly", ReasonsOf(verdict, 3), StringComparison.Ordinal);
        Assert.Contains("Yearly2", ReasonsOf(verdict, 1), StringComparison.Ordinal);
        Assert.Equal(new ClassFill(KeepRule.Yearly, Wanted: 3, Kept: 2), verdict.Classes[0]);
    }

    [Fact]
    public void A_flood_of_anomalous_snapshots_pushes_nothing_good_out()
    {
        var first = new DateTimeOffset(2026, 3, 1, 1, 0, 0, TimeSpan.Zero);
        var good = Enumerable.Range(0, 20).Select(i => Snapshot(i + 1, first.AddDays(i))).ToList();
        var flood = Enumerable.Range(0, 500)
            .Select(i => Snapshot(21 + i, first.AddDays(20 + i), SnapshotWorth.Anomalous)).ToList();
        var before = KeptOf(RetentionRules.Judge(good, RetentionPolicy.Preset, s_paris));

        var after = RetentionRules.Judge([.. good, .. flood], RetentionPolicy.Preset, s_paris);

        Assert.Equal(before.Select(each => each.Day), KeptOf(after).Skip(1).Select(each => each.Day));
        Assert.Equal("Newest1", ReasonsOf(after, 520));
        Assert.Contains("SafePoint1", ReasonsOf(after, 20), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_hold_for_any_history()
    {
        var random = Seed.ForThisTest();
        for (var round = 0; round < 400; round++)
        {
            var history = RandomHistory(random);
            var policy = new RetentionPolicy(random.Next(4), random.Next(5), random.Next(8), random.Next(6));
            var verdict = RetentionRules.Judge(history, policy, s_paris);
            var all = verdict.Days.SelectMany(day => day.Snapshots).ToList();

            Assert.Equal(history.Count, all.Count);
            Assert.Equal(
                history.OrderByDescending(each => each.ReceivedAt).ThenByDescending(each => each.Sequence),
                all.Select(each => each.Snapshot));
            AssertAlwaysKept(all);
            AssertOnlyGoodOnesAreKeepers(all);
            AssertClasses(verdict, all, policy);
            var shuffled = history.OrderBy(_ => random.Next());
            Assert.Equal(KeptOf(verdict), KeptOf(RetentionRules.Judge(shuffled, policy, s_paris)));
        }
    }

    [Fact]
    public void A_period_that_is_over_keeps_its_keeper_whatever_follows()
    {
        var random = Seed.ForThisTest();
        for (var round = 0; round < 200; round++)
        {
            var history = RandomHistory(random);
            var policy = new RetentionPolicy(100, 1000, 10_000, 0); // As many periods as there are.
            var half = history.Take(history.Count / 2).ToList();
            var (early, late) = (KeepersOf(half, policy), KeepersOf(history, policy));
            Assert.Subset(late, early);
        }

        static HashSet<(long, KeepRule)> KeepersOf(List<RetainedSnapshot> history, RetentionPolicy policy) =>
        [
            .. RetentionRules.Judge(history, policy, s_paris).Days.SelectMany(day => day.Snapshots)
                .SelectMany(each => each.Reasons.Where(reason => reason.Period is not null)
                    .Select(reason => (each.Snapshot.Sequence, reason.Rule))),
        ];
    }

    private static void AssertAlwaysKept(List<SnapshotVerdict> newestFirst)
    {
        if (newestFirst.Count > 0) Assert.True(newestFirst[0].IsKept);
        Assert.All(
            newestFirst.Where(each => each.Snapshot.Worth == SnapshotWorth.Good).Take(RetentionRules.GoodMin),
            each => Assert.True(each.IsKept));
        var anomaly = newestFirst.FindIndex(each => each.Snapshot.Worth == SnapshotWorth.Anomalous);
        if (anomaly < 0) return;
        var safe = newestFirst.Skip(anomaly).FirstOrDefault(each => each.Snapshot.Worth == SnapshotWorth.Good);
        Assert.True(safe?.IsKept ?? true);
    }

    private static void AssertOnlyGoodOnesAreKeepers(List<SnapshotVerdict> all) => Assert.All(
        all.Where(each => each.Snapshot.Worth != SnapshotWorth.Good),
        each => Assert.True(each.Reasons.All(reason => reason.Rule == KeepRule.Newest)));

    private static void AssertClasses(RetentionVerdict verdict, List<SnapshotVerdict> all, RetentionPolicy policy)
    {
        var good = all.Where(each => each.Snapshot.Worth == SnapshotWorth.Good).ToList();
        var wanted = new Dictionary<KeepRule, (int Count, int There)>
        {
            [KeepRule.Yearly] = (policy.Yearly, good.Select(each => each.Day.Year).Distinct().Count()),
            [KeepRule.Monthly] = (
                policy.Monthly, good.Select(each => (each.Day.Year, each.Day.Month)).Distinct().Count()),
            [KeepRule.Daily] = (policy.Daily, good.Select(each => each.Day).Distinct().Count()),
            [KeepRule.Last] = (policy.Last, good.Count),
        };
        Assert.All(verdict.Classes, fill => Assert.Equal(
            Math.Min(wanted[fill.Rule].Count, wanted[fill.Rule].There), fill.Kept));
    }

    private static List<RetainedSnapshot> RandomHistory(Random random)
    {
        var at = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(3_000_000));
        var history = new List<RetainedSnapshot>();
        for (var i = random.Next(120); i > 0; i--)
        {
            at = at.AddMinutes(random.Next(4) == 0 ? random.Next(100_000) : random.Next(2_000));
            var worth = random.Next(5) == 0 ? (SnapshotWorth)random.Next(3) : SnapshotWorth.Good;
            history.Add(Snapshot(history.Count + 1, at, worth));
        }
        return history;
    }

    private static RetainedSnapshot Snapshot(
        long sequence, DateTimeOffset at, SnapshotWorth worth = SnapshotWorth.Good) =>
        new(new SnapshotId(Digest256.Of(BitConverter.GetBytes(sequence))), sequence, at, worth);

    private static List<(string Day, string Reasons)> KeptOf(RetentionVerdict verdict) =>
    [
        .. verdict.Days.SelectMany(day => day.Snapshots).Where(each => each.IsKept)
            .Select(each => (each.Day.ToString("yyyy-MM-dd", null), TextOf(each))),
    ];

    private static string ReasonsOf(RetentionVerdict verdict, long sequence) => TextOf(
        verdict.Days.SelectMany(day => day.Snapshots).Single(each => each.Snapshot.Sequence == sequence));

    private static string TextOf(SnapshotVerdict verdict) =>
        string.Join(' ', verdict.Reasons.Select(reason => $"{reason.Rule}{reason.Rank}"));
}

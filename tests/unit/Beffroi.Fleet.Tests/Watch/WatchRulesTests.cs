using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Runs;
using Beffroi.Fleet.Watch;

namespace Beffroi.Fleet.Tests.Watch;

public sealed class WatchRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 8, 50, 0, TimeSpan.Zero);
    private static readonly WatchThresholds Limits = new();

    [Theory]
    [InlineData(DeviceKind.Fixed, 29, WatchState.Good)]
    [InlineData(DeviceKind.Fixed, 31, WatchState.Attention)]
    [InlineData(DeviceKind.Server, 31, WatchState.Attention)]
    [InlineData(DeviceKind.Fixed, 73, WatchState.Action)]
    [InlineData(DeviceKind.Laptop, 71, WatchState.Good)]
    [InlineData(DeviceKind.Laptop, 73, WatchState.Attention)]
    [InlineData(DeviceKind.Laptop, 169, WatchState.Action)]
    public void The_age_of_the_newest_backup_decides_by_the_kind_of_device(
        DeviceKind kind, int hours, WatchState expected)
    {
        var last = Now.AddHours(-hours);

        var findings = WatchRules.Judge(Facts() with { Kind = kind, LastGoodAt = last }, Limits, Now);

        Assert.Equal(expected, WatchRules.StateOf(findings));
        if (expected == WatchState.Good) Assert.Empty(findings);
        else Assert.Equal(new WatchFinding(WatchReason.Overdue, expected, last), Assert.Single(findings));
    }

    [Fact]
    public void A_device_that_never_backed_up_is_overdue_from_its_enrolment_on()
    {
        var facts = Facts() with { LastGoodAt = null, LastRun = null };

        Assert.Empty(WatchRules.Judge(facts with { EnrolledAt = Now.AddHours(-2) }, Limits, Now));
        Assert.Equal(
            new WatchFinding(WatchReason.NeverBackedUp, WatchState.Action, Now.AddDays(-9)),
            Assert.Single(WatchRules.Judge(facts with { EnrolledAt = Now.AddDays(-9) }, Limits, Now)));
    }

    [Fact]
    public void Each_fact_that_is_not_well_has_its_own_reason_and_the_worst_comes_first()
    {
        var facts = Facts() with
        {
            LastRun = Run() with { Outcome = RunOutcome.Failed, Code = "BEF-1005", Refused = ["BEF-4006"] },
            UsedBytes = 950,
            AgentVersion = "0.0.9",
            ClockAhead = TimeSpan.FromDays(-365),
            DuplicateSince = Now.AddHours(-1),
            UnsentRuns = 4,
        };

        var findings = WatchRules.Judge(facts, Limits, Now);

        Assert.Equal(WatchReason.Duplicate, findings[0].Reason);
        Assert.Equal(
            [
                WatchReason.LastRunFailed, WatchReason.QuotaNear, WatchReason.AgentOld, WatchReason.ClockWrong,
                WatchReason.VerbsRefused, WatchReason.Duplicate, WatchReason.ReportsWaiting,
            ],
            findings.Select(finding => finding.Reason).Order());
        Assert.Equal("BEF-1005", findings.Single(each => each.Reason == WatchReason.LastRunFailed).Text);
        Assert.Equal(95, findings.Single(each => each.Reason == WatchReason.QuotaNear).Number);
    }

    [Theory]
    [InlineData(1000, WatchReason.QuotaReached)]
    [InlineData(1200, WatchReason.QuotaReached)]
    [InlineData(900, WatchReason.QuotaNear)]
    public void A_full_vault_is_told_apart_from_a_nearly_full_one(long used, WatchReason expected) =>
        Assert.Equal(expected, Assert.Single(WatchRules.Judge(Facts() with { UsedBytes = used }, Limits, Now)).Reason);

    [Theory]
    [InlineData(20_000_000_000, 1_000_000_000.0, true)]
    [InlineData(9_000_000_000, 1_000_000_000.0, false)] // Nine times the usual.
    [InlineData(900_000_000, 1_000.0, false)]           // Less than anybody would notice.
    [InlineData(20_000_000_000, null, false)]           // Too few nights to know what is usual.
    public void A_night_that_adds_far_more_than_usual_is_noticed(long added, double? usual, bool expected)
    {
        var facts = Facts() with { LastRun = Run() with { NewBytes = added }, UsualNewBytes = usual };

        Assert.Equal(
            expected,
            WatchRules.Judge(facts, Limits, Now).Any(finding => finding.Reason == WatchReason.UnusualVolume));
    }

    [Theory]
    [InlineData(0, WatchReason.RunIncomplete)] // A folder of the plan was not there, or a dump failed.
    [InlineData(3, WatchReason.FilesUnreadable)]
    public void A_backup_that_leaves_something_out_is_never_green(long unreadable, WatchReason expected)
    {
        var run = Run() with { Outcome = RunOutcome.CompletedWithWarnings, Unreadable = unreadable };

        var finding = Assert.Single(WatchRules.Judge(Facts() with { LastRun = run }, Limits, Now));

        Assert.Equal((expected, WatchState.Attention), (finding.Reason, finding.State));
    }

    [Fact]
    public void What_no_plan_covers_is_for_somebody_to_decide_but_not_urgent()
    {
        var facts = Facts() with { Uncovered = 2, UncoveredSince = Now.AddDays(-6) };

        Assert.Equal(
            new WatchFinding(WatchReason.Uncovered, WatchState.Attention, Now.AddDays(-6), 2),
            Assert.Single(WatchRules.Judge(facts, Limits, Now)));
    }

    [Fact]
    public void Encrypted_in_place_given_a_new_ending_or_an_ordinary_day()
    {
        RunTraces quiet = new(20_000, 40, 12, 3, 80_000_000, 60_000_000, ".docx", 9, 8_000);
        var inPlace = quiet with { ChangedFiles = 9_000, ChangedBytes = 4_000_000_000, DenseBytes = 3_900_000_000 };
        var renamed = quiet with
        {
            GoneFiles = 9_000,
            NewFiles = 9_000,
            Extension = ".locked",
            ExtensionFiles = 9_000,
            ExtensionKnown = 0,
        };
        var migrated = quiet with { ChangedFiles = 9_000, ChangedBytes = 4_000_000_000, DenseBytes = 400_000_000 };
        var small = inPlace with { KnownFiles = 150, ChangedFiles = 140 };

        Assert.Equal(
            [false, true, true, false, false],
            new[] { quiet, inPlace, renamed, migrated, small }.Select(RansomwareSigns.Found));
        var finding = Assert.Single(
            WatchRules.Judge(Facts() with { LastRun = Run() with { Traces = renamed } }, Limits, Now));
        Assert.Equal((WatchReason.RansomwareSigns, WatchState.Action, ".locked"),
            (finding.Reason, finding.State, finding.Text));
    }

    private static DeviceFacts Facts() => new(
        DeviceKind.Fixed, Now.AddDays(-90), Now.AddHours(-8), Run(), UsualNewBytes: 40_000_000, QuotaBytes: 1000,
        UsedBytes: 100, "0.1.0", TimeSpan.FromSeconds(1), DuplicateSince: null, UnsentRuns: 0, Uncovered: 0,
        UncoveredSince: null);

    private static LastRun Run() => new(
        RunOutcome.Completed, Now.AddHours(-9), Code: null, Unreadable: 0, LogicalBytes: 9_000_000_000,
        NewBytes: 40_000_000, Refused: [], Traces: null);
}

using Beffroi.Agent.Daemon;
using Beffroi.Protocol;
using Beffroi.Testing;

namespace Beffroi.Agent.Tests.Daemon;

/// <summary>Nights, sleeps, failures and changes of the clock, played through without waiting.</summary>
public sealed class SchedulerTests
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");
    private static readonly DailyWindow Night = new(new TimeOnly(23, 0), new TimeOnly(5, 0), CatchUp: null);
    private static readonly DailyWindow Lunch = new(
        new TimeOnly(12, 0), new TimeOnly(14, 0), CatchUp: TimeSpan.FromHours(22));

    [Fact]
    public void A_server_runs_once_in_each_night_of_two_years_and_only_between_23_and_5()
    {
        var plan = PlanOf(Night);
        var starts = PlayThrough(plan, seed: 7, Local(2026, 1, 1, 12, 0), days: 730, step: TimeSpan.FromMinutes(7));

        var nights = starts.Select(start => Scheduler.DayOf(plan, start)).ToList();
        Assert.Equal(730, nights.Count);
        Assert.Equal(nights.Distinct().Count(), nights.Count);
        Assert.All(starts, start =>
        {
            var local = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(start, Paris).DateTime);
            Assert.True(local >= new TimeOnly(23, 0) || local < new TimeOnly(5, 0), $"{local}");
        });
    }

    [Theory]
    [InlineData(2026, 3, 29)] // 2 h does not exist.
    [InlineData(2026, 10, 25)] // 2 h to 3 h comes twice.
    public void Windows_at_the_hour_at_which_clocks_change_open_and_close(int year, int month, int day)
    {
        var date = new DateOnly(year, month, day);
        DailyWindow[] windows =
        [
            new(new TimeOnly(2, 15), new TimeOnly(2, 45), null), new(new TimeOnly(1, 30), new TimeOnly(2, 30), null),
            new(new TimeOnly(2, 30), new TimeOnly(3, 30), null), new(new TimeOnly(23, 0), new TimeOnly(2, 30), null),
            new(new TimeOnly(2, 59), new TimeOnly(2, 1), null),
        ];
        foreach (var hours in windows)
        {
            for (var offset = -2; offset <= 2; offset++)
            {
                var window = PlanWindow.Of(hours, Paris, date.AddDays(offset));
                var next = PlanWindow.Of(hours, Paris, date.AddDays(offset + 1));
                Assert.True(window.Open < window.Close, $"{hours} {window}");
                Assert.True(window.Open < next.Open, $"{hours} {window}");
                Assert.Equal(window, PlanWindow.LastOpened(hours, Paris, window.Open));
                Assert.Equal(window, PlanWindow.LastOpened(hours, Paris, next.Open.AddTicks(-1)));
            }
        }
    }

    [Fact]
    public void The_night_of_a_change_of_clocks_has_five_or_seven_hours()
    {
        var spring = PlanWindow.Of(Night, Paris, new DateOnly(2026, 3, 28));
        var autumn = PlanWindow.Of(Night, Paris, new DateOnly(2026, 10, 24));

        Assert.Equal(TimeSpan.FromHours(5), spring.Close - spring.Open);
        Assert.Equal(TimeSpan.FromHours(7), autumn.Close - autumn.Open);
    }

    [Fact]
    public void A_computer_that_was_off_at_its_time_catches_up_when_it_is_switched_on_and_a_server_does_not()
    {
        var morning = Local(2026, 3, 3, 8, 30);
        var yesterday = Good(Local(2026, 3, 1, 12, 20), new DateOnly(2026, 3, 1)); // Nothing on the 2nd.
        var on = At(morning);

        var fixedOne = Scheduler.Decide(PlanOf(Lunch), yesterday, on, 1, morning);
        var later = Scheduler.Decide(PlanOf(Lunch), yesterday, on, 1, fixedOne.At);
        var server = Scheduler.Decide(PlanOf(Night), yesterday, on, 1, morning);
        var weekLater = Scheduler.Decide(
            PlanOf(Lunch with { CatchUp = TimeSpan.FromHours(4) }), yesterday, on, 1, morning);

        Assert.InRange(fixedOne.At - morning, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(12));
        Assert.True(later.IsDue);
        Assert.Equal(23, TimeZoneInfo.ConvertTime(server.At, Paris).Hour);
        Assert.Equal(Local(2026, 3, 3, 12, 0).Date, weekLater.At.Date);
        Assert.Equal(WaitReason.Window, weekLater.Reason);
    }

    [Fact]
    public void A_laptop_runs_when_a_connection_appears_and_not_before_its_interval_is_over()
    {
        var plan = PlanOf(new Continuous(TimeSpan.FromHours(4)));
        var now = Local(2026, 3, 3, 9, 0);
        var old = Good(now.AddDays(-3), new DateOnly(2026, 2, 28));
        var recent = Good(now.AddHours(-1), new DateOnly(2026, 3, 3));

        var offline = Scheduler.Decide(plan, old, At(now) with { IsConnected = false }, 1, now);
        var appears = Scheduler.Decide(plan, old, At(now), 1, now);
        var settled = Scheduler.Decide(plan, old, At(now), 1, appears.At);
        var notYet = Scheduler.Decide(plan, recent, At(now.AddHours(-2)), 1, now);

        Assert.Equal(WaitReason.Network, offline.Reason);
        Assert.InRange(appears.At - now, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(150));
        Assert.True(settled.IsDue);
        Assert.Equal((now.AddHours(3), WaitReason.Interval), (notYet.At, notYet.Reason));
    }

    [Fact]
    public void Battery_and_metered_links_are_respected_as_the_plan_says()
    {
        var plan = PlanOf(new Continuous(TimeSpan.FromHours(4)));
        var now = Local(2026, 3, 3, 9, 0);
        var ready = At(now.AddHours(-1));
        Decision With(Surroundings around, Plan? by = null) =>
            Scheduler.Decide(by ?? plan, RunHistory.None, around, 1, now);

        Assert.True(With(ready).IsDue);
        Assert.Equal(WaitReason.Metered, With(ready with { Link = LinkState.Metered }).Reason);
        Assert.True(With(ready with { Link = LinkState.Unknown, Power = PowerState.Unknown }).IsDue);
        Assert.True(With(ready with { Power = PowerState.Battery, BatteryPercent = 40 }).IsDue);
        Assert.Equal(
            WaitReason.Battery, With(ready with { Power = PowerState.Battery, BatteryPercent = 39 }).Reason);
        Assert.Equal(WaitReason.Battery, With(
            ready with { Power = PowerState.Battery, BatteryPercent = 100 },
            plan with { Pace = plan.Pace with { OnBattery = false } }).Reason);
        Assert.True(With(
            ready with { Link = LinkState.Metered }, plan with { Pace = plan.Pace with { OnMetered = true } }).IsDue);
    }

    [Fact]
    public void Pauses_after_failures_double_up_to_their_bound_and_stay_within_the_window()
    {
        var plan = PlanOf(Night);
        var failed = Local(2026, 3, 3, 23, 50);
        var pauses = Enumerable.Range(1, 40).Select(count =>
        {
            var history = new RunHistory(null, null, count, failed);
            return (count, Decision: Scheduler.Decide(plan, history, At(failed.AddHours(-9)), 1, failed));
        }).ToList();

        Assert.All(pauses.Take(6), each =>
        {
            var full = TimeSpan.FromMinutes(Math.Min(5 * Math.Pow(2, each.count - 1), 240));
            Assert.InRange(each.Decision.At - failed, full * 0.75, full);
            Assert.Equal(WaitReason.Retry, each.Decision.Reason);
        });
        Assert.All(pauses.Skip(6), each =>
            Assert.InRange(each.Decision.At - failed, TimeSpan.FromHours(3), TimeSpan.FromHours(26)));
        var late = new RunHistory(null, null, 6, Local(2026, 3, 4, 4, 30));
        var tomorrow = Scheduler.Decide(plan, late, At(failed), 1, Local(2026, 3, 4, 4, 30));
        Assert.Equal(WaitReason.Window, tomorrow.Reason);
        Assert.True(tomorrow.At >= Local(2026, 3, 4, 23, 0));
    }

    [Fact]
    public void Devices_of_one_plan_spread_over_its_jitter()
    {
        var plan = PlanOf(Night);
        var noon = Local(2026, 3, 3, 12, 0);
        var starts = Enumerable.Range(0, 300)
            .Select(device => Scheduler.Decide(plan, RunHistory.None, At(noon), (ulong)device, noon).At).ToList();

        var open = Local(2026, 3, 3, 23, 0);
        Assert.All(starts, start => Assert.InRange(start - open, TimeSpan.Zero, plan.Pace.Jitter));
        foreach (var quarter in starts.GroupBy(start => (int)((start - open) / (plan.Pace.Jitter / 4))))
            Assert.InRange(quarter.Count(), 40, 110);
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_stop_the_runs()
    {
        var plan = PlanOf(new Continuous(TimeSpan.FromHours(4)));
        var now = Local(2026, 3, 3, 9, 0);
        var future = new RunHistory(now.AddYears(3), new DateOnly(2029, 3, 3), 9, now.AddYears(3));

        Assert.True(Scheduler.Decide(plan, future, At(now.AddHours(-1)), 1, now).IsDue);
        var asleep = At(now.AddYears(1)) with { IsConnected = true };
        Assert.InRange(
            Scheduler.Decide(plan, future, asleep, 1, now).At, now, now.AddMinutes(3));
    }

    [Fact]
    public void Classes_follow_from_the_days_of_the_good_runs()
    {
        (DateOnly? Last, DateOnly Day, string? Class)[] cases =
        [
            (null, new(2026, 5, 7), "Yearly"),
            (new(2025, 12, 31), new(2026, 1, 1), "Yearly"),
            (new(2026, 1, 31), new(2026, 2, 1), "Monthly"),
            (new(2026, 2, 1), new(2026, 2, 2), "Daily"),
            (new(2026, 2, 2), new(2026, 2, 2), null),
            (new(2026, 2, 3), new(2026, 2, 2), null),
        ];

        Assert.All(cases, each =>
            Assert.Equal(each.Class, (RunHistory.None with { LastGoodDay = each.Last }).ClassOf(each.Day)?.ToString()));
        // The night of 31 December counts for the old year, also after midnight.
        Assert.Equal(new DateOnly(2025, 12, 31), Scheduler.DayOf(PlanOf(Night), Local(2026, 1, 1, 2, 0)));
        Assert.Equal(new DateOnly(2026, 1, 1), Scheduler.DayOf(PlanOf(Night), Local(2026, 1, 1, 9, 0)));
    }

    [Fact]
    public void Whatever_the_plan_and_the_past_there_is_a_decision_and_it_is_kept()
    {
        var random = Seed.ForThisTest();
        for (var round = 0; round < 20_000; round++)
        {
            var now = Local(2026, 1, 1, 0, 0).AddMinutes(random.Next(0, 2 * 525_600));
            var plan = AnyPlan(random);
            var history = AnyHistory(random, now);
            var around = new Surroundings(
                (PowerState)random.Next(3), random.Next(-1, 101), (LinkState)random.Next(3), random.Next(3) > 0,
                now.AddMinutes(random.Next(-9000, 9000)), now.AddMinutes(random.Next(-9000, 9000)));
            var seed = (ulong)random.NextInt64();

            var first = Scheduler.Decide(plan, history, around, seed, now);
            var again = Scheduler.Decide(plan, history, around, seed, now);

            Assert.Equal(first, again);
            Assert.True(first.IsDue ? first.At == now : first.At > now, $"{first} at {now:O}");
            Assert.True(first.At - now < TimeSpan.FromDays(16), $"{first} at {now:O} by {plan}");
            if (first.Reason is not (WaitReason.Window or WaitReason.Interval or WaitReason.Retry)) continue;
            // Waiting until then, the run starts or something else than its hours is in its way.
            var then = Scheduler.Decide(plan, history, around, seed, first.At);
            Assert.True(
                then.Reason is not (WaitReason.Window or WaitReason.Interval or WaitReason.Retry)
                || then.At - first.At < TimeSpan.FromDays(9),
                $"{first}, then {then} at {now:O}");
        }
    }

    /// <summary>The starts of a computer that never sleeps, looked at every so often; each run takes
    /// 20 minutes.</summary>
    private static List<DateTimeOffset> PlayThrough(
        Plan plan, ulong seed, DateTimeOffset from, int days, TimeSpan step)
    {
        List<DateTimeOffset> starts = [];
        var history = RunHistory.None;
        for (var now = from; now < from.AddDays(days); now += step)
        {
            if (!Scheduler.Decide(plan, history, At(from.AddDays(-1)), seed, now).IsDue) continue;
            starts.Add(now);
            history = RunHistory.AfterGood(now, now.AddMinutes(20), Scheduler.DayOf(plan, now));
        }
        return starts;
    }

    private static RunHistory Good(DateTimeOffset started, DateOnly day) =>
        RunHistory.AfterGood(started, started.AddMinutes(20), day);

    private static Plan PlanOf(PlanHours hours) => new(
        3, Paris, new PlanScope(["/srv"], [], DefaultExclusions: true, []), hours,
        new PlanPace(
            TimeSpan.FromMinutes(120), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(240), OnBattery: true,
            BatteryMinPercent: 40, OnMetered: false, []),
        new DriftMessage(1_000_000_000, 5_000));

    private static Plan AnyPlan(Random random)
    {
        PlanHours hours = random.Next(2) == 0
            ? new Continuous(TimeSpan.FromMinutes(random.Next(1, 10_080)))
            : new DailyWindow(
                AnyTime(random), AnyTime(random), random.Next(2) == 0 ? null : TimeSpan.FromHours(random.Next(0, 168)));
        if (hours is DailyWindow { Start: var start, End: var end } && start == end)
            hours = new DailyWindow(start, start.AddMinutes(1), null);
        var first = TimeSpan.FromMinutes(random.Next(1, 60));
        return PlanOf(hours) with
        {
            Pace = new PlanPace(
                TimeSpan.FromMinutes(random.Next(0, 720)), first, first * random.Next(1, 24), random.Next(2) == 0,
                random.Next(0, 101), random.Next(2) == 0, []),
        };
    }

    private static RunHistory AnyHistory(Random random, DateTimeOffset now)
    {
        DateTimeOffset? Some() => random.Next(4) == 0 ? null : now.AddMinutes(random.Next(-90_000, 5_000));
        return new RunHistory(Some(), null, random.Next(0, 30), Some());
    }

    private static TimeOnly AnyTime(Random random) => new(random.Next(24), random.Next(60));

    private static Surroundings At(DateTimeOffset since) =>
        new(PowerState.Mains, null, LinkState.Free, IsConnected: true, since, since);

    private static DateTimeOffset Local(int year, int month, int day, int hour, int minute) =>
        Paris.FirstInstant(new DateOnly(year, month, day), new TimeOnly(hour, minute));
}

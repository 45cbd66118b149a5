using Beffroi.Agent.Configuration;
using Beffroi.Agent.Daemon;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Daemon;

public sealed class PlanReaderTests
{
    internal static PlanMessage Sound { get; } = new(
        4, "Europe/Paris", new ScopeMessage(["/srv/mairie"], ["*.iso"], DefaultExclusions: true, []),
        new ScheduleMessage("window", "23:00", "05:00", CatchUpHours: 24),
        new PaceMessage(
            60, 5, 240, OnBattery: true, 40, OnMetered: false,
            [new ThrottleMessage("22:00", "06:00", ["monday"], MegabitsPerSecond: 8)]),
        new DriftMessage(1_000_000_000, 5_000));

    [Fact]
    public void A_plan_is_read_with_its_hours_and_paces()
    {
        var plan = PlanReader.Read(Sound);

        Assert.Equal(
            new DailyWindow(new TimeOnly(23, 0), new TimeOnly(5, 0), TimeSpan.FromHours(24)), plan.Hours);
        Assert.Equal(TimeSpan.FromMinutes(240), plan.Pace.RetryMax);
        var throttle = Assert.Single(plan.Pace.Throttles);
        Assert.Equal(1_000_000, throttle.BytesPerSecond);
    }

    [Fact]
    public void A_throttle_that_passes_midnight_belongs_to_the_day_on_which_it_began()
    {
        var throttle = PlanReader.Read(Sound).Pace.Throttles[0];

        Assert.True(throttle.HoldsAt(new DateTime(2026, 3, 2, 23, 0, 0))); // A Monday.
        Assert.True(throttle.HoldsAt(new DateTime(2026, 3, 3, 5, 59, 0)));
        Assert.False(throttle.HoldsAt(new DateTime(2026, 3, 3, 6, 0, 0)));
        Assert.False(throttle.HoldsAt(new DateTime(2026, 3, 2, 5, 0, 0)));
        Assert.False(throttle.HoldsAt(new DateTime(2026, 3, 3, 23, 0, 0)));
    }

    [Fact]
    public void The_lowest_of_the_limits_holds()
    {
        var plan = PlanReader.Read(Sound);
        var monday = new DateTimeOffset(2026, 3, 2, 22, 30, 0, TimeSpan.Zero); // 23:30 in Paris.
        long? At(DateTimeOffset now, long? own) =>
            PlannedLimit.At(plan, new AgentSettings { UploadBytesPerSecondMax = own }, now);

        Assert.Equal(1_000_000, At(monday, own: null));
        Assert.Equal(1_000_000, At(monday, own: 2_000_000));
        Assert.Equal(500_000, At(monday, own: 500_000));
        Assert.Null(At(monday.AddHours(12), own: null));
        Assert.Equal(500_000, At(monday.AddHours(12), own: 500_000));
    }

    [Fact]
    public void A_plan_with_anything_that_cannot_be_read_is_refused_whole()
    {
        PlanMessage[] broken =
        [
            Sound with { Schedule = new ScheduleMessage("weekly") },
            Sound with { Schedule = Sound.Schedule with { WindowStart = "25:00" } },
            Sound with { Schedule = Sound.Schedule with { WindowStart = "05:00" } },
            Sound with { Schedule = new ScheduleMessage("continuous", EveryMinutes: 0) },
            Sound with { Scope = Sound.Scope with { Include = ["mairie"] } },
            Sound with { Scope = Sound.Scope with { Dumps = [new DumpMessage("a", "oracle", 60, "warn")] } },
            Sound with { Scope = Sound.Scope with { Dumps = [new DumpMessage("../a", "mysql", 60, "warn")] } },
            Sound with { Pace = Sound.Pace with { Throttles = [new ThrottleMessage("08:00", "9", [], 1)] } },
            Sound with { Pace = Sound.Pace with { Throttles = [new ThrottleMessage("08:00", "09:00", ["3"], 1)] } },
        ];

        Assert.All(broken, message => Assert.Equal(
            ErrorCode.PlanUnusable, Assert.Throws<VaultException>(() => PlanReader.Read(message)).Code));
    }

    [Fact]
    public void A_plan_outlives_the_daemon_and_a_damaged_file_is_told_and_left_alone()
    {
        using var folder = new TemporaryFolder();
        var home = new AgentHome(Path.Combine(folder.FullPath, "config"), Path.Combine(folder.FullPath, "state"));
        List<string> notes = [];

        Assert.Null(PlanFile.Load(home, notes.Add));
        PlanFile.Save(home, Sound);
        var kept = PlanFile.Load(home, notes.Add);
        File.WriteAllText(home.PlanFile, """{"revision":4}""");
        var damaged = PlanFile.Load(home, notes.Add);

        Assert.Equal(4, kept!.Revision);
        Assert.Null(damaged);
        Assert.Contains(home.PlanFile, Assert.Single(notes), StringComparison.Ordinal);
    }
}

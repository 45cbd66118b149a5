using System.Globalization;
using Beffroi.Protocol;

namespace Beffroi.Fleet.Plans;

/// <summary>A plan as docs/format/protocol.md §7.2 has it.</summary>
internal static class PlanWire
{
    internal static PlanMessage ToMessage(PlanContent plan, long revision) => new(
        revision, plan.TimeZone,
        new ScopeMessage(
            plan.Scope.Include, plan.Scope.Exclude, plan.Scope.DefaultExclusions,
            [.. plan.Scope.Dumps.Select(ToMessage)]),
        ToMessage(plan.Schedule),
        new PaceMessage(
            plan.Pace.JitterMinutes, plan.Pace.RetryFirstMinutes, plan.Pace.RetryMaxMinutes, plan.Pace.OnBattery,
            plan.Pace.BatteryMinPercent, plan.Pace.OnMetered, [.. plan.Pace.Throttles.Select(ToMessage)]),
        new DriftMessage(plan.Drift.FolderBytesMin, plan.Drift.FolderFilesMin));

    internal static string TextOf(DumpKind kind) => kind switch
    {
        DumpKind.PostgreSql => "postgresql",
        DumpKind.MySql => "mysql",
        DumpKind.SqlServer => "sqlserver",
        DumpKind.Firebird => "firebird",
        _ => "custom",
    };

    private static DumpMessage ToMessage(DatabaseDump dump) => new(
        dump.Name, TextOf(dump.Kind), (int)dump.Timeout.TotalSeconds, dump.FailsRun ? "fail" : "warn", dump.Database,
        dump.Host, dump.Port, dump.User);

    private static ScheduleMessage ToMessage(PlanSchedule schedule) => schedule.Mode == ScheduleMode.Continuous
        ? new ScheduleMessage("continuous", EveryMinutes: schedule.EveryMinutes)
        : new ScheduleMessage(
            "window", Text(schedule.WindowStart), Text(schedule.WindowEnd), schedule.CatchUpHours);

    private static ThrottleMessage ToMessage(ThrottleWindow throttle) => new(
        Text(throttle.From)!, Text(throttle.To)!,
        [.. throttle.Days.Select(day => day.ToString().ToLowerInvariant())], throttle.MegabitsPerSecond);

    private static string? Text(TimeOnly? time) => time?.ToString("HH':'mm", CultureInfo.InvariantCulture);
}

using Beffroi.Agent.Configuration;

namespace Beffroi.Agent.Daemon;

/// <summary>How fast the daemon may send at some moment.</summary>
internal static class PlannedLimit
{
    /// <summary>The lowest of what the settings and the plan's throttles say; null for no limit.</summary>
    internal static long? At(Plan plan, AgentSettings settings, DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(now, plan.Zone).DateTime;
        var limits = plan.Pace.Throttles.Where(throttle => throttle.HoldsAt(local))
            .Select(throttle => throttle.BytesPerSecond);
        if (settings.UploadBytesPerSecondMax is { } own) limits = limits.Append(own);
        return limits.Select(limit => (long?)limit).Min();
    }
}

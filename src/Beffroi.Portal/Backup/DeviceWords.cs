using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Plans;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Backup;

/// <summary>How devices are shown.</summary>
internal static class DeviceWords
{
    /// <summary>Name of the icon of a kind.</summary>
    internal static string IconOf(DeviceKind kind) => kind switch
    {
        DeviceKind.Laptop => "device-laptop",
        DeviceKind.Server => "server",
        _ => "device-desktop",
    };

    /// <summary>When a plan runs.</summary>
    internal static string HoursOf(Text text, Words words, PlanSchedule schedule) => schedule switch
    {
        { Mode: ScheduleMode.Window, WindowStart: { } start, WindowEnd: { } end } =>
            text["chaque jour entre {0} et {1}", words.Hour(start), words.Hour(end)],
        { EveryMinutes: { } minutes } => text[
            "dès qu'il y a une connexion, toutes les {0}", words.Duration(TimeSpan.FromMinutes(minutes))],
        _ => text["à la demande"],
    };
}

using Beffroi.Fleet.Devices;

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
}

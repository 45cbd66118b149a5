using System.Runtime.InteropServices;
using Beffroi.Agent.Daemon;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>What Windows says. What a link costs is behind COM, which this program does not speak: unknown.</summary>
internal sealed partial class WindowsHost : IHostFacts
{
    private const byte Unknown = 255;

    /// <inheritdoc/>
    public string SystemName => RuntimeInformation.OSDescription;

    /// <inheritdoc/>
    public (PowerState State, int? Percent) Power()
    {
        if (!GetSystemPowerStatus(out var status)) return (PowerState.Unknown, null);
        int? percent = status.BatteryLifePercent == Unknown ? null : status.BatteryLifePercent;
        return status.AcLineStatus switch
        {
            1 => (PowerState.Mains, percent),
            0 => (PowerState.Battery, percent),
            _ => (PowerState.Unknown, percent),
        };
    }

    /// <inheritdoc/>
    public Task<LinkState> LinkAsync(CancellationToken cancellationToken) => Task.FromResult(LinkState.Unknown);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetSystemPowerStatus(out PowerStatus status);

    [StructLayout(LayoutKind.Sequential)]
    private struct PowerStatus
    {
        internal byte AcLineStatus;
        internal byte BatteryFlag;
        internal byte BatteryLifePercent;
        internal byte SystemStatusFlag;
        internal uint BatteryLifeTime;
        internal uint BatteryFullLifeTime;
    }
}

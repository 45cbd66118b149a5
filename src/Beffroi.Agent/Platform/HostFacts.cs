using System.Runtime.InteropServices;
using Beffroi.Agent.Daemon;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.Platform.Windows;

namespace Beffroi.Agent.Platform;

/// <summary>What a system says of the computer it runs on. Every answer may be "unknown".</summary>
internal interface IHostFacts
{
    /// <summary>Name of the system for a person, such as <c>Debian GNU/Linux 12</c>.</summary>
    string SystemName { get; }

    /// <summary>What the computer runs on, and how full the battery is.</summary>
    (PowerState State, int? Percent) Power();

    /// <summary>What the connection costs. May take seconds.</summary>
    Task<LinkState> LinkAsync(CancellationToken cancellationToken);
}

/// <summary>The facts of this computer.</summary>
internal static class HostFacts
{
    internal static IHostFacts OfThisSystem() => OperatingSystem.IsWindows() ? new WindowsHost()
        : OperatingSystem.IsLinux() ? new LinuxHost("/") : new UnknownHost();

    /// <summary>The short name that enrolments use.</summary>
    internal static string Platform => OperatingSystem.IsWindows() ? "windows"
        : OperatingSystem.IsMacOS() ? "macos" : "linux";

    /// <summary>When the system started, by its own clock.</summary>
    internal static DateTimeOffset Booted(TimeProvider time) =>
        time.GetUtcNow() - TimeSpan.FromMilliseconds(Environment.TickCount64);

    private sealed class UnknownHost : IHostFacts
    {
        public string SystemName => RuntimeInformation.OSDescription;

        public (PowerState State, int? Percent) Power() => (PowerState.Unknown, null);

        public Task<LinkState> LinkAsync(CancellationToken cancellationToken) => Task.FromResult(LinkState.Unknown);
    }
}

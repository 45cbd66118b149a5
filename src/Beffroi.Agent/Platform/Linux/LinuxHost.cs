using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Beffroi.Agent.Daemon;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>What Linux says in /etc, /sys and /proc, and NetworkManager where it runs.</summary>
/// <param name="root">Where those lie; another folder in tests.</param>
internal sealed class LinuxHost(string root) : IHostFacts
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public string SystemName => TryRead("etc/os-release")?.Split('\n')
        .Where(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
        .Select(line => line["PRETTY_NAME=".Length..].Trim('"', ' '))
        .FirstOrDefault() ?? RuntimeInformation.OSDescription;

    /// <inheritdoc/>
    public (PowerState State, int? Percent) Power()
    {
        var (isMains, isDischarging, percent) = (false, false, (int?)null);
        foreach (var supply in Supplies())
        {
            if (TryRead($"{supply}/scope") == "Device") continue; // The battery of a mouse.
            if (TryRead($"{supply}/type") != "Battery") isMains |= TryRead($"{supply}/online") == "1";
            else
            {
                isDischarging |= TryRead($"{supply}/status") == "Discharging";
                percent = int.TryParse(
                    TryRead($"{supply}/capacity"), NumberStyles.None, CultureInfo.InvariantCulture, out var capacity)
                    ? capacity : percent;
            }
        }
        return isMains ? (PowerState.Mains, percent)
            : isDischarging ? (PowerState.Battery, percent) : (PowerState.Unknown, percent);
    }

    /// <inheritdoc/>
    public async Task<LinkState> LinkAsync(CancellationToken cancellationToken)
    {
        if (DefaultDevice() is not { } device) return LinkState.Unknown;
        try
        {
            var start = new ProcessStartInfo("nmcli", ["-g", "GENERAL.METERED", "device", "show", device])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using var process = Process.Start(start);
            if (process is null) return LinkState.Unknown;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(s_patience);
            return ParseMetered(await process.StandardOutput.ReadToEndAsync(patience.Token));
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return LinkState.Unknown; // No NetworkManager here, or one that does not answer.
        }
    }

    /// <summary>Reads <c>yes</c>, <c>yes (guessed)</c>, <c>no</c>, <c>no (guessed)</c> or <c>unknown</c>.</summary>
    internal static LinkState ParseMetered(string answer) =>
        answer.StartsWith("yes", StringComparison.Ordinal) ? LinkState.Metered
        : answer.StartsWith("no", StringComparison.Ordinal) ? LinkState.Free : LinkState.Unknown;

    /// <summary>The network device of the default route.</summary>
    internal string? DefaultDevice() => TryRead("proc/net/route")?.Split('\n').Skip(1)
        .Select(line => line.Split('\t', StringSplitOptions.RemoveEmptyEntries))
        .Where(columns => columns.Length > 1 && columns[1] == "00000000")
        .Select(columns => columns[0]).FirstOrDefault();

    private IEnumerable<string> Supplies()
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(root, "sys/class/power_supply"))
                .Select(path => $"sys/class/power_supply/{Path.GetFileName(path)}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path)).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

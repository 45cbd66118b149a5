using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>Volume snapshots through the WMI class Win32_ShadowCopy, asked by PowerShell.</summary>
/// <remarks>Not through COM: that needs a program of the system's own processor architecture and much code. Whatever
/// goes wrong is reported and the backup reads the live files.</remarks>
[SupportedOSPlatform("windows")]
internal sealed class ShadowCopies(TimeProvider time) : IVolumeSnapshots
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3); // Writers are given 60 s each by the system.

    public IEnumerable<string> VolumesOf(EntryPath path) => path.IsEmpty
        ? DriveInfo.GetDrives().Where(drive => drive.DriveType == DriveType.Fixed).Select(drive => drive.Name[..2])
        : [path.ToString().Split('/')[0]];

    public async Task<IVolumeSnapshot?> TryCreateAsync(
        string volume, Action<string> report, CancellationToken cancellationToken)
    {
        if (volume is not [var letter, ':'] || !char.IsAsciiLetter(letter)) return null;
        var output = await RunAsync($$"""
            $r = (Get-WmiObject -List Win32_ShadowCopy).Create('{{letter}}:\', 'ClientAccessible')
            if ($r.ReturnValue -ne 0) { "error $($r.ReturnValue)"; exit 1 }
            $s = Get-WmiObject Win32_ShadowCopy | Where-Object { $_.ID -eq $r.ShadowID }
            $s.ID
            $s.DeviceObject
            """, cancellationToken);
        var lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines is [var id, var device] && Guid.TryParse(id, out var guid))
            return new ShadowCopy($"{char.ToUpperInvariant(letter)}:", device, guid, this);
        var why = lines.Length == 0 ? "PowerShell answered nothing" : string.Join(' ', lines);
        report($"No snapshot of {volume} could be made ({why}): open files may be left out. Run the agent as a service "
            + "or as administrator.");
        return null;
    }

    /// <summary>What the script printed, or why it did not run.</summary>
    private async Task<string> RunAsync(string script, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            string[] arguments = ["-NoProfile", "-NonInteractive", "-Command", script];
            var start = new ProcessStartInfo(Shell, arguments) { RedirectStandardOutput = true, CreateNoWindow = true };
            using var process = Process.Start(start);
            return process is null ? "PowerShell did not start" : await OutputAsync(process, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "PowerShell did not answer in time";
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
        {
            return exception.Message;
        }
    }

    private static async Task<string> OutputAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>By its full path: a program of that name in the working folder must not run with these
    /// rights.</summary>
    private static string Shell => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.System), @"WindowsPowerShell\v1.0\powershell.exe");

    private sealed class ShadowCopy(string volume, string devicePath, Guid id, ShadowCopies owner) : IVolumeSnapshot
    {
        public string Volume => volume;

        public string DevicePath => devicePath;

        public async ValueTask DisposeAsync() => await owner.RunAsync(
            $"(Get-WmiObject Win32_ShadowCopy | Where-Object {{ $_.ID -eq '{id:B}' }}).Delete()",
            CancellationToken.None);
    }
}

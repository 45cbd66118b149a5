using System.Text.Json;
using Beffroi.Agent.Configuration;

namespace Beffroi.Agent.Daemon;

/// <summary>What the daemon does now, written down for 'beffroi status'.</summary>
internal sealed class StatusFile(AgentHome home, TimeProvider time)
{
    private DaemonStatus? _last;

    /// <summary>When this daemon started.</summary>
    internal DateTimeOffset Started { get; } = time.GetUtcNow();

    /// <summary>Writes it, if it is news.</summary>
    internal void Write(DaemonStatus status)
    {
        if (status == _last) return;
        try
        {
            using (var file = OwnerOnly.Overwrite(home.DaemonStatusFile + ".new"))
                JsonSerializer.Serialize(file, status, DaemonJson.Default.DaemonStatus);
            File.Move(home.DaemonStatusFile + ".new", home.DaemonStatusFile, overwrite: true);
            _last = status;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _last = null; // A full disk: nobody's backup depends on this file.
        }
    }

    /// <summary>The daemon ends.</summary>
    internal void Delete()
    {
        try
        {
            File.Delete(home.DaemonStatusFile);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _last = null; // Whoever reads it looks first whether a daemon lives.
        }
    }

    /// <summary>What the daemon of this device last wrote; null when none lives.</summary>
    internal static DaemonStatus? Read(AgentHome home)
    {
        if (!RunLock.IsDaemonAlive(home)) return null;
        try
        {
            return JsonSerializer.Deserialize(
                File.ReadAllBytes(home.DaemonStatusFile), DaemonJson.Default.DaemonStatus);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}

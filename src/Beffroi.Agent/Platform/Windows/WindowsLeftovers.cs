using System.Diagnostics;
using System.Runtime.Versioning;
using static Beffroi.Agent.Platform.Windows.WindowsConstants;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>What a killed restore left under temporary names.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsLeftovers
{
    /// <summary>Removes what no living process can complete. To be called before this process makes anything in the
    /// directory.</summary>
    internal static void Remove(string directory)
    {
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(directory, TemporaryNames.Prefix + "*"))
                if (TemporaryNames.IsAbandoned(Path.GetFileName(path), Environment.ProcessId, IsAlive)) Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Not to be listed by this user, who then made nothing in it.
        }
    }

    /// <summary>A name, and not what a link leads to.</summary>
    private static void Delete(string path)
    {
        using var handle = Win32.CreateFileW(
            path, WindowsConstants.Delete, ShareRead | ShareWrite | ShareDelete, 0, OpenExisting,
            BackupSemantics | OpenReparsePoint, 0);
        if (!handle.IsInvalid) WindowsTarget.Discard(handle);
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false; // That is how it says so.
        }
    }
}

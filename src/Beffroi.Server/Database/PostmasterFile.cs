using System.Diagnostics;
using System.Globalization;

namespace Beffroi.Server.Database;

/// <summary>The file in which a cluster's main process names itself. After a power cut it stays behind, and its number
/// may by then be that of a stranger, who must be neither waited for nor stopped.</summary>
internal sealed class PostmasterFile(string cluster)
{
    // Number, folder and time of the start; what follows changes while the cluster runs.
    private const int IdentityLines = 3;

    private string FilePath => Path.Combine(cluster, "postmaster.pid");

    /// <summary>Whether the process that the file names lives and is the cluster's.</summary>
    internal bool IsOfLivingProcess()
    {
        try
        {
            var lines = Identity(FilePath);
            using var process = Process.GetProcessById(
                int.Parse(lines.FirstOrDefault() ?? "", CultureInfo.InvariantCulture));
            return !process.HasExited && WorksHere(process.Id, lines);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException
            or FormatException or OverflowException or InvalidOperationException)
        {
            return false; // No file, or a number that no process has, or that of somebody else's.
        }
    }

    internal void Remove() => File.Delete(FilePath);

    /// <summary>PostgreSQL works in its data folder: there, under another path perhaps, lies the very same
    /// file.</summary>
    private static bool WorksHere(int process, string[] lines) =>
        !Directory.Exists("/proc/self")
        || Identity($"/proc/{process}/cwd/postmaster.pid").SequenceEqual(lines, StringComparer.Ordinal);

    private static string[] Identity(string path) => [.. File.ReadLines(path).Take(IdentityLines)];
}

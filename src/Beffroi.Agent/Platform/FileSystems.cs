using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.Platform.Windows;
using Beffroi.Vault;

namespace Beffroi.Agent.Platform;

/// <summary>Opens this system's file systems for reading and for restoring.</summary>
internal static class FileSystems
{
    /// <param name="report">Told what was left out, on the thread of the call.</param>
    /// <param name="snapshots">Volumes to be read from their snapshots; the caller disposes them, later.</param>
    internal static ISourceFileSystem OpenSource(
        Action<SourceProblem> report, IReadOnlyCollection<IVolumeSnapshot>? snapshots = null)
    {
        if (OperatingSystem.IsLinux()) return new LinuxSource(report);
        var volumes = (snapshots ?? []).ToDictionary(snapshot => snapshot.Volume, snapshot => snapshot.DevicePath);
        return OperatingSystem.IsWindows() ? new WindowsSource(volumes, report) : throw Unknown();
    }

    /// <param name="directory">Where to restore; created if it misses.</param>
    /// <param name="report">Told what was not restored, on the thread of the call.</param>
    internal static ITargetFileSystem OpenTarget(string directory, TargetOptions options, Action<TargetProblem> report)
    {
        CreateTop(directory);
        if (OperatingSystem.IsLinux()) return new LinuxTarget(directory, options, report);
        return OperatingSystem.IsWindows() ? new WindowsTarget(directory, options, report) : throw Unknown();
    }

    internal static IVolumeSnapshots OpenSnapshots(TimeProvider time) =>
        OperatingSystem.IsWindows() ? new ShadowCopies(time) : new NoVolumeSnapshots();

    private static void CreateTop(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VaultException(ErrorCode.TargetUnwritable, retryable: false,
                $"The folder {directory} to restore to could not be created: {exception.Message} Choose another one.",
                exception);
        }
    }

    private static VaultException Unknown() => new(ErrorCode.NotOnThisSystem, retryable: false,
        "This program reads and restores files on Linux and Windows only. Run the agent on one of these.");
}

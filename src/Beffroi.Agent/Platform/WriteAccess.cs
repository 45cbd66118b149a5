using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.Platform.Windows;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Agent.Platform;

/// <summary>What an object is to the program of a service.</summary>
internal enum ProgramPart
{
    /// <summary>The program.</summary>
    File,

    /// <summary>Its folder.</summary>
    Folder,

    /// <summary>A folder above that one.</summary>
    Above,

    /// <summary>The highest of them.</summary>
    Top,
}

/// <summary>Tells whether somebody who is no administrator of this computer could have written what the agent goes by:
/// as root or SYSTEM it would do what they say.</summary>
/// <remarks>Each answer is the end of a sentence about the object, such as "belongs to anne", or null when nothing
/// is wrong. A system that the agent does not know has no answers.</remarks>
internal static class WriteAccess
{
    /// <summary>Of a folder of the agent's own, which the account of this process may own as well.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    /// <exception cref="IOException">The system does not say.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not ask.</exception>
    internal static string? FaultOfFolder(string path) =>
        OperatingSystem.IsLinux() ? LinuxAccess.FaultOfFolder(path)
        : OperatingSystem.IsWindows() ? WindowsSecurity.FaultOfFolder(path) : null;

    /// <summary>Of an open file in such a folder.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    internal static string? FaultOfFile(SafeFileHandle file, string path) =>
        OperatingSystem.IsLinux() ? LinuxAccess.FaultOfFile(file)
        : OperatingSystem.IsWindows() ? WindowsSecurity.FaultOfFile(file, path) : null;

    /// <summary>Of a program that is to run as root or SYSTEM, or of a folder above it: administrators alone.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not ask.</exception>
    internal static string? FaultOfProgram(string path, ProgramPart part) =>
        OperatingSystem.IsLinux() ? LinuxAccess.FaultOfProgram(path)
        : OperatingSystem.IsWindows() ? WindowsSecurity.FaultOfProgram(path, part) : null;
}

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>The event log of Windows ("Application"), for failures of a service or an installer: they have no
/// screen.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WindowsEventLog
{
    private const ushort Error = 1;

    /// <summary>Adds an error; says nothing where Windows takes none.</summary>
    /// <remarks>Without a library of texts registered for the source, Windows shows a sentence about that, and then the
    /// message.</remarks>
    internal static void Report(string message)
    {
        var source = RegisterEventSourceW(null, "Beffroi");
        if (source == 0) return;
        fixed (char* text = message)
        {
            var texts = text;
            _ = ReportEventW(source, Error, category: 0, id: 1, user: 0, texts: 1, dataBytes: 0, &texts, data: 0);
        }
        _ = DeregisterEventSource(source);
    }

    [LibraryImport("advapi32.dll", StringMarshalling = StringMarshalling.Utf16)]
    private static partial nint RegisterEventSourceW(string? server, string source);

    [LibraryImport("advapi32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool ReportEventW(
        nint source, ushort kind, ushort category, uint id, nint user, ushort texts, uint dataBytes, char** strings,
        nint data);

    [LibraryImport("advapi32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool DeregisterEventSource(nint source);
}

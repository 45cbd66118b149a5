using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>Lists the named streams of an open file or directory.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe class WindowsStreams
{
    private const int BufferBytes = 64 * 1024; // Some 500 streams of one file; more are listed as none: no known case.
    private const string DataType = ":$DATA";

    internal static IReadOnlyList<AlternateStream> List(SafeFileHandle handle)
    {
        var buffer = new byte[BufferBytes];
        fixed (byte* start = buffer)
        {
            // Refused where the file system has no streams, and at the end for a directory without any.
            if (!Win32.GetFileInformationByHandleEx(handle, WindowsConstants.StreamInfo, start, BufferBytes)) return [];
            return Parse(start);
        }
    }

    /// <summary>Names come as ":name:$DATA"; the file's own content as "::$DATA".</summary>
    private static List<AlternateStream> Parse(byte* position)
    {
        var found = new List<AlternateStream>();
        while (true)
        {
            var record = (StreamRecord*)position;
            var name = new string((char*)(position + StreamRecord.NameOffset), 0, (int)record->NameBytes / 2);
            if (name.Length > DataType.Length + 1 && name.EndsWith(DataType, StringComparison.Ordinal))
                found.Add(new AlternateStream(name[1..^DataType.Length], record->Bytes, Content.Empty));
            if (record->NextOffset == 0) return found;
            position += record->NextOffset;
        }
    }
}

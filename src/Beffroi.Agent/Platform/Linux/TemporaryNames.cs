using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Names that objects have until they are complete, and what a killed run left under such names.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class TemporaryNames
{
    private const string Prefix = ".beffroi-restore-";
    private static ReadOnlySpan<byte> PrefixBytes => ".beffroi-restore-"u8;
    private const int EntriesBufferBytes = 64 * 1024;
    private const int EntryNameOffset = 19; // As in LinuxSource.

    /// <summary>The process is in the name, so that two restores into one folder do not meet.</summary>
    internal static byte[] Of(int number) =>
        Encoding.UTF8.GetBytes($"{Prefix}{Environment.ProcessId:x}-{number:x}");

    /// <summary>Removes what no living process can complete. To be called before this process makes anything in the
    /// directory: a leftover may bear its own number.</summary>
    internal static void RemoveLeftovers(int directory)
    {
        // A descriptor of its own, because the position in a directory belongs to the descriptor.
        var descriptor = Posix.OpenAt(directory, "."u8, OpenFlags.ReadOnly | OpenFlags.Directory);
        if (descriptor < 0) return; // Not to be listed by this user, who then made nothing in it.
        foreach (var name in Names(descriptor))
            if (IsAbandoned(Encoding.UTF8.GetString(name))) _ = Posix.UnlinkAt(descriptor, name);
        Posix.Close(descriptor);
    }

    private static List<byte[]> Names(int descriptor)
    {
        var found = new List<byte[]>();
        var rented = ArrayPool<byte>.Shared.Rent(EntriesBufferBytes);
        fixed (byte* buffer = rented)
        {
            int length;
            while ((length = Posix.ReadDirectory(descriptor, buffer, EntriesBufferBytes)) > 0)
                for (var entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + 16))
                {
                    var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + EntryNameOffset);
                    if (name.StartsWith(PrefixBytes)) found.Add(name.ToArray());
                }
        }
        ArrayPool<byte>.Shared.Return(rented);
        return found;
    }

    private static bool IsAbandoned(string name)
    {
        var parts = name[Prefix.Length..].Split('-');
        if (parts.Length != 2 || !int.TryParse(parts[1], NumberStyles.AllowHexSpecifier, null, out _)) return false;
        if (!int.TryParse(parts[0], NumberStyles.AllowHexSpecifier, null, out var process)) return false;
        if (process <= 0) return false;
        const int nothing = 0; // No signal: only whether it could be sent.
        return process == Environment.ProcessId
            || Posix.Result(Libc.kill(process, nothing)) == -Errno.NoProcess;
    }
}

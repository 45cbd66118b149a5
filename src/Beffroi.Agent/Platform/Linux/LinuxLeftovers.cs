using System.Runtime.Versioning;
using System.Text;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>What a killed restore left under temporary names.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class LinuxLeftovers
{
    private static ReadOnlySpan<byte> PrefixBytes => ".beffroi-restore-"u8; // TemporaryNames.Prefix

    /// <summary>Removes what no living process can complete. To be called before this process makes anything in the
    /// directory.</summary>
    internal static void Remove(int directory)
    {
        // A descriptor of its own, because the position in a directory belongs to the descriptor.
        var descriptor = Posix.OpenAt(directory, "."u8, OpenFlags.ReadOnly | OpenFlags.Directory);
        if (descriptor < 0) return; // Not to be listed by this user, who then made nothing in it.
        var found = new List<byte[]>();
        _ = DirectoryEntries.ForEach(descriptor, (name, _) =>
        {
            if (name.StartsWith(PrefixBytes)) found.Add(name.ToArray());
        });
        foreach (var name in found)
            if (TemporaryNames.IsAbandoned(Encoding.UTF8.GetString(name), Environment.ProcessId, IsAlive))
                _ = Posix.UnlinkAt(descriptor, name);
        Posix.Close(descriptor);
    }

    private static bool IsAlive(int process)
    {
        const int nothing = 0; // No signal: only whether it could be sent.
        return Posix.Result(Libc.kill(process, nothing)) != -Errno.NoProcess;
    }
}

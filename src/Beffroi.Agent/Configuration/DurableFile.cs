using System.Runtime.InteropServices;

namespace Beffroi.Agent.Configuration;

/// <summary>Writes a small file so that after a power cut the old or the new content is there, whole.</summary>
internal static partial class DurableFile
{
    // O_RDONLY | O_CLOEXEC: the second differs.
    private static readonly int s_openFlags = OperatingSystem.IsMacOS() ? 0x100_0000 : 0x8_0000;

    /// <summary>Replaces the content of a file that only its owner may read. The folder exists.</summary>
    internal static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new"; // One writer at a time; what a killed one left is overwritten.
        using (var file = OwnerOnly.Overwrite(temporary))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Makes a rename durable. NTFS journals it by itself.</summary>
    private static void FlushFolder(string? folder)
    {
        if (folder is null || OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, s_openFlags);
        if (descriptor < 0) throw Failure(folder);
        var result = Fsync(descriptor);
        var failure = result == 0 ? null : Failure(folder);
        _ = Close(descriptor);
        if (failure is not null) throw failure;
    }

    private static IOException Failure(string folder) =>
        new($"The folder {folder} could not be written to the disk: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

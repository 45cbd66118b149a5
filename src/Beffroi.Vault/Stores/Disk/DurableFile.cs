using System.Security.Cryptography;

namespace Beffroi.Vault.Stores.Disk;

/// <summary>Writes small files that must outlive a power cut: keys, certificates, recovery kits, an enrolment. What is
/// there is whole, and for its owner alone.</summary>
/// <remarks>Written aside, flushed, named, and the folder flushed: without the last step the name may be gone after a
/// power cut, and with it the only copy of a key.</remarks>
public static class DurableFile
{
    private static readonly SystemDurability s_system = new();

    /// <summary>Writes a file where there is none. Its folder exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">All of it.</param>
    /// <returns>Whether the name was free; a file that has it stays as it is.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public static bool WriteNew(string path, ReadOnlySpan<byte> content) => WriteNew(path, content, s_system);

    /// <summary>Writes a file in the place of what has its name: after a power cut the old or the new one is there. Its
    /// folder exists, and it has one writer at a time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new"; // Always the same: what a killed writer left goes with the next one.
        File.Delete(temporary);
        WriteAside(temporary, content, s_system);
        try
        {
            s_system.Replace(temporary, path);
            s_system.FlushFolder(FolderOf(path));
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    internal static bool WriteNew(string path, ReadOnlySpan<byte> content, IDurability durability)
    {
        var temporary = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.tmp"; // Several may try.
        WriteAside(temporary, content, durability);
        try
        {
            var isNew = durability.TryPublish(temporary, path);

            // Also where it was there: whoever wrote it may not have come so far.
            durability.FlushFolder(FolderOf(path));
            return isNew;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void WriteAside(string temporary, ReadOnlySpan<byte> content, IDurability durability)
    {
        try
        {
            using var file = CreateForOwner(temporary);
            file.Write(content);
            file.Flush();
            durability.FlushFile(file.SafeFileHandle);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))
        ?? throw new ArgumentException($"'{path}' lies in no folder.", nameof(path));

    /// <summary>On Windows the folder's access list keeps others out.</summary>
    private static FileStream CreateForOwner(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}

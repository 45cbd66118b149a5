using Microsoft.Win32.SafeHandles;

namespace Beffroi.Vault.Stores.Disk;

/// <summary>The calls to the system whose order and success decide whether a blob outlives a power cut. A test records
/// them, and lets each one fail; the product uses <see cref="SystemDurability"/>.</summary>
/// <remarks>All fail with <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</remarks>
internal interface IDurability
{
    /// <summary>Creates a folder for its owner only; nothing happens where it is already. Its parent must
    /// exist.</summary>
    void CreateFolder(string path);

    /// <summary>Waits until the file's content and length are on the medium.</summary>
    void FlushFile(SafeFileHandle file);

    /// <summary>Waits until the folder's list of names is on the medium.</summary>
    void FlushFolder(string path);

    /// <summary>Gives the file the name <paramref name="target"/> at one stroke, unless that name is taken.</summary>
    /// <returns>Whether it was free. The name <paramref name="temporary"/> may be left over in both cases.</returns>
    bool TryPublish(string temporary, string target);

    /// <summary>As <see cref="TryPublish"/>, in the place of what has the name.</summary>
    void Replace(string temporary, string target);

    /// <summary>Free bytes that this account may use on the file system of <paramref name="folder"/>.</summary>
    long GetFreeBytes(string folder);
}

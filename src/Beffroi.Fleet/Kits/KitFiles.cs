using System.Text;
using Beffroi.Vault.Recovery;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Fleet.Kits;

/// <summary>A member's recovery kit as two files: one for programs, one to print.</summary>
/// <param name="Kit">The text file that 'beffroi kit check' and a restore read.</param>
/// <param name="Page">The page to print, in French and English.</param>
public sealed record KitFiles(string Kit, string Page)
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Writes both, durably and readable by the owner alone. They are the only copies of the recovery key:
    /// call this before the vault exists, so that no vault is ever without its kit. A kit whose vault then could not be
    /// made opens nothing, and stays: after a lost connection nobody can be sure that there is no vault.</summary>
    /// <param name="folder">Created if it is not there.</param>
    /// <param name="name">Name of the files without extension.</param>
    /// <exception cref="IOException">A kit of that name is there, which may be the only copy of another
    /// key.</exception>
    public static KitFiles Write(string folder, string name, RecoveryKit kit)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerFolder);
        var files = new KitFiles(
            Path.Combine(folder, name + RecoveryKit.FileExtension), Path.Combine(folder, name + ".html"));
        WriteNew(files.Kit, kit.ToText());
        WriteNew(files.Page, KitPage.Write(kit));
        return files;
    }

    private static void WriteNew(string path, string text)
    {
        if (!DurableFile.WriteNew(path, Encoding.UTF8.GetBytes(text)))
            throw new IOException($"The file '{path}' is there already, and may be the only copy of another key.");
    }
}

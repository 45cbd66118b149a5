using System.Runtime.Versioning;
using System.Text;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Platform;

/// <summary>A real directory of its own, gone after the test. Names are bytes, so it is built by descriptor.</summary>
[SupportedOSPlatform("linux")]
public sealed class TemporaryTree : IDisposable
{
    public TemporaryTree() => Root = Directory.CreateTempSubdirectory("beffroi-test-").FullName;

    public string Root { get; }

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    public EntryPath RootPath => EntryPath.FromSlashes(Encoding.UTF8.GetBytes(Root));

    public string File(string name, string content = "content")
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    /// <summary>A descriptor of the root, for calls with names that are no text.</summary>
    internal int Open() => Check(Posix.OpenAt(
        AtFlags.CurrentDirectory, Encoding.UTF8.GetBytes(Root), OpenFlags.ReadOnly | OpenFlags.Directory));

    /// <summary>Creates an empty file with any name.</summary>
    internal void Touch(ReadOnlySpan<byte> name)
    {
        var directory = Open();
        Posix.Close(Check(Posix.OpenAt(directory, name, OpenFlags.Create | OpenFlags.Exclusive, 0x1A4)));
        Posix.Close(directory);
    }

    internal void Node(string name, uint mode, ulong device = 0)
    {
        var directory = Open();
        Check(Posix.MakeNodeAt(directory, Encoding.UTF8.GetBytes(name), mode, device));
        Posix.Close(directory);
    }

    internal void HardLink(string existing, string name)
    {
        var directory = Open();
        Check(Posix.HardLinkAt(directory, Encoding.UTF8.GetBytes(existing), directory, Encoding.UTF8.GetBytes(name)));
        Posix.Close(directory);
    }

    /// <summary>Sets an attribute; false where this file system or user cannot.</summary>
    internal unsafe bool SetAttribute(string path, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* where = Encoding.UTF8.GetBytes(path + '\0'))
        fixed (byte* what = Encoding.UTF8.GetBytes(name + '\0'))
        fixed (byte* bytes = value)
            return Libc.setxattr(where, what, bytes, value.Length, 0) == 0;
    }

    // The platform's own recursive delete knows neither names that are no text nor paths above 4,096 bytes.
    public void Dispose() => System.Diagnostics.Process.Start("rm", ["-rf", "--", Root]).WaitForExit();

    internal static int Check(int result) =>
        result >= 0 ? result : throw new IOException(Posix.Describe(-result));
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Reads all extended attributes of one object; POSIX ACL are among them.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class LinuxExtendedAttributes
{
    private const int SmallBytes = 1024; // Most objects have none, or one label.
    private const int LargeBytes = 64 * 1024; // XATTR_LIST_MAX and XATTR_SIZE_MAX of the kernel.

    /// <summary>Reads from an open descriptor, or from a path if that is not null (its last name is not
    /// followed).</summary>
    [SkipLocalsInit]
    internal static IReadOnlyList<ExtendedAttribute> Read(
        int descriptor, byte* path, SourceNode node, Action<SourceProblem> report)
    {
        var names = stackalloc byte[SmallBytes];
        var length = List(descriptor, path, names, SmallBytes);
        if (length == 0 || length == -Errno.NotSupported || length == -Errno.NoSystemCall) return [];
        if (length > 0) return ReadValues(descriptor, path, new ReadOnlySpan<byte>(names, length), node, report);
        var rented = ArrayPool<byte>.Shared.Rent(LargeBytes);
        fixed (byte* large = rented) length = List(descriptor, path, large, LargeBytes);
        var found = length > 0 ? ReadValues(descriptor, path, rented.AsSpan(0, length), node, report) : [];
        ArrayPool<byte>.Shared.Return(rented);
        if (length < 0) Report(report, node, null, -length);
        return found;
    }

    internal static void Report(Action<SourceProblem> report, SourceNode node, string? attribute, int errno)
    {
        var path = node.Path;
        var what = attribute is null ? "The list of extended attributes" : $"The extended attribute '{attribute}'";
        report(new SourceProblem(path, errno,
            $"{what} of /{path} could not be read: {Posix.Describe(errno)}. The rest of it is stored without."));
    }

    // A list of 64 KiB names thousands of values of 64 KiB: half a gigabyte for one file, and no entry holds it.
    private static SourceProblem TooMany(SourceNode node, ReadOnlySpan<byte> next)
    {
        var path = node.Path;
        return new SourceProblem(path, SystemError: 0,
            $"The extended attributes of /{path} from '{Encoding.UTF8.GetString(next)}' on are left out: those before "
            + "have more bytes than the catalogue can hold of one object. Keep what they hold in files.");
    }

    private static List<ExtendedAttribute> ReadValues(
        int descriptor, byte* path, ReadOnlySpan<byte> names, SourceNode node, Action<SourceProblem> report)
    {
        var found = new List<ExtendedAttribute>();
        var bytes = 0;
        while (!names.IsEmpty)
        {
            var end = names.IndexOf((byte)0);
            if (end <= 0) break;
            if (bytes > CatalogueLimits.EntryBytesMax)
            {
                report(TooMany(node, names[..end]));
                break;
            }
            fixed (byte* name = names)
            {
                var result = ReadValue(descriptor, path, name, out var value);
                if (result >= 0) found.Add(new ExtendedAttribute(names[..end].ToArray(), value));
                else if (result != -Errno.NoData) Report(report, node, Encoding.UTF8.GetString(names[..end]), -result);
                bytes += value.Length;
            }
            names = names[(end + 1)..];
        }
        found.Sort(static (left, right) => left.Name.Span.SequenceCompareTo(right.Name.Span));
        return found;
    }

    [SkipLocalsInit]
    private static int ReadValue(int descriptor, byte* path, byte* name, out byte[] value)
    {
        var small = stackalloc byte[SmallBytes];
        var length = Get(descriptor, path, name, small, SmallBytes);
        value = length > 0 ? new ReadOnlySpan<byte>(small, length).ToArray() : [];
        if (length != -Errno.Range) return length;
        var rented = ArrayPool<byte>.Shared.Rent(LargeBytes);
        fixed (byte* large = rented) length = Get(descriptor, path, name, large, LargeBytes);
        if (length > 0) value = rented.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(rented);
        return length;
    }

    private static int List(int descriptor, byte* path, byte* buffer, int length) => (int)Posix.Result(path is null
        ? Libc.flistxattr(descriptor, buffer, length) : Libc.llistxattr(path, buffer, length));

    private static int Get(int descriptor, byte* path, byte* name, byte* buffer, int length) => (int)Posix.Result(
        path is null
            ? Libc.fgetxattr(descriptor, name, buffer, length) : Libc.lgetxattr(path, name, buffer, length));
}

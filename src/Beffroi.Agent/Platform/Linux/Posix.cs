using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>File system calls on byte names. Each returns what the kernel does: 0 or more, or minus errno.</summary>
/// <remarks>No exception is thrown here, because "does not exist" and "exists already" are ordinary answers. Names are
/// copied to the stack for their closing zero; that is a few nanoseconds.</remarks>
[SupportedOSPlatform("linux")]
internal static unsafe class Posix
{
    private const int NameBytesMax = 4095; // PATH_MAX without its zero: the longest that any call takes.
    private const int LinkBytesMax = 4095;
    private const uint StatxBasic = 0x7FF;
    private const int StatFlags = AtFlags.SymlinkNoFollow | AtFlags.NoAutomount;

    [SkipLocalsInit]
    internal static int OpenAt(int directory, ReadOnlySpan<byte> name, int flags, uint mode = 0)
    {
        if (name.Length > NameBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        int result;
        do result = Result(Libc.openat(directory, text, flags | OpenFlags.CloseOnExec, mode));
        while (result == -Errno.Interrupted);
        return result;
    }

    internal static void Close(int descriptor) => _ = Libc.close(descriptor);

    internal static int Read(int descriptor, long offset, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint result;
            do result = Result(Libc.pread(descriptor, start, buffer.Length, offset));
            while (result == -Errno.Interrupted);
            return (int)result;
        }
    }

    /// <summary>Writes everything, or returns minus errno.</summary>
    internal static int Write(int descriptor, long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* start = bytes)
            {
                var result = Result(Libc.pwrite(descriptor, start, bytes.Length, offset));
                if (result == -Errno.Interrupted) continue;
                if (result <= 0) return result == 0 ? -Errno.NoSpace : (int)result;
                bytes = bytes[(int)result..];
                offset += result;
            }
        }
        return 0;
    }

    internal static int SetLength(int descriptor, long length) => Result(Libc.ftruncate(descriptor, length));

    internal static long Seek(int descriptor, long offset, int whence)
    {
        var result = Libc.lseek(descriptor, offset, whence);
        return result >= 0 ? result : -Marshal.GetLastSystemError();
    }

    [SkipLocalsInit]
    internal static int StatAt(int directory, ReadOnlySpan<byte> name, out FileStatus status)
    {
        status = default;
        if (name.Length > NameBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        return StatAt(directory, text, out status);
    }

    /// <param name="name">Ends with a zero, as directory entries do.</param>
    [SkipLocalsInit]
    internal static int StatAt(int directory, byte* name, out FileStatus status)
    {
        Statx raw;
        var result = Result(Libc.statx(directory, name, StatFlags, StatxBasic, &raw));
        status = result < 0 ? default : Convert(raw);
        return result;
    }

    [SkipLocalsInit]
    internal static int Stat(int descriptor, out FileStatus status)
    {
        Statx raw;
        byte empty = 0;
        var result = Result(Libc.statx(descriptor, &empty, AtFlags.EmptyPath, StatxBasic, &raw));
        status = result < 0 ? default : Convert(raw);
        return result;
    }

    /// <summary>Fills a buffer with struct linux_dirent64; 0 at the end.</summary>
    internal static int ReadDirectory(int descriptor, byte* buffer, int length) =>
        (int)Result(Libc.syscall3(SystemCall.GetDirectoryEntries, descriptor, buffer, length));

    [SkipLocalsInit]
    internal static int ReadLinkAt(int directory, ReadOnlySpan<byte> name, out byte[] target)
    {
        target = [];
        if (name.Length > NameBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        var buffer = stackalloc byte[LinkBytesMax + 1];
        var result = (int)Result(Libc.readlinkat(directory, text, buffer, LinkBytesMax + 1));
        if (result > LinkBytesMax) return -Errno.NameTooLong;
        if (result > 0) target = new ReadOnlySpan<byte>(buffer, result).ToArray();
        return result;
    }

    [SkipLocalsInit]
    internal static int MakeDirectoryAt(int directory, ReadOnlySpan<byte> name, uint mode)
    {
        if (name.Length > NameBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        return Result(Libc.mkdirat(directory, text, mode));
    }

    [SkipLocalsInit]
    internal static int MakeNodeAt(int directory, ReadOnlySpan<byte> name, uint mode, ulong device)
    {
        if (name.Length > NameBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        return Result(Libc.mknodat(directory, text, mode, device));
    }

    [SkipLocalsInit]
    internal static int SymbolicLinkAt(ReadOnlySpan<byte> target, int directory, ReadOnlySpan<byte> name)
    {
        if (name.Length > NameBytesMax || target.Length > LinkBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        var targetText = stackalloc byte[target.Length + 1];
        Terminate(target, targetText);
        return Result(Libc.symlinkat(targetText, directory, text));
    }

    [SkipLocalsInit]
    internal static int HardLinkAt(
        int oldDirectory, ReadOnlySpan<byte> oldName, int directory, ReadOnlySpan<byte> name)
    {
        if (name.Length > NameBytesMax || oldName.Length > NameBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        var oldText = stackalloc byte[oldName.Length + 1];
        Terminate(oldName, oldText);
        return Result(Libc.linkat(oldDirectory, oldText, directory, text, 0));
    }

    [SkipLocalsInit]
    internal static int UnlinkAt(int directory, ReadOnlySpan<byte> name)
    {
        if (name.Length > NameBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        return Result(Libc.unlinkat(directory, text, 0));
    }

    /// <summary>Renames inside one directory.</summary>
    /// <param name="replace">Whether what has the new name is replaced; else the answer is EEXIST.</param>
    [SkipLocalsInit]
    internal static int RenameAt(int directory, ReadOnlySpan<byte> oldName, ReadOnlySpan<byte> name, bool replace)
    {
        const int NoReplace = 1;
        if (name.Length > NameBytesMax || oldName.Length > NameBytesMax) return -Errno.NameTooLong;
        var text = stackalloc byte[name.Length + 1];
        Terminate(name, text);
        var oldText = stackalloc byte[oldName.Length + 1];
        Terminate(oldName, oldText);
        return replace
            ? Result(Libc.renameat(directory, oldText, directory, text))
            : (int)Result(Libc.syscall5(SystemCall.RenameAt2, directory, oldText, directory, text, NoReplace));
    }

    internal static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";

    internal static int Result(int result) => result >= 0 ? result : -Marshal.GetLastSystemError();

    internal static nint Result(nint result) => result >= 0 ? result : -Marshal.GetLastSystemError();

    internal static void Terminate(ReadOnlySpan<byte> name, byte* text)
    {
        name.CopyTo(new Span<byte>(text, name.Length));
        text[name.Length] = 0;
    }

    private static FileStatus Convert(in Statx raw)
    {
        var kind = KindOf(raw.Mode);
        return new FileStatus
        {
            Kind = kind,
            Bytes = kind == EntryKind.File ? raw.Bytes : 0,
            ModifiedNs = ToNanoseconds(raw.Modified),
            ChangedNs = ToNanoseconds(raw.Changed),
            Mode = raw.Mode & ModeBits.Permissions,
            UserId = raw.UserId,
            GroupId = raw.GroupId,
            Device = (ulong)raw.DeviceMajor << 32 | raw.DeviceMinor,
            Inode = raw.Inode,
            LinkCount = raw.LinkCount,
            DeviceNumber = kind is EntryKind.CharacterDevice or EntryKind.BlockDevice
                ? (ulong)raw.NodeMajor << 32 | raw.NodeMinor : 0,
            AllocatedBytes = raw.Blocks * 512, // The unit is 512 bytes whatever the file system's block.
        };
    }

    private static EntryKind KindOf(uint mode) => (mode & ModeBits.TypeMask) switch
    {
        ModeBits.File => EntryKind.File,
        ModeBits.Directory => EntryKind.Directory,
        ModeBits.Link => EntryKind.SymbolicLink,
        ModeBits.Fifo => EntryKind.Fifo,
        ModeBits.CharacterDevice => EntryKind.CharacterDevice,
        ModeBits.BlockDevice => EntryKind.BlockDevice,
        _ => EntryKind.Socket,
    };

    // Some file systems keep years beyond 2262, where 64 bits of nanoseconds end: they stay at that end.
    private static long ToNanoseconds(in TimeSpec time) => time.Seconds switch
    {
        >= long.MaxValue / 1_000_000_000 => long.MaxValue,
        <= long.MinValue / 1_000_000_000 => long.MinValue,
        var seconds => seconds * 1_000_000_000 + time.Nanoseconds,
    };
}

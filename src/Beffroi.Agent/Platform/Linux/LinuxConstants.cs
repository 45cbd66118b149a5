using System.Runtime.InteropServices;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>errno values that decide something here (the same on x86-64 and arm64).</summary>
internal static class Errno
{
    internal const int Perm = 1, NoEntry = 2, NoProcess = 3, Interrupted = 4, NoDeviceOrAddress = 6, Again = 11,
        Access = 13, Exists = 17, NotDirectory = 20, IsDirectory = 21, Invalid = 22, NoSpace = 28,
        Range = 34, NameTooLong = 36, NoSystemCall = 38, NotEmpty = 39, LinkLoop = 40, NoData = 61, NotSupported = 95,
        Stale = 116, QuotaExceeded = 122;
}

/// <summary>Flags of openat. Three of them have other values on arm64 (its asm/fcntl.h).</summary>
internal static class OpenFlags
{
    private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Create = 0x40, Exclusive = 0x80, NoTerminal = 0x100,
        NonBlocking = 0x800, NoAccessTime = 0x40000, CloseOnExec = 0x80000, PathOnly = 0x200000;

    internal static readonly int Directory = s_arm ? 0x4000 : 0x10000;
    internal static readonly int NoFollow = s_arm ? 0x8000 : 0x20000;
}

/// <summary>Numbers of the calls made by number. All architectures but x86-64 share the generic table.</summary>
internal static class SystemCall
{
    private static readonly bool s_x64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    internal static readonly int GetDirectoryEntries = s_x64 ? 217 : 61;
    internal static readonly int RenameAt2 = s_x64 ? 316 : 276;
}

internal static class AtFlags
{
    internal const int CurrentDirectory = -100, SymlinkNoFollow = 0x100, NoAutomount = 0x800, EmptyPath = 0x1000;
}

/// <summary>File type bits of a mode.</summary>
internal static class ModeBits
{
    internal const uint TypeMask = 0xF000, Fifo = 0x1000, CharacterDevice = 0x2000, Directory = 0x4000,
        BlockDevice = 0x6000, File = 0x8000, Link = 0xA000, Permissions = 0xFFF, SetIds = 0xC00,
        Sticky = 0x200, OwnerRead = 0x100, OwnerWrite = 0x80, OwnerAll = 0x1C0;
}

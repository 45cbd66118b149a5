using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>The C library's calls as they are: numbers and pointers only, so that nothing is copied or
/// converted.</summary>
/// <remarks>errno is read by <see cref="Posix"/> right after a failure, instead of being saved by each call.</remarks>
[SupportedOSPlatform("linux")]
internal static unsafe partial class Libc
{
    private const string Name = "libc"; // The runtime maps it to the C library's real file, musl's too.

    [LibraryImport(Name)] internal static partial int openat(int directory, byte* name, int flags, uint mode);

    [LibraryImport(Name)] internal static partial int close(int descriptor);

    [LibraryImport(Name)] internal static partial nint pread(int descriptor, byte* buffer, nint length, long offset);

    [LibraryImport(Name)] internal static partial nint pwrite(int descriptor, byte* buffer, nint length, long offset);

    [LibraryImport(Name)] internal static partial int kill(int process, int signal);

    [LibraryImport(Name)] internal static partial int ftruncate(int descriptor, long length);

    [LibraryImport(Name)] internal static partial long lseek(int descriptor, long offset, int whence);

    [LibraryImport(Name)]
    internal static partial int posix_fadvise(int descriptor, long offset, long length, int advice);

    [LibraryImport(Name)]
    internal static partial int statx(int directory, byte* name, int flags, uint mask, Statx* result);

    [LibraryImport(Name)] internal static partial int fstatfs(int descriptor, StatFs* result);

    [LibraryImport(Name)] internal static partial int syncfs(int descriptor);

    [LibraryImport(Name)]
    internal static partial nint readlinkat(int directory, byte* name, byte* buffer, nint length);

    [LibraryImport(Name)] internal static partial nint flistxattr(int descriptor, byte* buffer, nint length);

    [LibraryImport(Name)] internal static partial nint llistxattr(byte* path, byte* buffer, nint length);

    [LibraryImport(Name)]
    internal static partial nint fgetxattr(int descriptor, byte* name, byte* buffer, nint length);

    [LibraryImport(Name)] internal static partial nint lgetxattr(byte* path, byte* name, byte* buffer, nint length);

    [LibraryImport(Name)]
    internal static partial int fsetxattr(int descriptor, byte* name, byte* value, nint length, int flags);

    [LibraryImport(Name)]
    internal static partial int setxattr(byte* path, byte* name, byte* value, nint length, int flags);

    [LibraryImport(Name)] internal static partial int fremovexattr(int descriptor, byte* name);

    [LibraryImport(Name)] internal static partial int mkdirat(int directory, byte* name, uint mode);

    [LibraryImport(Name)] internal static partial int mknodat(int directory, byte* name, uint mode, ulong device);

    [LibraryImport(Name)] internal static partial int symlinkat(byte* target, int directory, byte* name);

    [LibraryImport(Name)]
    internal static partial int linkat(int oldDirectory, byte* oldName, int directory, byte* name, int flags);

    [LibraryImport(Name)] internal static partial int unlinkat(int directory, byte* name, int flags);

    [LibraryImport(Name)]
    internal static partial int renameat(int oldDirectory, byte* oldName, int directory, byte* name);

    [LibraryImport(Name)] internal static partial int fchown(int descriptor, uint user, uint group);

    [LibraryImport(Name)]
    internal static partial int fchownat(int directory, byte* name, uint user, uint group, int flags);

    [LibraryImport(Name)] internal static partial int fchmod(int descriptor, uint mode);

    [LibraryImport(Name)] internal static partial int chmod(byte* path, uint mode);

    [LibraryImport(Name)] internal static partial int futimens(int descriptor, TimeSpec* accessedAndModified);

    [LibraryImport(Name)]
    internal static partial int utimensat(int directory, byte* name, TimeSpec* accessedAndModified, int flags);

    [LibraryImport(Name)] internal static partial uint geteuid();

    [LibraryImport(Name)] internal static partial uint getegid();

    [LibraryImport(Name)]
    internal static partial int getpwuid_r(uint user, Passwd* entry, byte* buffer, nint length, Passwd** found);

    [LibraryImport(Name)]
    internal static partial int getgrgid_r(uint group, Group* entry, byte* buffer, nint length, Group** found);

    [LibraryImport(Name)]
    internal static partial int getpwnam_r(byte* name, Passwd* entry, byte* buffer, nint length, Passwd** found);

    [LibraryImport(Name)]
    internal static partial int getgrnam_r(byte* name, Group* entry, byte* buffer, nint length, Group** found);

    // Called by number because musl, or an older glibc, has no function for them. On the 64-bit Linux ABIs an integer
    // argument of a variadic function travels like any other.
    [LibraryImport(Name, EntryPoint = "syscall")]
    internal static partial nint syscall3(nint number, nint first, void* second, nint third);

    [LibraryImport(Name, EntryPoint = "syscall")]
    internal static partial nint syscall5(nint number, nint first, void* second, nint third, void* fourth, nint fifth);
}

/// <summary>struct statx of &lt;linux/stat.h&gt;: the only stat whose layout is the same on every processor.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    [FieldOffset(16)] internal uint LinkCount;
    [FieldOffset(20)] internal uint UserId;
    [FieldOffset(24)] internal uint GroupId;
    [FieldOffset(28)] internal ushort Mode;
    [FieldOffset(32)] internal ulong Inode;
    [FieldOffset(40)] internal long Bytes;
    [FieldOffset(48)] internal long Blocks;
    [FieldOffset(96)] internal TimeSpec Changed;
    [FieldOffset(112)] internal TimeSpec Modified;
    [FieldOffset(128)] internal uint NodeMajor;
    [FieldOffset(132)] internal uint NodeMinor;
    [FieldOffset(136)] internal uint DeviceMajor;
    [FieldOffset(140)] internal uint DeviceMinor;
}

/// <summary>struct timespec (64 bit), and struct statx_timestamp with its padding.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct TimeSpec
{
    [FieldOffset(0)] internal long Seconds;
    // 64 bits wide in timespec and 32 in statx_timestamp, whose other half is reserved; both systems are little-endian.
    [FieldOffset(8)] internal uint Nanoseconds;
    [FieldOffset(12)] internal uint Padding;
}

/// <summary>struct statfs of the 64-bit ABIs.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatFs
{
    [FieldOffset(0)] internal long Type;
    [FieldOffset(8)] internal long BlockBytes;
    [FieldOffset(32)] internal long BlocksAvailable;
    [FieldOffset(72)] internal long FragmentBytes;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Passwd
{
    internal byte* Name;
    internal byte* Password;
    internal uint UserId;
    internal uint GroupId;
    internal byte* Comment;
    internal byte* Home;
    internal byte* Shell;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Group
{
    internal byte* Name;
    internal byte* Password;
    internal uint GroupId;
    internal byte** Members;
}

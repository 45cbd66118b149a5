using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>The calls of Windows that the platform's own classes do not offer.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class Win32
{
    private const string Kernel = "kernel32.dll", Security = "advapi32.dll";

    [LibraryImport(Kernel, StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    internal static partial SafeFileHandle CreateFileW(
        string name, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport(Kernel, StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool CreateDirectoryW(string name, nint security);

    [LibraryImport(Kernel, StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool CreateHardLinkW(string name, string existing, nint security);

    [LibraryImport(Kernel, StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetDiskFreeSpaceExW(string directory, long* available, long* total, long* free);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetFileInformationByHandle(SafeFileHandle file, HandleInformation* information);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetFileInformationByHandleEx(
        SafeFileHandle file, int informationClass, void* buffer, int length);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool SetFileInformationByHandle(
        SafeFileHandle file, int informationClass, void* buffer, int length);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool DeviceIoControl(SafeFileHandle file, uint code, void* input, int inputLength,
        void* output, int outputLength, int* returned, nint overlapped);

    [LibraryImport(Kernel)] internal static partial nint LocalFree(nint memory);

    [LibraryImport(Kernel)] internal static partial nint GetCurrentProcess();

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool CloseHandle(nint handle);

    [LibraryImport(Security)]
    internal static partial int GetSecurityInfo(SafeFileHandle file, int objectType, uint parts, nint* owner,
        nint* group, nint* dacl, nint* sacl, nint* descriptor);

    [LibraryImport(Security)] internal static partial int GetSecurityDescriptorLength(nint descriptor);

    [LibraryImport(Security, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool SetKernelObjectSecurity(SafeFileHandle file, uint parts, byte* descriptor);

    [LibraryImport(Security, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool OpenProcessToken(nint process, uint access, nint* token);

    [LibraryImport(Security, StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool LookupPrivilegeValueW(string? system, string name, long* privilege);

    [LibraryImport(Security, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool AdjustTokenPrivileges(nint token, [MarshalAs(UnmanagedType.Bool)] bool disableAll,
        TokenPrivilege* wanted, int length, nint previous, nint returned);
}

/// <summary>BY_HANDLE_FILE_INFORMATION.</summary>
[StructLayout(LayoutKind.Explicit, Size = 52)]
internal struct HandleInformation
{
    [FieldOffset(0)] internal uint Attributes;
    [FieldOffset(28)] internal uint VolumeSerial;
    [FieldOffset(40)] internal uint LinkCount;
    [FieldOffset(44)] internal uint IndexHigh;
    [FieldOffset(48)] internal uint IndexLow;
}

/// <summary>FILE_BASIC_INFO; times are FILETIME, 0 leaves one as it is when set.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct BasicInformation
{
    [FieldOffset(0)] internal long Created;
    [FieldOffset(8)] internal long Accessed;
    [FieldOffset(16)] internal long Written;
    [FieldOffset(24)] internal long Changed;
    [FieldOffset(32)] internal uint Attributes;
}

/// <summary>FILE_STANDARD_INFO.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct StandardInformation
{
    [FieldOffset(0)] internal long AllocatedBytes;
    [FieldOffset(8)] internal long Bytes;
}

/// <summary>FILE_ATTRIBUTE_TAG_INFO.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TagInformation
{
    internal uint Attributes;
    internal uint ReparseTag;
}

/// <summary>Head of FILE_ID_BOTH_DIR_INFO; the name follows at 104.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal struct DirectoryRecord
{
    internal const int NameOffset = 104;

    [FieldOffset(0)] internal uint NextOffset;
    [FieldOffset(8)] internal long Created;
    [FieldOffset(24)] internal long Written;
    [FieldOffset(32)] internal long Changed;
    [FieldOffset(40)] internal long Bytes;
    [FieldOffset(48)] internal long AllocatedBytes;
    [FieldOffset(56)] internal uint Attributes;
    [FieldOffset(60)] internal uint NameBytes;
    [FieldOffset(64)] internal uint ReparseTag; // EaSize, which for a reparse point holds its tag.
    [FieldOffset(96)] internal ulong FileId;
}

/// <summary>Head of FILE_STREAM_INFO; the name follows at 24.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct StreamRecord
{
    internal const int NameOffset = 24;

    [FieldOffset(0)] internal uint NextOffset;
    [FieldOffset(4)] internal uint NameBytes;
    [FieldOffset(8)] internal long Bytes;
}

/// <summary>TOKEN_PRIVILEGES with one entry; LUID has an alignment of 4.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct TokenPrivilege
{
    internal uint Count;
    internal long Privilege;
    internal uint Attributes;
}

/// <summary>Numbers of winnt.h, winioctl.h and winerror.h.</summary>
internal static class WindowsConstants
{
    internal const uint AttributeReadOnly = 0x1, AttributeHidden = 0x2, AttributeSystem = 0x4,
        AttributeDirectory = 0x10, AttributeArchive = 0x20, AttributeNormal = 0x80, AttributeTemporary = 0x100,
        AttributeSparse = 0x200, AttributeReparsePoint = 0x400, AttributeOffline = 0x1000,
        AttributeNotIndexed = 0x2000, AttributeRecallOnOpen = 0x40000, AttributeRecallOnRead = 0x400000;

    internal const uint TagSymbolicLink = 0xA000000C, TagSurrogateBit = 0x20000000, TagAppExecution = 0x8000001B,
        TagSocket = 0x80000023, TagLinuxFirst = 0x80000024, TagLinuxLast = 0x80000026;

    internal const uint GenericRead = 0x80000000, ReadAttributes = 0x80, ReadControl = 0x20000, Delete = 0x10000,
        WriteDac = 0x40000, WriteOwner = 0x80000, WriteAttributes = 0x100, ReadWriteData = 0x3, ListDirectory = 0x1;

    internal const uint ShareRead = 1, ShareWrite = 2, ShareDelete = 4, CreateNew = 1, OpenExisting = 3;

    internal const uint BackupSemantics = 0x02000000, OpenReparsePoint = 0x00200000, SequentialScan = 0x08000000;

    internal const int BasicInfo = 0, StandardInfo = 1, RenameInfo = 3, DispositionInfo = 4, StreamInfo = 7,
        AttributeTagInfo = 9, IdBothDirectoryInfo = 10;

    internal const uint SetSparse = 0x000900C4, QueryAllocatedRanges = 0x000940CF, GetReparsePoint = 0x000900A8,
        SetReparsePoint = 0x000900A4;

    internal const uint SecurityOwner = 1, SecurityGroup = 2, SecurityDacl = 4;

    internal const int FileNotFound = 2, PathNotFound = 3, AccessDenied = 5, NoMoreFiles = 18, SharingViolation = 32,
        FileExists = 80, AlreadyExists = 183, MoreData = 234, CannotResolveName = 1921, DiskFull = 112;
}

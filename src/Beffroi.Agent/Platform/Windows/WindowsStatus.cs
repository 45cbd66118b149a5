using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;
using Microsoft.Win32.SafeHandles;
using static Beffroi.Agent.Platform.Windows.WindowsConstants;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>What Windows says about an object, in the words of <see cref="FileStatus"/>.</summary>
internal static unsafe class WindowsStatus
{
    private const long EpochTicks = 116_444_736_000_000_000; // 1970 in units of 100 ns since 1601.

    /// <summary>From an open object; null if the system refuses, and then GetLastError says why.</summary>
    [SupportedOSPlatform("windows")]
    internal static FileStatus? Of(SafeFileHandle handle)
    {
        BasicInformation basic;
        StandardInformation standard;
        HandleInformation identity;
        if (!Win32.GetFileInformationByHandleEx(handle, BasicInfo, &basic, sizeof(BasicInformation))
            || !Win32.GetFileInformationByHandleEx(handle, StandardInfo, &standard, sizeof(StandardInformation))
            || !Win32.GetFileInformationByHandle(handle, &identity)) return null;
        var record = new DirectoryRecord
        {
            Created = basic.Created,
            Written = basic.Written,
            Changed = basic.Changed,
            Bytes = standard.Bytes,
            AllocatedBytes = standard.AllocatedBytes,
            Attributes = basic.Attributes,
            ReparseTag = (basic.Attributes & AttributeReparsePoint) != 0 ? TagOf(handle) : 0,
            FileId = (ulong)identity.IndexHigh << 32 | identity.IndexLow,
        };
        return Of(record, identity.VolumeSerial) with { LinkCount = identity.LinkCount };
    }

    internal static FileStatus Of(in DirectoryRecord record, uint volume)
    {
        var tag = (record.Attributes & AttributeReparsePoint) != 0 ? record.ReparseTag : 0;
        var kind = KindOf(record.Attributes, tag);
        return new FileStatus
        {
            Kind = kind,
            Bytes = kind == EntryKind.File ? record.Bytes : 0,
            ModifiedNs = ToNanoseconds(record.Written),
            ChangedNs = ToNanoseconds(record.Changed),
            CreatedNs = ToNanoseconds(record.Created),
            AllocatedBytes = record.AllocatedBytes,
            Attributes = record.Attributes,
            ReparseTag = tag,
            Device = volume,
            Inode = record.FileId,
            LinkCount = 1,
        };
    }

    [SupportedOSPlatform("windows")]
    internal static uint TagOf(SafeFileHandle handle)
    {
        TagInformation information;
        return Win32.GetFileInformationByHandleEx(handle, AttributeTagInfo, &information, sizeof(TagInformation))
            ? information.ReparseTag : 0;
    }

    /// <summary>Whether a tag makes its object stand for another one, or for something without content.</summary>
    internal static bool IsLink(uint tag) => (tag & TagSurrogateBit) != 0
        || tag is TagAppExecution or TagSocket or (>= TagLinuxFirst and <= TagLinuxLast);

    internal static long ToNanoseconds(long fileTime) => (fileTime - EpochTicks) switch
    {
        > long.MaxValue / 100 => long.MaxValue,
        < long.MinValue / 100 => long.MinValue,
        var ticks => ticks * 100,
    };

    /// <summary>The file time for nanoseconds, rounded down to 100 ns; at least 1, because 0 means "leave
    /// it".</summary>
    internal static long ToFileTime(long nanoseconds) =>
        Math.Max(1, (long)Math.Floor(nanoseconds / (decimal)100) + EpochTicks);

    private static EntryKind KindOf(uint attributes, uint tag)
    {
        if (tag == TagSymbolicLink) return EntryKind.SymbolicLink;
        if (IsLink(tag)) return EntryKind.ReparsePoint;
        return (attributes & AttributeDirectory) != 0 ? EntryKind.Directory : EntryKind.File;
    }
}

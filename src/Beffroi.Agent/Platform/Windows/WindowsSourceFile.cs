using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>A handle of a file or of one of its streams.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsSourceFile(EntryPath path, SafeFileHandle handle, FileStatus status) : ISourceFile
{
    private const int RangesPerCall = 512;

    public FileStatus Status => status;

    public int Read(long offset, Span<byte> buffer)
    {
        try
        {
            return RandomAccess.Read(handle, buffer, offset);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The low half of a HRESULT of the system is the error number.
            throw new FileSystemException(ErrorCode.FileUnreadable, path, exception.HResult & 0xFFFF,
                $"{path} could not be read: {exception.Message} If a program has it open, close it or back up with "
                + "volume snapshots.");
        }
    }

    public FileIdentity Stat() => WindowsStatus.Of(handle)?.Identity
        ?? throw WindowsPaths.Unreadable(path, "examined", Marshal.GetLastPInvokeError());

    public IReadOnlyList<DataExtent>? FindExtents()
    {
        var isSparse = (status.Attributes & WindowsConstants.AttributeSparse) != 0;
        if (!isSparse || status.Bytes < ExtentList.HoleBytesMin) return null;
        var extents = new ExtentList(status.Bytes);
        var ranges = stackalloc long[2 * RangesPerCall];
        var rest = stackalloc long[2]; // FILE_ALLOCATED_RANGE_BUFFER: offset and length.
        for (long position = 0; position < status.Bytes;)
        {
            (rest[0], rest[1]) = (position, status.Bytes - position);
            int length;
            var isDone = Win32.DeviceIoControl(handle, WindowsConstants.QueryAllocatedRanges, rest, 16, ranges,
                16 * RangesPerCall, &length, 0);
            if (!isDone && Marshal.GetLastPInvokeError() != WindowsConstants.MoreData) return null;
            for (var i = 0; i < length / 16; i++)
                extents.Add(ranges[2 * i], position = ranges[2 * i] + ranges[(2 * i) + 1]);
            if (isDone || length == 0) break;
        }
        return extents.Finish();
    }

    public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes() => [];

    public void AdviseSequential()
    {
        // Said when the file was opened (FILE_FLAG_SEQUENTIAL_SCAN).
    }

    public void Prefetch(long offset, long bytes)
    {
        // Windows has no such call for a file; its own read-ahead follows the sequential scan.
    }

    public void Dispose() => handle.Dispose();
}

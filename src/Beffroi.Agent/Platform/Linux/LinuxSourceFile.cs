using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>A descriptor of a regular file.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxSourceFile(
    SourceNode node, int descriptor, in FileStatus status, Action<SourceProblem> report) : ISourceFile
{
    private const int SeekData = 3, SeekHole = 4;
    private const int AdviceSequential = 2, AdviceWillNeed = 3;

    private readonly FileStatus _status = status;
    private int _descriptor = descriptor;

    public FileStatus Status => _status;

    public int Read(long offset, Span<byte> buffer)
    {
        var result = Posix.Read(_descriptor, offset, buffer);
        return result >= 0 ? result : throw LinuxErrors.Unreadable(node.Path, "read", -result);
    }

    public FileIdentity Stat()
    {
        var result = Posix.Stat(_descriptor, out var now);
        return result >= 0 ? now.Identity : throw LinuxErrors.Unreadable(node.Path, "examined", -result);
    }

    public IReadOnlyList<DataExtent>? FindExtents()
    {
        // Asking costs a call or two, so not for files that have all their blocks, nor for those too small to have a
        // hole.
        if (_status.AllocatedBytes >= _status.Bytes || _status.Bytes < ExtentList.HoleBytesMin) return null;
        var extents = new ExtentList(_status.Bytes);
        for (long end = 0; end < _status.Bytes;)
        {
            var start = Posix.Seek(_descriptor, end, SeekData);
            if (start == -Errno.NoDeviceOrAddress) break; // Only a hole follows.
            if (start < 0) return null; // This file system does not tell.
            end = Posix.Seek(_descriptor, start, SeekHole);
            if (end < 0) end = _status.Bytes; // Cut meanwhile: the identity check will see it.
            extents.Add(start, end);
        }
        return extents.Finish();
    }

    public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes() =>
        LinuxExtendedAttributes.Read(_descriptor, null, node, report);

    public void AdviseSequential() => _ = Libc.posix_fadvise(_descriptor, 0, 0, AdviceSequential);

    public void Prefetch(long offset, long bytes) =>
        _ = Libc.posix_fadvise(_descriptor, offset, bytes, AdviceWillNeed);

    public void Dispose()
    {
        if (_descriptor >= 0) Posix.Close(_descriptor);
        _descriptor = -1;
    }
}

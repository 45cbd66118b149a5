using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>A file under a temporary name. Its directory stays open until it is disposed.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxTargetFile(
    LinuxTarget target, EntryPath path, LinuxTarget.Place place, byte[] temporaryName, int descriptor) : ITargetFile
{
    private int _descriptor = descriptor;
    private bool _isPublished;

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var result = Posix.Write(_descriptor, offset, bytes);
        if (result < 0) throw LinuxErrors.Unwritable(path, "written", -result);
    }

    public void SetLength(long bytes)
    {
        var result = Posix.SetLength(_descriptor, bytes);
        if (result < 0) throw LinuxErrors.Unwritable(path, "given its length", -result);
    }

    public void WriteStream(string name, long offset, ReadOnlySpan<byte> bytes) =>
        throw new NotSupportedException("Linux has no named streams.");

    public TargetOutcome Publish(Entry metadata)
    {
        target.Metadata.Apply(metadata, _descriptor);
        target.Metadata.ReportForeignParts(metadata);
        _isPublished = true; // Whatever the outcome, nothing of that temporary name is left.
        return target.PublishAt(path, place.Descriptor, temporaryName);
    }

    public void Dispose()
    {
        if (_descriptor < 0) return;
        Posix.Close(_descriptor);
        _descriptor = -1;
        if (!_isPublished) _ = Posix.UnlinkAt(place.Descriptor, temporaryName);
        place.Dispose();
    }
}

using Beffroi.Agent.Platform;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Restore;

/// <summary>A target on a disk that says how much is free, and takes only so many files.</summary>
internal sealed class SmallTarget(ITargetFileSystem target, long free, int filesMax) : ITargetFileSystem
{
    private int _files;

    public bool KeepsWindowsMetadata => target.KeepsWindowsMetadata;

    public FileStatus? Stat(EntryPath path) => target.Stat(path);

    public TargetOutcome CreateDirectory(Entry directory) => target.CreateDirectory(directory);

    public ITargetFile CreateFile(EntryPath path) => Interlocked.Increment(ref _files) > filesMax
        ? new FullFile(target.CreateFile(path), path) : target.CreateFile(path);

    public TargetOutcome CreateSpecial(Entry entry) => target.CreateSpecial(entry);

    public TargetOutcome CreateHardLink(EntryPath path, EntryPath existing) => target.CreateHardLink(path, existing);

    public long FreeBytes() => free;

    public void Complete() => target.Complete();

    public void Flush() => target.Flush();

    public void Dispose() => target.Dispose();

    private sealed class FullFile(ITargetFile file, EntryPath path) : ITargetFile
    {
        public void Write(long offset, ReadOnlySpan<byte> bytes) => throw Full();

        public void SetLength(long bytes) => throw Full();

        public void WriteStream(string name, long offset, ReadOnlySpan<byte> bytes) => throw Full();

        public TargetOutcome Publish(Entry metadata) => throw Full();

        public void Dispose() => file.Dispose();

        private FileSystemException Full() =>
            new(ErrorCode.TargetTooSmall, path, 28, $"/{path} could not be written: the disk is full.");
    }
}

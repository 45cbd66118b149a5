using Beffroi.Agent.Platform;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Restore;

/// <summary>A target that keeps nothing: 'beffroi verify' is a restore into it, so both go through the same
/// code.</summary>
internal sealed class DiscardingTarget : ITargetFileSystem
{
    /// <inheritdoc/>
    public bool KeepsWindowsMetadata => true;

    /// <inheritdoc/>
    public FileStatus? Stat(EntryPath path) => null;

    /// <inheritdoc/>
    public TargetOutcome CreateDirectory(Entry directory) => TargetOutcome.Created;

    /// <inheritdoc/>
    public ITargetFile CreateFile(EntryPath path) => new DiscardedFile();

    /// <inheritdoc/>
    public TargetOutcome CreateSpecial(Entry entry) => TargetOutcome.Created;

    /// <inheritdoc/>
    public TargetOutcome CreateHardLink(EntryPath path, EntryPath existing) => TargetOutcome.Created;

    /// <inheritdoc/>
    public long FreeBytes() => long.MaxValue;

    /// <inheritdoc/>
    public void Complete()
    {
        // Nothing was kept, so nothing is to be made durable.
    }

    /// <inheritdoc/>
    public void Flush()
    {
        // As above.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Holds nothing.
    }

    private sealed class DiscardedFile : ITargetFile
    {
        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            // Reading it was the point.
        }

        public void SetLength(long bytes)
        {
            // As above.
        }

        public void WriteStream(string name, long offset, ReadOnlySpan<byte> bytes)
        {
            // As above.
        }

        public TargetOutcome Publish(Entry metadata) => TargetOutcome.Created;

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}

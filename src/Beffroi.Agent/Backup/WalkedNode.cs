using Beffroi.Agent.Platform;
using Beffroi.Agent.State;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>One object that belongs into the snapshot, in catalogue order.</summary>
/// <param name="Node">What the system says of it.</param>
/// <param name="Path">Its full path.</param>
/// <param name="Known">What the state remembers of a file of that path, changed or not.</param>
internal sealed record WalkedNode(SourceNode Node, EntryPath Path, StateRow? Known)
{
    /// <summary>Whether the file is as it was when its content was stored, so that it need not be read.</summary>
    /// <remarks>The change time is the one that no program can set back; without it (some network file systems) size
    /// and modification time have to do.</remarks>
    internal bool IsUnchanged => Known is { } row && row.Kind == EntryKind.File
        && row.Bytes == Node.Status.Bytes && row.ModifiedNs == Node.Status.ModifiedNs
        && row.ChangedNs == Node.Status.ChangedNs && row.Inode == Node.Status.Inode;
}

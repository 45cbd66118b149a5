using Beffroi.Agent.Platform;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Backup;

/// <summary>Makes catalogue entries from what the system says of an object.</summary>
internal sealed class EntryFactory(ISourceFileSystem source)
{
    /// <summary>An entry of anything but a file that has to be read.</summary>
    internal Entry Create(WalkedNode walked, Content content)
    {
        var node = walked.Node;
        var details = source.Examine(node);
        var status = node.Status with { LinkCount = details.LinkCount };
        var entry = Create(walked.Path, status, source.ReadExtendedAttributes(node), content);
        return entry with
        {
            LinkTarget =
                entry.Kind is EntryKind.SymbolicLink or EntryKind.ReparsePoint ? source.ReadLink(node) : default,
            Windows = details.Windows,
        };
    }

    /// <summary>An entry with the metadata given.</summary>
    internal Entry Create(
        EntryPath path, in FileStatus status, IReadOnlyList<ExtendedAttribute> attributes, Content content) => new()
        {
            Path = path,
            Kind = status.Kind,
            Bytes = status.Bytes,
            ModifiedNs = status.ModifiedNs,
            Mode = status.Mode,
            UserId = status.UserId,
            GroupId = status.GroupId,
            UserName = source.UserName(status.UserId),
            GroupName = source.GroupName(status.GroupId),
            DeviceNumber = status.DeviceNumber,
            HardLinkGroup = status.Kind == EntryKind.File && status.LinkCount > 1
                ? HardLinkGroupOf(status.Device, status.Inode) : 0,
            ExtendedAttributes = attributes,
            Content = content,
        };

    /// <summary>A number that the links of one file share: stable from run to run, so that the catalogue does not
    /// change.</summary>
    internal static ulong HardLinkGroupOf(ulong device, ulong inode)
    {
        var mixed = (device * 0x9E37_79B9_7F4A_7C15) ^ inode;
        return mixed == 0 ? 1 : mixed;
    }
}

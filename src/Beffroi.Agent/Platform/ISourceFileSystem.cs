using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>Reads the trees of this computer. All members may be called from several threads at once.</summary>
/// <remarks>Nothing is ever followed: a link is an object of its own. Failures of a call are
/// <see cref="FileSystemException"/>; failures of a part (one child, one attribute) go to the callback given at
/// creation, on the calling thread, and the rest is returned.</remarks>
internal interface ISourceFileSystem : IDisposable
{
    /// <summary>Looks at one path. Links on the way to it are followed, the last name is not.</summary>
    SourceNode Stat(EntryPath path);

    /// <summary>The children of a directory, sorted by the bytes of their names.</summary>
    /// <remarks>What vanishes meanwhile is left out silently, as if the call had come later.</remarks>
    IReadOnlyList<SourceNode> List(SourceNode directory);

    /// <summary>Opens a regular file for reading; never blocks on a pipe that took its place and never
    /// follows.</summary>
    /// <exception cref="FileSystemException">FileChanging: something else than a file has that name now.
    /// FileUnreadable: any other refusal.</exception>
    ISourceFile OpenFile(SourceNode file);

    /// <summary>Opens a named stream that <see cref="Examine"/> listed (Windows only).</summary>
    ISourceFile OpenStream(SourceNode file, string streamName);

    /// <summary>Target of a symbolic link, or the data of a reparse point.</summary>
    ReadOnlyMemory<byte> ReadLink(SourceNode link);

    /// <summary>Extended attributes of anything, sorted by name. For files <see cref="ISourceFile"/> is
    /// faster.</summary>
    IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(SourceNode node);

    /// <summary>What the listing could not say of an object.</summary>
    NodeDetails Examine(SourceNode node);

    /// <summary>Name of a user, or null when this system does not know the number.</summary>
    string? UserName(uint userId);

    /// <summary>Name of a group, or null when this system does not know the number.</summary>
    string? GroupName(uint groupId);

    /// <summary>Type of the file system that holds the object if it is one that holds no files (proc, sysfs…), else
    /// null. To be asked at mount boundaries.</summary>
    string? PseudoFileSystem(SourceNode node);
}

/// <summary>What is known of an object that is open, and not of one in a list.</summary>
/// <param name="LinkCount">How many names it has; a list of Windows says 1 for all.</param>
/// <param name="Windows">Attributes, security descriptor and streams (names and lengths, no content); null but on
/// Windows.</param>
internal readonly record struct NodeDetails(uint LinkCount, WindowsMetadata? Windows);

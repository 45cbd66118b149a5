using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>One object of the source, as it was when its directory was listed.</summary>
/// <remarks>A directory of a million files is a million of these, so the path is not kept in each.</remarks>
internal sealed class SourceNode(SourceDirectory? directory, ReadOnlyMemory<byte> name, in FileStatus status)
{
    private readonly FileStatus _status = status;

    /// <summary>The directory that holds it; null for the top of the file system.</summary>
    internal SourceDirectory? Directory { get; } = directory;

    /// <summary>Its own name, as bytes; empty for the top.</summary>
    internal ReadOnlyMemory<byte> Name { get; } = name;

    internal ref readonly FileStatus Status => ref _status;

    internal EntryKind Kind => _status.Kind;

    /// <summary>Full path. Built anew by each call: keep the result.</summary>
    internal EntryPath Path => Directory is null ? default : Directory.Path.Append(Name.Span);
}

/// <summary>A directory that was listed; how it is kept open is the platform's matter.</summary>
internal abstract class SourceDirectory(EntryPath path)
{
    internal EntryPath Path { get; } = path;
}

using System.Runtime.Versioning;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Backup;

/// <summary>The real system, at which a test may act, or lie, at the right moment.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HookedSource(Action<SourceProblem> report) : ISourceFileSystem
{
    private readonly LinuxSource _source = new(report);

    /// <summary>Called before a path is looked at.</summary>
    internal Action<EntryPath> BeforeStat { get; init; } = _ => { };

    /// <summary>Called before a file is opened.</summary>
    internal Action<EntryPath> BeforeOpen { get; init; } = _ => { };

    /// <summary>What a test says of an object in place of the system.</summary>
    internal Func<EntryPath, FileStatus, FileStatus> Status { get; init; } = (_, status) => status;

    public SourceNode Stat(EntryPath path)
    {
        BeforeStat(path);
        return _source.Stat(path);
    }

    public IReadOnlyList<SourceNode> List(SourceNode directory) =>
    [
        .. _source.List(directory).Select(
            node => new SourceNode(node.Directory, node.Name, Status(node.Path, node.Status))),
    ];

    public ISourceFile OpenFile(SourceNode file)
    {
        BeforeOpen(file.Path);
        return new HookedFile(_source.OpenFile(file), status => Status(file.Path, status));
    }

    public NodeDetails Examine(SourceNode node) => _source.Examine(node);

    public ISourceFile OpenStream(SourceNode file, string streamName) => _source.OpenStream(file, streamName);

    public ReadOnlyMemory<byte> ReadLink(SourceNode link) => _source.ReadLink(link);

    public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(SourceNode node) =>
        _source.ReadExtendedAttributes(node);

    public string? UserName(uint userId) => _source.UserName(userId);

    public string? GroupName(uint groupId) => _source.GroupName(groupId);

    public string? PseudoFileSystem(SourceNode node) => _source.PseudoFileSystem(node);

    public void Dispose() => _source.Dispose();

    private sealed class HookedFile(ISourceFile file, Func<FileStatus, FileStatus> status) : ISourceFile
    {
        public FileStatus Status => status(file.Status);

        public FileIdentity Stat() => file.Stat() == file.Status.Identity ? Status.Identity : file.Stat();

        public int Read(long offset, Span<byte> buffer) => file.Read(offset, buffer);

        public IReadOnlyList<DataExtent>? FindExtents() => file.FindExtents();

        public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes() => file.ReadExtendedAttributes();

        public void AdviseSequential() => file.AdviseSequential();

        public void Prefetch(long offset, long bytes) => file.Prefetch(offset, bytes);

        public void Dispose() => file.Dispose();
    }
}

using System.Text;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Platform;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Backup;

public sealed class EntryFactoryTests
{
    private static readonly FileStatus s_listed = new()
    {
        Kind = EntryKind.File,
        Bytes = 7,
        Device = 3,
        Inode = 4,
        LinkCount = 1,
    };

    [Fact]
    public void A_file_keeps_its_other_names_when_a_list_knew_of_one_only()
    {
        var windows = new WindowsMetadata { Attributes = 0x20 };
        using var source = new OneFile(new NodeDetails(LinkCount: 2, windows));
        var factory = new EntryFactory(source);
        var node = new SourceNode(null, "a"u8.ToArray(), s_listed);
        var path = EntryPath.FromSlashes(Encoding.UTF8.GetBytes("C:/a"));

        var reused = factory.Create(new WalkedNode(node, path, Known: null), Content.Empty);
        var read = factory.Create(path, s_listed with { LinkCount = 2 }, [], Content.Empty);

        Assert.NotEqual(0ul, reused.HardLinkGroup);
        Assert.Equal(read.HardLinkGroup, reused.HardLinkGroup);
        Assert.Same(windows, reused.Windows);
    }

    [Fact]
    public void A_file_of_one_name_is_in_no_group()
    {
        using var source = new OneFile(new NodeDetails(LinkCount: 1, Windows: null));
        var node = new SourceNode(null, "a"u8.ToArray(), s_listed);

        var entry = new EntryFactory(source).Create(
            new WalkedNode(node, EntryPath.FromSlashes("a"u8), Known: null), Content.Empty);

        Assert.Equal(0ul, entry.HardLinkGroup);
        Assert.Null(entry.Windows);
    }

    /// <summary>A system that says what it was given of any object.</summary>
    private sealed class OneFile(NodeDetails details) : ISourceFileSystem
    {
        public NodeDetails Examine(SourceNode node) => details;

        public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(SourceNode node) => [];

        public string? UserName(uint userId) => null;

        public string? GroupName(uint groupId) => null;

        public SourceNode Stat(EntryPath path) => throw new NotSupportedException();

        public IReadOnlyList<SourceNode> List(SourceNode directory) => throw new NotSupportedException();

        public ISourceFile OpenFile(SourceNode file) => throw new NotSupportedException();

        public ISourceFile OpenStream(SourceNode file, string streamName) => throw new NotSupportedException();

        public ReadOnlyMemory<byte> ReadLink(SourceNode link) => throw new NotSupportedException();

        public string? PseudoFileSystem(SourceNode node) => throw new NotSupportedException();

        public void Dispose()
        {
            // Nothing is open.
        }
    }
}

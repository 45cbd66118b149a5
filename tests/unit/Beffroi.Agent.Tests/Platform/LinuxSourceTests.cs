using System.Runtime.Versioning;
using System.Text;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Platform;

[SupportedOSPlatform("linux")]
public sealed class LinuxSourceTests : IDisposable
{
    private const uint ReadWrite = 0x1A4; // 0644
    private readonly TemporaryTree _tree = new();
    private readonly List<SourceProblem> _problems = [];
    private readonly LinuxSource _source;

    public LinuxSourceTests() => _source = new LinuxSource(_problems.Add);

    public void Dispose()
    {
        _source.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public void Children_come_sorted_by_the_bytes_of_their_names_whatever_these_are()
    {
        byte[][] names = [[0xFF, 0xFE], "line\nbreak"u8.ToArray(), [0x01], "Zoé"u8.ToArray(), [0xE9], "a b"u8.ToArray(),
            [.. Enumerable.Repeat((byte)'x', 255)], [.. Enumerable.Repeat((byte)0x80, 255)], "-rf *"u8.ToArray()];
        foreach (var name in names) _tree.Touch(name);

        var found = List().Select(node => Convert.ToHexString(node.Name.Span)).ToList();

        Assert.Equal(names.Select(Convert.ToHexString).Order(StringComparer.Ordinal), found);
    }

    [Fact]
    public void The_status_is_that_of_the_system()
    {
        var path = _tree.File("a.txt", "12345");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddTicks(-12_345_678)); // Before 1970: negative and exact.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.SetUser | UnixFileMode.GroupExecute);

        var node = Assert.Single(List());

        Assert.Equal(EntryKind.File, node.Kind);
        Assert.Equal(5, node.Status.Bytes);
        Assert.Equal(-1_234_567_800, node.Status.ModifiedNs);
        Assert.Equal(0x908u, node.Status.Mode);
        Assert.Equal(1u, node.Status.LinkCount);
        Assert.Equal(_tree.Root[1..] + "/a.txt", node.Path.ToString());
        Assert.Equal(node.Status, _source.Stat(node.Path).Status);
        Assert.Equal(Environment.UserName, _source.UserName(node.Status.UserId));
        Assert.Null(_source.UserName(4_000_000_001));
        Assert.Null(_source.GroupName(4_000_000_001));
    }

    [Fact]
    public void The_top_of_the_file_system_can_be_looked_at_and_listed()
    {
        var top = _source.Stat(default);

        Assert.Equal(EntryKind.Directory, top.Kind);
        Assert.True(top.Path.IsEmpty);
        Assert.Contains(_source.List(top), node => node.Path.ToString() == "proc");
        Assert.NotNull(_source.ReadExtendedAttributes(top));
    }

    [Fact]
    public void A_tree_deeper_than_any_path_of_the_kernel_is_read_and_reread()
    {
        var names = Enumerable.Range(0, 40).Select(i => Encoding.UTF8.GetBytes($"{i:d2}".PadRight(255, 'p'))).ToList();
        MakeDeep(names);

        for (var round = 0; round < 2; round++)
        {
            var node = _source.Stat(_tree.RootPath);
            List<SourceNode> passed = [];
            foreach (var _ in names)
            {
                node = Assert.Single(_source.List(node));
                passed.Add(node);
            }
            Assert.Equal(_tree.RootPath.Bytes.Length + (256 * 40), node.Path.Bytes.Length);
            using var file = _source.OpenFile(Assert.Single(_source.List(node)));
            Assert.Equal(4, file.Read(0, new byte[10]));
            Assert.Equal(_source.Stat(node.Path).Status, node.Status); // From the top again, 10 KiB of path.
            foreach (var directory in passed) Assert.NotEmpty(_source.List(directory));
        }
    }

    [Fact]
    public void Many_more_directories_than_descriptors_are_kept_usable()
    {
        for (var i = 0; i < 600; i++) _tree.File($"d{i:d3}/f", $"{i}");
        var files = List().Select(directory => Assert.Single(_source.List(directory))).ToList();

        Parallel.For(0, 3000, i =>
        {
            var buffer = new byte[8];
            using var file = _source.OpenFile(files[i * 7 % 600]);
            var text = Encoding.UTF8.GetString(buffer, 0, file.Read(0, buffer));
            Assert.Equal($"{i * 7 % 600}", text);
        });

        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, 400);
    }

    [Fact]
    public void Links_are_objects_and_never_followed()
    {
        var directory = _tree.Open();
        byte[] target = [.. "/no/where/"u8, 0xFF, 0x0A];
        TemporaryTree.Check(Posix.SymbolicLinkAt(target, directory, "broken"u8));
        TemporaryTree.Check(Posix.SymbolicLinkAt("loop"u8, directory, "loop"u8));
        TemporaryTree.Check(Posix.SymbolicLinkAt("/etc"u8, directory, "out"u8));
        Posix.Close(directory);

        var nodes = List();

        Assert.All(nodes, node => Assert.Equal(EntryKind.SymbolicLink, node.Kind));
        Assert.Equal(target, _source.ReadLink(nodes[0]).ToArray());
        Assert.Equal("loop"u8.ToArray(), _source.ReadLink(nodes[1]).ToArray());
        Assert.Empty(_source.ReadExtendedAttributes(nodes[1]));
        Assert.Throws<FileSystemException>(() => _source.List(nodes[2]));
        Assert.Throws<FileSystemException>(() => _source.OpenFile(nodes[2]));
    }

    [Fact]
    public void Special_objects_are_recognised()
    {
        _tree.Node("fifo", ModeBits.Fifo | ReadWrite);
        _tree.Node("socket", 0xC000 | ReadWrite);
        if (TemporaryTree.IsRoot) _tree.Node("null", ModeBits.CharacterDevice | ReadWrite, 0x103);

        var nodes = List();

        Assert.Equal(EntryKind.Fifo, nodes[0].Kind);
        Assert.Equal(EntryKind.Socket, nodes[^1].Kind);
        if (!TemporaryTree.IsRoot) return;
        Assert.Equal(EntryKind.CharacterDevice, nodes[1].Kind);
        Assert.Equal((1UL << 32) | 3, nodes[1].Status.DeviceNumber);
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("directory")]
    [InlineData("link")]
    public void A_file_replaced_between_listing_and_opening_is_noticed_at_once(string replacement)
    {
        var path = _tree.File("victim");
        var node = Assert.Single(List());
        File.Delete(path);
        if (replacement == "fifo") _tree.Node("victim", ModeBits.Fifo | ReadWrite); // Opening it plainly would block.
        else if (replacement == "directory") _tree.Folder("victim");
        else File.CreateSymbolicLink(path, "/etc/passwd");

        var failure = Assert.Throws<FileSystemException>(() => _source.OpenFile(node));

        Assert.Equal(ErrorCode.FileChanging, failure.Code);
        Assert.Equal(node.Path, failure.Path);
    }

    [Fact]
    public void A_directory_swapped_for_a_link_is_not_followed()
    {
        _tree.File("folder/secret.txt", "mine");
        _tree.File("elsewhere/secret.txt", "not mine");
        var folder = List()[1];
        var file = Assert.Single(_source.List(folder));
        for (var i = 0; i < 70; i++) _tree.Folder($"filler/{i}");
        foreach (var filler in _source.List(_source.Stat(_tree.RootPath.Append("filler"u8)))) _source.List(filler);
        Directory.Move(Path.Combine(_tree.Root, "folder"), Path.Combine(_tree.Root, "folder.old"));
        Directory.CreateSymbolicLink(Path.Combine(_tree.Root, "folder"), Path.Combine(_tree.Root, "elsewhere"));

        // The fillers have pushed its descriptor out.
        Assert.Throws<FileSystemException>(() => _source.OpenFile(file));
        Assert.Throws<FileSystemException>(() => _source.List(folder));
    }

    [Fact]
    public void A_directory_swapped_for_another_is_stale()
    {
        _tree.File("folder/a");
        var file = Assert.Single(_source.List(Assert.Single(List())));
        for (var i = 0; i < 70; i++)
            _source.List(_source.Stat(EntryPath.FromSlashes(Encoding.UTF8.GetBytes(_tree.Folder($"x{i}")))));
        Directory.Move(Path.Combine(_tree.Root, "folder"), Path.Combine(_tree.Root, "old"));
        _tree.File("folder/a", "other");

        Assert.Equal(Errno.Stale, Assert.Throws<FileSystemException>(() => _source.OpenFile(file)).SystemError);
    }

    [Fact]
    public void A_change_while_reading_shows_in_the_identity()
    {
        var path = _tree.File("a", "before");
        using var file = _source.OpenFile(Assert.Single(List()));
        Assert.Equal(file.Status.Identity, file.Stat());

        File.AppendAllText(path, "after");

        Assert.NotEqual(file.Status.Identity, file.Stat());
    }

    [Fact]
    public void A_file_replaced_by_a_newer_one_is_read_as_the_newer_one()
    {
        var path = _tree.File("a", "old");
        var node = Assert.Single(List());
        File.Delete(path);
        _tree.File("a", "newer");

        using var file = _source.OpenFile(node);

        Assert.Equal(5, file.Status.Bytes);
        Assert.NotEqual(node.Status.Identity, file.Status.Identity);
    }

    [Fact]
    public void A_sparse_file_of_10_GiB_has_its_extents_and_is_read_at_any_offset()
    {
        const long Size = 10L << 30;
        using (var stream = File.Create(Path.Combine(_tree.Root, "sparse")))
        {
            stream.SetLength(Size);
            stream.Position = 1L << 30;
            stream.Write(new byte[] { 1, 2, 3 });
            stream.Position = Size - 1;
            stream.WriteByte(9);
        }

        using var file = _source.OpenFile(Assert.Single(List()));
        var extents = file.FindExtents() ?? [];

        Assert.Equal(Size, file.Status.Bytes);
        Assert.Equal(2, extents.Count);
        Assert.Equal(1L << 30, extents[0].Offset);
        Assert.Equal(Size, extents[1].Offset + extents[1].Bytes);
        var buffer = new byte[10];
        Assert.Equal(1, file.Read(Size - 1, buffer));
        Assert.Equal(9, buffer[0]);
        Assert.Equal(0, file.Read(Size, buffer));
    }

    [Fact]
    public void A_file_that_is_one_hole_has_no_extent_and_a_full_file_no_list_of_them()
    {
        using (var stream = File.Create(Path.Combine(_tree.Root, "hole"))) stream.SetLength(1 << 30);
        File.WriteAllBytes(Path.Combine(_tree.Root, "full"), new byte[1 << 20]);
        var nodes = List();

        using var full = _source.OpenFile(nodes[0]);
        using var hole = _source.OpenFile(nodes[1]);

        Assert.Null(full.FindExtents());
        Assert.Equal([], hole.FindExtents());
    }

    [Fact]
    public void Hard_links_share_device_and_inode()
    {
        _tree.File("a");
        _tree.HardLink("a", "b");

        var nodes = List();

        Assert.Equal(2u, nodes[0].Status.LinkCount);
        Assert.Equal(nodes[0].Status.Identity, nodes[1].Status.Identity);
    }

    [Fact]
    public void Extended_attributes_come_sorted_and_whole()
    {
        var path = _tree.File("a");
        var large = new byte[3000];
        large[2999] = 7;
        if (!_tree.SetAttribute(path, "user.zoé", large)) Assert.Skip("No extended attributes here.");
        Assert.True(_tree.SetAttribute(path, "user.empty", []));
        // A list above 1 KiB.
        for (var i = 0; i < 50; i++) _tree.SetAttribute(path, $"user.{i:d2}{new string('n', 40)}", [1]);

        var node = Assert.Single(List());
        using var file = _source.OpenFile(node);
        var found = file.ReadExtendedAttributes();

        Assert.Contains(found, a => a.Name.Span.SequenceEqual("user.zoé"u8) && a.Value.Span.SequenceEqual(large));
        Assert.Contains(found, a => a.Name.Span.SequenceEqual("user.empty"u8) && a.Value.IsEmpty);
        Assert.Equal(found.Select(Name).Order(StringComparer.Ordinal), found.Select(Name));
        Assert.Equal(found.Select(Name), _source.ReadExtendedAttributes(node).Select(Name));
        Assert.Empty(_problems);
    }

    [Fact]
    public void An_access_control_list_is_an_attribute()
    {
        var path = _tree.Folder("shared");
        if (!_tree.SetAttribute(path, "system.posix_acl_default", SampleAcl.ForUser1000)) Assert.Skip("No ACL here.");

        var attribute = Assert.Single(_source.ReadExtendedAttributes(Assert.Single(List())));

        Assert.Equal("system.posix_acl_default", Name(attribute));
        Assert.Equal(SampleAcl.ForUser1000, attribute.Value.ToArray());
    }

    [Fact]
    public void Reading_leaves_the_access_time_alone()
    {
        var path = _tree.File("a");
        // Older than the content: relatime would move it.
        File.SetLastAccessTimeUtc(path, DateTime.UnixEpoch.AddYears(10));

        using (var file = _source.OpenFile(Assert.Single(List()))) file.Read(0, new byte[10]);

        Assert.Equal(DateTime.UnixEpoch.AddYears(10), File.GetLastAccessTimeUtc(path));
    }

    [Fact]
    public void A_missing_path_is_said_to_be_missing()
    {
        var failure = Assert.Throws<FileSystemException>(() => _source.Stat(_tree.RootPath.Append("nothing"u8)));

        Assert.Equal(ErrorCode.SourceMissing, failure.Code);
        Assert.Contains("/nothing could not be found", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_given_through_a_link_is_found()
    {
        _tree.File("real/a");
        Directory.CreateSymbolicLink(Path.Combine(_tree.Root, "link"), "real");

        var node = _source.Stat(_tree.RootPath.Append("link"u8).Append("a"u8));

        Assert.Equal(EntryKind.File, node.Kind);
    }

    [Fact]
    public void File_systems_without_files_are_known()
    {
        Assert.Equal("proc", _source.PseudoFileSystem(_source.Stat(EntryPath.FromSlashes("proc"u8))));
        Assert.Null(_source.PseudoFileSystem(_source.Stat(_tree.RootPath)));
        string[] mounts = ["24 1 0:22 / /dev rw shared:2 - devtmpfs udev rw", "25 1 0:23 / /tmp rw - tmpfs t rw"];
        Assert.Equal("devtmpfs", PseudoFileSystems.NameOf(0x01021994, 22, mounts));
        Assert.Null(PseudoFileSystems.NameOf(0x01021994, 23, mounts));
    }

    private IReadOnlyList<SourceNode> List() => _source.List(_source.Stat(_tree.RootPath));

    private static string Name(ExtendedAttribute attribute) => Encoding.UTF8.GetString(attribute.Name.Span);

    private void MakeDeep(List<byte[]> names)
    {
        var directory = _tree.Open();
        foreach (var name in names)
        {
            TemporaryTree.Check(Posix.MakeDirectoryAt(directory, name, 0x1FF));
            var next = TemporaryTree.Check(Posix.OpenAt(directory, name, OpenFlags.Directory));
            Posix.Close(directory);
            directory = next;
        }
        const int CreateForWriting = OpenFlags.Create | OpenFlags.WriteOnly;
        var file = TemporaryTree.Check(Posix.OpenAt(directory, "leaf"u8, CreateForWriting, ReadWrite));
        Posix.Write(file, 0, "deep"u8);
        Posix.Close(file);
        Posix.Close(directory);
    }
}

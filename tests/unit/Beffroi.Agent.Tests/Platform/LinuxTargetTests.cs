using System.Runtime.Versioning;
using System.Text;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Platform;

[SupportedOSPlatform("linux")]
public sealed class LinuxTargetTests : IDisposable
{
    private static readonly uint s_user = Libc.geteuid();
    private readonly TemporaryTree _tree = new();
    private readonly List<TargetProblem> _problems = [];
    private readonly LinuxSource _source = new(problem => Assert.Fail(problem.Text));

    public void Dispose()
    {
        _source.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public void Everything_of_a_file_comes_back()
    {
        var attribute = new ExtendedAttribute("user.zoé"u8.ToArray(), new byte[] { 0, 1, 255 });
        var entry = EntryOf("srv/a.txt") with
        {
            Mode = 0x924 | 0x49, // 04444 + 0111: set-uid, and no right to write.
            ModifiedNs = -1_234_567_891,
            UserId = TemporaryTree.IsRoot ? 4_000_000u : s_user,
            GroupId = TemporaryTree.IsRoot ? 4_000_001u : Libc.getegid(),
            ExtendedAttributes = CanHaveAttributes() ? [attribute] : [],
        };
        using var target = Open();

        Assert.Equal(TargetOutcome.Created, Restore(target, entry, "hello"));

        var node = Look("srv/a.txt");
        Assert.Equal((entry.Mode, entry.ModifiedNs, entry.UserId, entry.GroupId),
            (node.Status.Mode, node.Status.ModifiedNs, node.Status.UserId, node.Status.GroupId));
        Assert.Equal(entry.ExtendedAttributes.Select(Text), _source.ReadExtendedAttributes(node).Select(Text));
        Assert.Equal("hello", File.ReadAllText(Path.Combine(_tree.Root, "srv/a.txt")));
        Assert.Empty(_problems);
    }

    [Fact]
    public void Owners_go_by_name_unless_numbers_are_asked_for()
    {
        if (!TemporaryTree.IsRoot) Assert.Skip("Only root may give files away.");
        var name = _source.UserName(1)!;
        var group = _source.GroupName(1)!;
        var entry = EntryOf("a") with { UserId = 4_000_000, GroupId = 4_000_000, UserName = name, GroupName = group };
        using var byName = Open();
        using var byId = Open(new TargetOptions { OwnersById = true });

        Restore(byName, entry);
        Restore(byName, entry with { Path = At("unknown"), UserName = "nobody-of-that-name", GroupName = null });
        Restore(byId, entry with { Path = At("b") });

        Assert.Equal((1u, 1u), (Look("a").Status.UserId, Look("a").Status.GroupId));
        Assert.Equal((4_000_000u, 4_000_000u), (Look("unknown").Status.UserId, Look("unknown").Status.GroupId));
        Assert.Equal((4_000_000u, 4_000_000u), (Look("b").Status.UserId, Look("b").Status.GroupId));
    }

    [Fact]
    public void What_comes_from_Windows_is_for_its_new_owner_alone()
    {
        var readOnly = new WindowsMetadata { Attributes = 0x1 };
        var folder = EntryOf("C:", EntryKind.Directory) with { Windows = readOnly };
        var link = EntryOf("C:/link", EntryKind.SymbolicLink) with
        {
            LinkTarget = @"..\é\b"u8.ToArray(),
            Windows = new WindowsMetadata(),
        };
        using var target = Open();

        target.CreateDirectory(folder);
        Restore(target, EntryOf("C:/plain") with { Windows = new WindowsMetadata() });
        Restore(target, EntryOf("C:/read-only") with { Windows = readOnly });
        target.CreateSpecial(link);
        target.Complete();

        Assert.Equal((0x1C0u, s_user), (Look("C:").Status.Mode, Look("C:").Status.UserId));
        Assert.Equal((0x180u, s_user), (Look("C:/plain").Status.Mode, Look("C:/plain").Status.UserId));
        Assert.Equal(0x100u, Look("C:/read-only").Status.Mode);
        Assert.Equal("../é/b"u8, _source.ReadLink(Look("C:/link")).Span);
        Assert.Equal("Windows attributes", Assert.Single(_problems).What);
    }

    [Fact]
    public void An_access_control_list_comes_back_and_an_inherited_one_does_not_stay()
    {
        var folder = _tree.Folder("shared");
        if (!_tree.SetAttribute(folder, "system.posix_acl_default", SampleAcl.ForUser1000)) Assert.Skip("No ACL here.");
        var list = new ExtendedAttribute("system.posix_acl_access"u8.ToArray(), SampleAcl.ForUser1000);
        using var target = Open();

        Restore(target, EntryOf("shared/with") with { Mode = 0x1E8, ExtendedAttributes = [list] });
        Restore(target, EntryOf("shared/without") with { Mode = 0x1A4 });

        Assert.Equal(Text(list), Text(Assert.Single(_source.ReadExtendedAttributes(Look("shared/with")))));
        Assert.Empty(_source.ReadExtendedAttributes(Look("shared/without")));
        Assert.Equal(0x1A4u, Look("shared/without").Status.Mode);
    }

    [Fact]
    public void Directories_get_their_mode_and_time_last_even_read_only_ones()
    {
        var outer = EntryOf("d", EntryKind.Directory) with { Mode = 0x16D, ModifiedNs = 1_000_000_001 };
        var inner = EntryOf("d/e", EntryKind.Directory) with { Mode = 0x140, ModifiedNs = 2_000_000_002 };
        using var target = Open();

        Assert.Equal(TargetOutcome.Created, target.CreateDirectory(outer));
        Restore(target, EntryOf("d/e/f/g")); // What misses on the way is made…
        Assert.Equal(TargetOutcome.Created, target.CreateDirectory(inner)); // …and still is the restore's own.
        Restore(target, EntryOf("d/e/h"));
        target.Complete();

        Assert.Equal((0x16Du, 1_000_000_001), (Look("d").Status.Mode, Look("d").Status.ModifiedNs));
        Assert.Equal((0x140u, 2_000_000_002), (Look("d/e").Status.Mode, Look("d/e").Status.ModifiedNs));
        Assert.Empty(_problems);
    }

    [Fact]
    public void A_directory_that_was_there_keeps_its_metadata_unless_overwriting()
    {
        _tree.Folder("d");
        var before = Look("d").Status;
        var entry = EntryOf("d", EntryKind.Directory) with { Mode = 0x1C0, ModifiedNs = 5 };
        using (var target = Open())
        {
            Assert.Equal(TargetOutcome.Exists, target.CreateDirectory(entry));
            target.Complete();
        }
        Assert.Equal(before, Look("d").Status);

        using var overwriting = Open(new TargetOptions { Overwrites = true });
        overwriting.CreateDirectory(entry);
        overwriting.Complete();

        Assert.Equal((0x1C0u, 5L), (Look("d").Status.Mode, Look("d").Status.ModifiedNs));
    }

    [Fact]
    public void Nothing_that_exists_is_touched_by_default()
    {
        _tree.File("file", "mine");
        _tree.Folder("folder");
        File.CreateSymbolicLink(Path.Combine(_tree.Root, "link"), "file");
        using var target = Open();

        foreach (var name in (string[])["file", "link"])
        {
            Assert.Equal(TargetOutcome.Exists, Restore(target, EntryOf(name), "theirs"));
            Assert.Equal(TargetOutcome.Exists, target.CreateSpecial(EntryOf(name, EntryKind.Fifo)));
            Assert.Equal(TargetOutcome.Conflict, target.CreateDirectory(EntryOf(name, EntryKind.Directory)));
        }
        Assert.Equal(TargetOutcome.Conflict, Restore(target, EntryOf("folder")));

        Assert.Equal("mine", File.ReadAllText(Path.Combine(_tree.Root, "link")));
        Assert.Equal(["file", "folder", "link"], Names());
    }

    [Fact]
    public void Overwriting_replaces_files_and_links_but_never_a_folder()
    {
        _tree.File("file", "old");
        _tree.File("folder/kept", "kept");
        _tree.File("outside", "outside");
        File.CreateSymbolicLink(Path.Combine(_tree.Root, "link"), "outside");
        using var target = Open(new TargetOptions { Overwrites = true });

        Assert.Equal(TargetOutcome.Created, Restore(target, EntryOf("file"), "new"));
        Assert.Equal(TargetOutcome.Created, Restore(target, EntryOf("link"), "new"));
        Assert.Equal(TargetOutcome.Conflict, Restore(target, EntryOf("folder")));
        Assert.Equal(TargetOutcome.Created, target.CreateHardLink(At("second"), At("file")));
        Assert.Equal(TargetOutcome.Created, target.CreateHardLink(At("second"), At("file"))); // The same again.

        Assert.Equal("new", File.ReadAllText(Path.Combine(_tree.Root, "second")));
        Assert.Equal("outside", File.ReadAllText(Path.Combine(_tree.Root, "outside")));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(_tree.Root, "folder/kept")));
        Assert.Equal(EntryKind.File, Look("link").Kind);
        Assert.Equal(["file", "folder", "link", "outside", "second"], Names());
        Assert.Equal("folder", Assert.Single(_problems).Path.Name.Span.ToArray().Aggregate("", (s, b) => s + (char)b));
    }

    [Fact]
    public void Links_pipes_and_devices_come_back_with_their_metadata()
    {
        byte[] odd = [.. "../x/"u8, 0xFF];
        var link = EntryOf("l", EntryKind.SymbolicLink) with { LinkTarget = odd, ModifiedNs = 7_000_000_007 };
        var pipe = EntryOf("p", EntryKind.Fifo) with { Mode = 0x1B6, ModifiedNs = 8 };
        var device = EntryOf("zero", EntryKind.CharacterDevice) with { Mode = 0x1B6, DeviceNumber = (1UL << 32) | 5 };
        var large = EntryOf("disk", EntryKind.BlockDevice) with { DeviceNumber = (0xABCUL << 32) | 0x12345 };
        using var target = Open();

        Assert.Equal(TargetOutcome.Created, target.CreateSpecial(link));
        Assert.Equal(TargetOutcome.Created, target.CreateSpecial(pipe));
        Assert.Equal(TargetOutcome.NotRestored, target.CreateSpecial(EntryOf("s", EntryKind.ReparsePoint)));
        var devices = new[] { target.CreateSpecial(device), target.CreateSpecial(large) };

        Assert.Equal(odd, _source.ReadLink(Look("l")).ToArray());
        Assert.Equal(7_000_000_007, Look("l").Status.ModifiedNs);
        Assert.Equal((0x1B6u, 8L), (Look("p").Status.Mode, Look("p").Status.ModifiedNs));
        Assert.Contains(_problems, problem => problem.Path == At("s"));
        if (!TemporaryTree.IsRoot) return;
        Assert.All(devices, outcome => Assert.Equal(TargetOutcome.Created, outcome));
        Assert.Equal(device.DeviceNumber, Look("zero").Status.DeviceNumber);
        Assert.Equal(large.DeviceNumber, Look("disk").Status.DeviceNumber);
    }

    [Fact]
    public void A_folder_of_a_killed_restore_gets_its_metadata_from_the_next()
    {
        var folder = EntryOf("d", EntryKind.Directory) with { Mode = 0x1E8, ModifiedNs = 5_000_000_006 };
        using (var killed = Open()) killed.CreateDirectory(folder); // And Complete is never called.

        using var next = Open();
        next.CreateDirectory(folder);
        next.Complete();

        Assert.Equal((0x1E8u, 5_000_000_006), (Look("d").Status.Mode, Look("d").Status.ModifiedNs));
    }

    [Fact]
    public void A_folder_that_a_restore_completed_keeps_its_time_when_the_next_adds_a_file()
    {
        var folder = EntryOf("d", EntryKind.Directory) with { Mode = 0x1C0, ModifiedNs = 5_000_000_006 };
        using (var first = Open())
        {
            first.CreateDirectory(folder);
            first.Complete();
        }
        File.SetUnixFileMode(Path.Combine(_tree.Root, "d"), (UnixFileMode)0x1ED);

        using var next = Open();
        Assert.Equal(TargetOutcome.Exists, next.CreateDirectory(folder));
        Restore(next, EntryOf("d/a"), "x");
        next.Complete();

        Assert.Equal(5_000_000_006, Look("d").Status.ModifiedNs);
        Assert.Equal(0x1EDu, Look("d").Status.Mode); // What its owner changed since is left alone.
    }

    [Fact]
    public void A_folder_that_leads_to_a_file_bears_no_mark_in_the_end()
    {
        using var target = Open();
        Restore(target, EntryOf("d/e/a"), "x");
        target.Complete();

        Assert.Equal((0x1C0u, 0x1C0u), (Look("d").Status.Mode, Look("d/e").Status.Mode));
    }

    [Fact]
    public void What_a_killed_restore_left_half_written_goes_and_what_another_writes_stays()
    {
        using var gone = System.Diagnostics.Process.Start("true");
        gone.WaitForExit();
        string[] kept = [".beffroi-restore-1-5", ".beffroi-restore-notes", "a"];
        string[] folders = ["", "d"];
        foreach (var name in folders.SelectMany(folder => kept.Select(name => Path.Combine(folder, name))))
            _tree.File(name);
        foreach (var folder in folders) _tree.File(Path.Combine(folder, $".beffroi-restore-{gone.Id:x}-1f"));

        using var target = Open();
        target.CreateDirectory(EntryOf("d", EntryKind.Directory));
        target.Complete();

        Assert.Equal([.. kept, "d"], Names());
        Assert.Equal(kept, Directory.GetFileSystemEntries(Path.Combine(_tree.Root, "d")).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Hard_links_are_one_file()
    {
        using var target = Open();
        Restore(target, EntryOf("a"), "x");

        Assert.Equal(TargetOutcome.Created, target.CreateHardLink(At("d/b"), At("a")));
        Assert.Equal(TargetOutcome.NotRestored, target.CreateHardLink(At("c"), At("none/x")));

        Assert.Equal(Look("a").Status.Identity, Look("d/b").Status.Identity);
        Assert.Equal(["a", "d"], Names());
    }

    [Fact]
    public void A_sparse_file_of_10_GiB_takes_no_room()
    {
        using var target = Open();
        using (var file = target.CreateFile(At("sparse")))
        {
            file.Write(5L << 30, "middle"u8);
            file.SetLength(10L << 30);
            file.Publish(EntryOf("sparse"));
        }

        var status = Look("sparse").Status;
        Assert.Equal(10L << 30, status.Bytes);
        Assert.InRange(status.AllocatedBytes, 1, 1 << 20);
    }

    [Fact]
    public void Names_of_any_bytes_and_depth_come_back()
    {
        var path = EntryPath.FromSlashes([0xFF, 0x0A, (byte)'/', 0xE9]);
        for (var i = 0; i < 40; i++) path = path.Append(Encoding.UTF8.GetBytes($"{i:d2}".PadRight(255, 'p')));
        using var target = Open();

        Assert.Equal(TargetOutcome.Created, Restore(target, EntryOf("") with { Path = path }, "deep"));

        Assert.Equal(4, target.Stat(path)!.Value.Bytes);
        Assert.Null(target.Stat(path.Append("x"u8)));
        var full = EntryPath.FromSlashes([.. _tree.RootPath.Bytes.Span.ToArray().Select(b => b == 0 ? (byte)'/' : b),
            (byte)'/', .. path.Bytes.Span.ToArray().Select(b => b == 0 ? (byte)'/' : b)]);
        Assert.Equal(4, _source.Stat(full).Status.Bytes);
    }

    [Fact]
    public void A_restore_to_memory_can_be_flushed_and_measured()
    {
        // A disk would take its time.
        using var target = new LinuxTarget("/dev/shm", new TargetOptions(), _problems.Add);

        target.Flush();

        Assert.Equal(new DriveInfo("/dev/shm").AvailableFreeSpace >> 30, target.FreeBytes() >> 30);
    }

    [Fact]
    public void A_file_that_is_not_published_leaves_nothing()
    {
        using var target = Open();

        using (var file = target.CreateFile(At("a"))) file.Write(0, "half"u8);

        Assert.Empty(Names());
    }

    [Fact]
    public void Leftovers_of_an_older_run_are_no_obstacle()
    {
        for (var i = 0; i < 20; i++) _tree.File($".beffroi-restore-{Environment.ProcessId:x}-{i:x}");
        using var target = Open();

        Assert.Equal(TargetOutcome.Created, Restore(target, EntryOf("a"), "x"));
    }

    [Fact]
    public void Nothing_is_written_through_a_link_to_a_directory()
    {
        var outside = _tree.Folder("outside");
        var root = _tree.Folder("root");
        Directory.CreateSymbolicLink(Path.Combine(root, "out"), outside);
        using var target = new LinuxTarget(root, new TargetOptions { Overwrites = true }, _problems.Add);

        var failure = Assert.Throws<FileSystemException>(() => target.CreateFile(At("out/a")));
        Assert.Throws<FileSystemException>(() => target.CreateDirectory(EntryOf("out/d", EntryKind.Directory)));
        Assert.Throws<FileSystemException>(() => target.CreateSpecial(EntryOf("out/p", EntryKind.Fifo)));
        Assert.Throws<FileSystemException>(() => target.CreateHardLink(At("out/h"), At("x")));

        Assert.Equal(ErrorCode.TargetUnwritable, failure.Code);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    [Fact]
    public void Directories_swapped_for_links_during_a_restore_lead_nowhere()
    {
        var outside = _tree.Folder("outside");
        var root = _tree.Folder("root");
        _tree.Folder("root/d");
        using var swapper = new Swapper(Path.Combine(root, "d"), outside);
        var restored = 0;
        // On a busy computer the exchanges may win hundreds of times in a row.
        for (var i = 0; i < 600 || swapper.Swaps < 50 || (restored == 0 && i < 50_000); i++)
        {
            // A new one each time, because one that has the directory open is not troubled by any exchange.
            using var target = new LinuxTarget(root, new TargetOptions { Overwrites = true }, _ => { });
            try
            {
                target.CreateDirectory(EntryOf("d", EntryKind.Directory) with { Mode = 0x1FF });
                if (Restore(target, EntryOf($"d/sub/f{i}"), "secret") == TargetOutcome.Created) restored++;
            }
            catch (FileSystemException exception) when (exception.Code == ErrorCode.TargetUnwritable)
            {
                // Refusing is right whenever the directory is not what it was.
            }
            target.Complete();
        }

        Assert.InRange(restored, 1, int.MaxValue);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.NotEqual(0x1FFu, Look("outside").Status.Mode);
    }

    [Fact]
    public void The_same_trouble_with_many_files_is_told_a_few_times_and_then_as_a_number()
    {
        var problems = new TargetProblems(_problems.Add);
        for (var i = 0; i < 500; i++) problems.Add(At($"f{i}"), "owner", "Not root.", onlySummary: true);
        for (var i = 0; i < 500; i++) problems.Add(At($"f{i}"), "mode", "Refused.");
        Assert.Equal(10, _problems.Count);

        problems.ReportSummaries();

        Assert.Equal(12, _problems.Count);
        Assert.Contains(new TargetProblem(At("f0"), "owner", "Not root. This concerns 500 objects in all."), _problems);
    }

    /// <summary>Exchanges a directory and a link to another one, each time at once, on a thread of its own.</summary>
    private sealed unsafe class Swapper : IDisposable
    {
        private const int Exchange = 2; // RENAME_EXCHANGE
        private const int Here = AtFlags.CurrentDirectory;
        private readonly Thread _thread;
        private volatile bool _isStopping;
        private volatile int _swaps;

        internal Swapper(string path, string outside)
        {
            Directory.CreateSymbolicLink(path + ".link", outside);
            _thread = new Thread(() => Swap(path));
            _thread.Start();
        }

        internal int Swaps => _swaps;

        public void Dispose()
        {
            _isStopping = true;
            _thread.Join();
        }

        private void Swap(string path)
        {
            fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'), link = Encoding.UTF8.GetBytes(path + ".link\0"))
                while (!_isStopping)
                    if (Libc.syscall5(SystemCall.RenameAt2, Here, name, Here, link, Exchange) == 0) _swaps++;
        }
    }

    private LinuxTarget Open(TargetOptions? options = null) =>
        new(_tree.Root, options ?? new TargetOptions(), _problems.Add);

    private static EntryPath At(string path) => EntryPath.FromSlashes(Encoding.UTF8.GetBytes(path));

    private static Entry EntryOf(string path, EntryKind kind = EntryKind.File) => new()
    {
        Path = At(path),
        Kind = kind,
        Mode = kind == EntryKind.Directory ? 0x1EDu : 0x1A4u,
        UserId = s_user,
        GroupId = Libc.getegid(),
    };

    private static TargetOutcome Restore(LinuxTarget target, Entry entry, string content = "")
    {
        using var file = target.CreateFile(entry.Path);
        file.Write(0, Encoding.UTF8.GetBytes(content));
        return file.Publish(entry);
    }

    private SourceNode Look(string path) => _source.Stat(At(_tree.Root + "/" + path));

    private List<string> Names() => [.. Directory.GetFileSystemEntries(_tree.Root)
        .Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static string Text(ExtendedAttribute attribute) =>
        Encoding.UTF8.GetString(attribute.Name.Span) + "=" + Convert.ToHexString(attribute.Value.Span);

    private bool CanHaveAttributes()
    {
        var probe = _tree.File("probe");
        var can = _tree.SetAttribute(probe, "user.probe", [1]);
        File.Delete(probe);
        return can;
    }
}

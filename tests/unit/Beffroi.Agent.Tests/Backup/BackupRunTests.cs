using System.Runtime.Versioning;
using System.Text;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.State;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Backup;

[SupportedOSPlatform("linux")]
public sealed class BackupRunTests : IDisposable
{
    private readonly BackupFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_file_that_is_one_hole_has_its_length_and_no_content()
    {
        using (var stream = File.Create(Path.Combine(_fixture.Tree.Root, "hole"))) stream.SetLength(10L << 30);

        await _fixture.BackUpAsync();
        var second = await _fixture.BackUpAsync();
        var entry = (await _fixture.EntriesAsync(second.Root))["hole"];
        await _fixture.RestoreAsync(second.Root);

        Assert.Equal((10L << 30, ContentKind.Empty, 0), (entry.Bytes, entry.Content.Kind, entry.Extents.Count));
        Assert.Equal((0, 1), (_fixture.Progress.ReadBytes, _fixture.Progress.UnchangedFiles));
        Assert.Equal(10L << 30, new FileInfo(_fixture.Restored("hole")).Length);
        Assert.Empty(_fixture.Problems);
    }

    [Fact]
    public async Task What_the_server_has_is_known_to_the_state_while_the_run_still_works()
    {
        var random = new Random(5);
        for (var i = 0; i < 40; i++)
        {
            var bytes = new byte[1 << 20];
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(_fixture.Tree.Root, $"{i:00}"), bytes);
        }
        var (packs, isStuck) = (0, new TaskCompletionSource());
        using var resume = new ManualResetEventSlim();
        _fixture.Vault.BeforePack = _ =>
        {
            if (Interlocked.Increment(ref packs) <= 2) return; // Two are under way at once, in any order.
            isStuck.TrySetResult();
            resume.Wait();
            throw new VaultException(ErrorCode.ServerUnreachable, retryable: false, "The simulated line was cut.");
        };

        var run = Task.Run(() => _fixture.BackUpAsync());
        await isStuck.Task;
        var known = await WaitForRowsAsync();
        resume.Set();
        await Assert.ThrowsAsync<VaultException>(() => run);

        Assert.InRange(known.Count, 1, 39);
        Assert.All(known, row => Assert.All(
            row.Content.Pieces, piece => Assert.Contains(piece.Record.Id, _fixture.Vault.RecordIds)));
    }

    /// <summary>What a run would find if this one were killed now.</summary>
    private async Task<List<StateRow>> WaitForRowsAsync()
    {
        using var copies = new TemporaryFolder();
        for (var attempt = 0; ; attempt++)
        {
            _fixture.Time.Advance(BackupRun.SavePeriod);
            var copy = copies.File($"{attempt}.db");
            foreach (var suffix in (string[])["", "-wal"])
                if (File.Exists(_fixture.StatePath + suffix)) File.Copy(_fixture.StatePath + suffix, copy + suffix);
            using var state = _fixture.OpenState(copy);
            var rows = state.LoadDirectory(_fixture.Tree.RootPath);
            var known = new List<StateRow>();
            for (var i = 0; i < 40; i++)
                if (rows.TryGet(System.Text.Encoding.UTF8.GetBytes($"{i:00}"), out var row)) known.Add(row);
            if (known.Count > 0 || attempt == 500) return known;
            await Task.Delay(10);
        }
    }

    [Fact]
    public async Task A_thirtieth_of_the_files_is_read_again_each_day_until_all_were()
    {
        for (var i = 0; i < 60; i++)
            await File.WriteAllBytesAsync(Path.Combine(_fixture.Tree.Root, $"{i}"), new byte[20_000]);
        for (var i = 0; i < 60; i++) _fixture.Tree.File($"folder {i}/small");
        await _fixture.BackUpAsync();
        var (read, last) = (0L, _fixture.Time.GetUtcNow());
        for (var day = 0; day < 30; day++)
        {
            _fixture.Time.Advance(TimeSpan.FromDays(1));
            var now = _fixture.Time.GetUtcNow();
            var outcome = await _fixture.BackUpAsync(
                new BackupOptions { Roots = [_fixture.Tree.RootPath], Reread = RereadRule.Since(last, now) });
            var today = 120 - _fixture.Progress.UnchangedFiles;
            Assert.InRange(today, 0, 30);
            Assert.InRange(outcome.Upload.NewBytes, 0, 5000); // The catalogue has /tmp, which others change.
            (read, last) = (read + today, now);
        }
        Assert.Equal(120, read);
    }

    [Fact]
    public void A_second_backup_of_a_day_reads_nothing_again_and_a_long_pause_three_days_worth()
    {
        var now = new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
        Assert.Equal(0u, RereadRule.Since(null, now).Count);
        Assert.Equal(0u, RereadRule.Since(now.AddHours(-7), now).Count);
        Assert.Equal(1u, RereadRule.Since(now.AddHours(-9), now).Count);
        Assert.Equal(3u, RereadRule.Since(now.AddDays(-100), now).Count);
        Assert.Equal(0u, RereadRule.Since(now.AddDays(1), now).Count);
    }

    [Fact]
    public async Task A_restore_without_a_socket_is_a_whole_restore()
    {
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_fixture.Tree.Root, "s")));
        var outcome = await _fixture.BackUpAsync();

        var progress = await _fixture.RestoreAsync(outcome.Root);

        Assert.Equal(EntryKind.Socket, (await _fixture.EntriesAsync(outcome.Root))["s"].Kind);
        Assert.Equal((1, 0), (progress.Sockets, progress.Failed));
        Assert.Empty(_fixture.Problems);
    }

    [Fact]
    public async Task A_restore_of_one_file_gives_the_folders_above_it_their_metadata()
    {
        _fixture.Tree.File("a/b/c");
        _fixture.Tree.File("a/other");
        Directory.SetLastWriteTimeUtc(Path.Combine(_fixture.Tree.Root, "a/b"), new DateTime(2001, 2, 3));
        File.SetUnixFileMode(Path.Combine(_fixture.Tree.Root, "a"), (UnixFileMode)0x1ED);
        var outcome = await _fixture.BackUpAsync();

        var progress = await _fixture.RestoreAsync(
            outcome.Root, _fixture.Tree.RootPath.Append("a"u8).Append("b"u8).Append("c"u8));

        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(_fixture.Restored("a")));
        Assert.Equal(new DateTime(2001, 2, 3), Directory.GetLastWriteTimeUtc(_fixture.Restored("a/b")));
        Assert.True(File.Exists(_fixture.Restored("a/b/c")));
        Assert.False(File.Exists(_fixture.Restored("a/other")));
        Assert.Equal((1, 1), (progress.FilesTotal, progress.Files));
    }

    [Fact]
    public async Task A_path_that_is_not_there_stops_a_restore_before_it_writes()
    {
        _fixture.Tree.File("a");
        var outcome = await _fixture.BackUpAsync();

        var failure = await Assert.ThrowsAsync<VaultException>(() => _fixture.RestoreAsync(
            outcome.Root, _fixture.Tree.RootPath.Append("a"u8), _fixture.Tree.RootPath.Append("typo"u8)));

        Assert.Equal(ErrorCode.PathNotInSnapshot, failure.Code);
        Assert.Contains("typo", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_fixture.Target.Root));
    }

    [Fact]
    public async Task What_lies_below_a_folder_that_is_blocked_is_counted_and_not_told_one_by_one()
    {
        for (var i = 0; i < 5; i++) _fixture.Tree.File($"a/{i}");
        _fixture.Tree.File("b");
        var outcome = await _fixture.BackUpAsync();
        Directory.CreateDirectory(_fixture.Restored(""));
        await File.WriteAllTextAsync(_fixture.Restored("a"), "in the way");

        var progress = await _fixture.RestoreAsync(outcome.Root);

        Assert.Equal((1, 6), (progress.Files, progress.Failed));
        Assert.Contains("Something that is no folder", Assert.Single(_fixture.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_files_that_cannot_be_read_is_damage_and_not_a_wrong_path()
    {
        _fixture.Tree.File("a");
        var outcome = await _fixture.BackUpAsync();
        _fixture.Vault.Lose(outcome.Root.Id);

        var progress = await _fixture.RestoreAsync(outcome.Root, _fixture.Tree.RootPath.Append("a"u8));

        Assert.Equal(1, progress.Failed);
        Assert.Contains("cannot be read", Assert.Single(_fixture.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hard_links_count_as_files_and_their_bytes_once()
    {
        _fixture.Tree.File("a", new string('x', 1000));
        _fixture.Tree.HardLink("a", "b");
        var outcome = await _fixture.BackUpAsync();

        var progress = await _fixture.RestoreAsync(outcome.Root);

        Assert.Equal((2, 2), (progress.FilesTotal, progress.Files));
        Assert.Equal((1000, 1000), (progress.BytesTotal, progress.Bytes));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task A_file_whose_first_name_vanishes_is_read_by_the_next_one(int bytes)
    {
        _fixture.Tree.File("a", new string('x', bytes));
        foreach (var name in (string[])["b", "c"]) _fixture.Tree.HardLink("a", name);
        using var source = new HookedSource(problem => _fixture.Problems.Add(problem.Text))
        {
            BeforeOpen = path =>
            {
                if (path.Name.Span.SequenceEqual("a"u8)) File.Delete(Path.Combine(_fixture.Tree.Root, "a"));
            },
        };

        var outcome = await _fixture.BackUpAsync(source: source);

        var entries = await _fixture.EntriesAsync(outcome.Root);
        Assert.Equal(["b", "c"], entries.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("/a could not be", Assert.Single(_fixture.Problems), StringComparison.Ordinal);
        await _fixture.RestoreAsync(outcome.Root);
        Assert.Equal(bytes, new FileInfo(_fixture.Restored("c")).Length);
        Assert.Equal(entries["b"].HardLinkGroup, entries["c"].HardLinkGroup);
        Assert.Equal(1, _fixture.Known("b") + _fixture.Known("c"));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_by_any_name_keeps_what_it_had_under_all_of_them()
    {
        _fixture.Tree.File("a", "the content");
        foreach (var name in (string[])["b", "c"]) _fixture.Tree.HardLink("a", name);
        await _fixture.BackUpAsync();
        _fixture.Tree.File("a", "newer");
        using var source = new HookedSource(problem => _fixture.Problems.Add(problem.Text))
        {
            BeforeOpen = path => throw new FileSystemException(ErrorCode.FileUnreadable, path, 5, "The disk failed."),
        };

        var outcome = await _fixture.BackUpAsync(source: source);
        await _fixture.RestoreAsync(outcome.Root);

        foreach (var name in (string[])["a", "b", "c"])
            Assert.Equal("the content", await File.ReadAllTextAsync(_fixture.Restored(name)));
        Assert.Equal(3, _fixture.Problems.Count);
    }

    [Fact]
    public async Task A_number_that_another_file_took_over_during_the_run_does_not_bring_the_old_content()
    {
        _fixture.Tree.File("1/a", "the old file");
        _fixture.Tree.HardLink("1/a", "1/b");
        _fixture.Tree.File("2/c", "another file");
        _fixture.Tree.HardLink("2/c", "2/d");
        File.SetLastWriteTimeUtc(Path.Combine(_fixture.Tree.Root, "1/a"), new DateTime(2001, 2, 3));
        ulong? first = null;
        using var source = new HookedSource(problem => _fixture.Problems.Add(problem.Text))
        {
            Status = (_, status) => status.LinkCount < 2 || status.Kind != EntryKind.File
                ? status : status with { Inode = first ??= status.Inode },
        };

        var outcome = await _fixture.BackUpAsync(source: source);
        await _fixture.RestoreAsync(outcome.Root);

        Assert.Equal("the old file", await File.ReadAllTextAsync(_fixture.Restored("1/b")));
        Assert.Equal("another file", await File.ReadAllTextAsync(_fixture.Restored("2/c")));
        Assert.Equal("another file", await File.ReadAllTextAsync(_fixture.Restored("2/d")));
        var entries = await _fixture.EntriesAsync(outcome.Root);
        Assert.Equal(entries["2/c"].HardLinkGroup, entries["2/d"].HardLinkGroup);
        Assert.Empty(_fixture.Problems);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task A_file_that_changed_just_before_it_was_read_is_read_again(int bytes)
    {
        _fixture.Tree.File("a", new string('x', bytes));
        foreach (var name in (string[])["b", "c"]) _fixture.Tree.HardLink("a", name);
        _fixture.Time.Advance(DateTimeOffset.UtcNow - _fixture.Time.GetUtcNow());

        await _fixture.BackUpAsync();
        Assert.Equal(bytes, _fixture.Progress.ReadBytes); // Once for all names.
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        foreach (var unchanged in (long[])[0, 1])
        {
            await _fixture.BackUpAsync();
            Assert.Equal(unchanged, _fixture.Progress.UnchangedFiles);
        }
    }

    [Fact]
    public async Task A_folder_above_the_source_that_cannot_be_looked_at_is_reported_and_no_more()
    {
        var root = _fixture.Tree.RootPath;
        _fixture.Tree.File("top/a");
        using var source = new HookedSource(problem => _fixture.Problems.Add(problem.Text))
        {
            BeforeStat = path =>
            {
                if (path == root) throw new FileSystemException(ErrorCode.FileUnreadable, path, 13, "No rights.");
            },
        };

        var outcome = await _fixture.BackUpAsync(new BackupOptions { Roots = [root.Append("top"u8)] }, source);

        Assert.Equal(1, outcome.Counters.Files);
        Assert.Equal(["No rights."], _fixture.Problems);
    }

    [Fact]
    public async Task Attributes_beyond_what_the_catalogue_holds_are_left_out_and_reported()
    {
        Directory.CreateDirectory(Path.Combine(_fixture.Tree.Root, "d"));
        using var source = new LabelledSource();

        var outcome = await _fixture.BackUpAsync(source: source);

        Assert.Equal(15, (await _fixture.EntriesAsync(outcome.Root))["d"].ExtendedAttributes.Count);
        Assert.Contains("'user.p'", Assert.Single(_fixture.Problems), StringComparison.Ordinal);
        Assert.Equal(1, outcome.Counters.Unreadable);
    }

    /// <summary>A system where each folder named 'd' has 17 attributes of 64 KiB, as XFS allows.</summary>
    private sealed class LabelledSource : ISourceFileSystem
    {
        private readonly LinuxSource _source = new(problem => Assert.Fail(problem.Text));

        public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(SourceNode node) => node.Name.Span is [(byte)'d']
            ? [.. "abcdefghijklmnopq".Select(letter =>
                new ExtendedAttribute(Encoding.UTF8.GetBytes($"user.{letter}"), new byte[64 << 10]))]
            : [];

        public SourceNode Stat(EntryPath path) => _source.Stat(path);

        public IReadOnlyList<SourceNode> List(SourceNode directory) => _source.List(directory);

        public NodeDetails Examine(SourceNode node) => _source.Examine(node);

        public ISourceFile OpenFile(SourceNode file) => _source.OpenFile(file);

        public ISourceFile OpenStream(SourceNode file, string streamName) => _source.OpenStream(file, streamName);

        public ReadOnlyMemory<byte> ReadLink(SourceNode link) => _source.ReadLink(link);

        public string? UserName(uint userId) => _source.UserName(userId);

        public string? GroupName(uint groupId) => _source.GroupName(groupId);

        public string? PseudoFileSystem(SourceNode node) => _source.PseudoFileSystem(node);

        public void Dispose() => _source.Dispose();
    }
}

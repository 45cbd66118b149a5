using System.Runtime.Versioning;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Restore;
using Beffroi.Agent.Tests.Backup;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Restore;

/// <summary>Restores into a folder that is not empty, or not big enough.</summary>
[SupportedOSPlatform("linux")]
public sealed class RestoreRunTests : IDisposable
{
    private readonly BackupFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_further_name_of_a_file_whose_first_name_is_taken_gets_the_content_and_not_the_stranger()
    {
        _fixture.Tree.File("a", "the content");
        foreach (var name in (string[])["b", "c"]) _fixture.Tree.HardLink("a", name);
        var outcome = await _fixture.BackUpAsync();
        Directory.CreateDirectory(_fixture.Restored(""));
        await File.WriteAllTextAsync(_fixture.Restored("a"), "a stranger");

        var progress = await _fixture.RestoreAsync(outcome.Root);

        Assert.Equal("a stranger", await File.ReadAllTextAsync(_fixture.Restored("a")));
        Assert.Equal("the content", await File.ReadAllTextAsync(_fixture.Restored("b")));
        Assert.Equal("the content", await File.ReadAllTextAsync(_fixture.Restored("c")));
        Assert.Equal([InodeOf("b")], [InodeOf("c")]);
        Assert.Equal((2, 1, 0), (progress.Files, progress.Failed, progress.AlreadyThere));
        Assert.Contains("/a: It exists", Assert.Single(_fixture.Problems), StringComparison.Ordinal);

        var again = await _fixture.RestoreAsync(outcome.Root);
        Assert.Equal((0, 1, 2), (again.Files, again.Failed, again.AlreadyThere));
    }

    [Fact]
    public async Task A_damaged_file_of_two_names_replaces_neither_of_two_older_ones()
    {
        _fixture.Tree.File("a", "the content");
        _fixture.Tree.HardLink("a", "b");
        var outcome = await _fixture.BackUpAsync();
        var entry = (await _fixture.EntriesAsync(outcome.Root))["a"];
        _fixture.Vault.Lose(entry.Content.Pieces[0].Record.Id);
        Directory.CreateDirectory(_fixture.Restored(""));
        foreach (var name in (string[])["a", "b"])
            await File.WriteAllTextAsync(_fixture.Restored(name), $"old {name}");

        var progress = await _fixture.RestoreAsync(
            outcome.Root, new RestoreOptions { Paths = [], Conflict = RestoreConflict.Replace });

        foreach (var name in (string[])["a", "b"])
            Assert.Equal($"old {name}", await File.ReadAllTextAsync(_fixture.Restored(name)));
        Assert.Equal((0, 2), (progress.Files, progress.Failed));
        Assert.Equal(2, _fixture.Problems.Count);
    }

    [Theory]
    [InlineData(0, "mine", null, 0, 1, 1)] // Reported.
    [InlineData(1, "mine", null, 0, 2, 0)] // Skipped.
    [InlineData(2, "theirs", null, 2, 0, 0)] // Replaced, the same one too.
    [InlineData(3, "mine", "theirs", 1, 1, 0)] // Kept, both.
    public async Task A_file_that_differs_is_treated_as_the_person_wants(
        int conflict, string there, string? beside, int restored, int alreadyThere, int failed)
    {
        _fixture.Tree.File("a.txt", "theirs");
        _fixture.Tree.File("same.txt", "unchanged");
        var outcome = await _fixture.BackUpAsync();
        await _fixture.RestoreAsync(outcome.Root);
        await File.WriteAllTextAsync(_fixture.Restored("a.txt"), "mine");
        var options = new RestoreOptions
        {
            Paths = [],
            Conflict = (RestoreConflict)conflict,
            RenamedAs = " (2026-03-03 14h05)",
        };

        var progress = await _fixture.RestoreAsync(outcome.Root, options);

        var second = _fixture.Restored("a (2026-03-03 14h05).txt");
        Assert.Equal(there, await File.ReadAllTextAsync(_fixture.Restored("a.txt")));
        Assert.Equal(beside, File.Exists(second) ? await File.ReadAllTextAsync(second) : null);
        Assert.Equal((restored, alreadyThere, failed), (progress.Files, progress.AlreadyThere, progress.Failed));
    }

    [Fact]
    public async Task A_link_or_pipe_that_exists_is_already_there_only_if_it_is_the_same()
    {
        File.CreateSymbolicLink(Path.Combine(_fixture.Tree.Root, "link"), "target");
        _fixture.Tree.Node("pipe", ModeOfPipe);
        _fixture.Tree.File("x");
        _fixture.Tree.HardLink("x", "y");
        var outcome = await _fixture.BackUpAsync();
        await _fixture.RestoreAsync(outcome.Root);

        var same = await _fixture.RestoreAsync(outcome.Root);
        Assert.Equal((4, 0), (same.AlreadyThere, same.Failed));
        foreach (var name in (string[])["link", "pipe", "y"]) File.Delete(_fixture.Restored(name));
        File.CreateSymbolicLink(_fixture.Restored("link"), "elsewhere");
        foreach (var name in (string[])["pipe", "y"]) await File.WriteAllTextAsync(_fixture.Restored(name), "mine");
        var others = await _fixture.RestoreAsync(outcome.Root);

        Assert.Equal((1, 3), (others.AlreadyThere, others.Failed));
        Assert.Equal(3, _fixture.Problems.Count);
        Assert.All(_fixture.Problems, text => Assert.Contains("It exists", text, StringComparison.Ordinal));
        Assert.Equal("elsewhere", new FileInfo(_fixture.Restored("link")).LinkTarget);
    }

    [Fact]
    public async Task What_is_there_already_needs_no_room()
    {
        foreach (var name in (string[])["a", "b"]) _fixture.Tree.File(name, new string(name[0], 100_000));
        var outcome = await _fixture.BackUpAsync();
        await _fixture.RestoreAsync(outcome.Root);
        File.Delete(_fixture.Restored("b"));

        var failure = await Assert.ThrowsAsync<VaultException>(() => RestoreAsync(outcome, free: 99_999));
        Assert.Equal(ErrorCode.TargetTooSmall, failure.Code);
        Assert.Contains("needs 100,000 bytes", failure.Message, StringComparison.Ordinal);
        var progress = await RestoreAsync(outcome, free: 100_000);

        Assert.Equal((1, 1), (progress.Files, progress.AlreadyThere));
        await Assert.ThrowsAsync<VaultException>(() => RestoreAsync(outcome, free: 100_000, overwrites: true));
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(0)]
    public async Task A_disk_that_is_full_ends_the_restore_and_the_next_one_goes_on(int bytes)
    {
        for (var i = 10; i < 30; i++) _fixture.Tree.File($"{i}", new string((char)('a' + i), bytes));
        var outcome = await _fixture.BackUpAsync();

        var failure = await Assert.ThrowsAnyAsync<VaultException>(() => RestoreAsync(outcome, room: 5));
        Assert.Equal(ErrorCode.TargetTooSmall, failure.Code);
        Assert.Empty(_fixture.Problems);
        var whole = Directory.GetFileSystemEntries(_fixture.Restored(""));
        Assert.All(whole, path => Assert.Equal(bytes, new FileInfo(path).Length));
        var progress = await _fixture.RestoreAsync(outcome.Root);

        Assert.Equal((20 - whole.Length, whole.Length), (progress.Files, progress.AlreadyThere));
    }

    private Task<RestoreProgress> RestoreAsync(
        BackupOutcome outcome, long free = long.MaxValue, int room = int.MaxValue, bool overwrites = false) =>
        _fixture.RestoreAsync(
            outcome.Root, new RestoreOptions { Paths = [], Conflict = overwrites ? RestoreConflict.Replace : default },
            target => new SmallTarget(target, free, room));

    private const uint ModeOfPipe = 0x11A4; // S_IFIFO and 0644.

    private ulong InodeOf(string name)
    {
        using var source = new Agent.Platform.Linux.LinuxSource(problem => Assert.Fail(problem.Text));
        return source.Stat(EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(_fixture.Restored(name)))).Status
            .Inode;
    }
}

using System.Runtime.Versioning;
using System.Text;
using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Agent.Tests.Platform;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Exclusions;

[SupportedOSPlatform("linux")]
public sealed class ExclusionTests
{
    private static readonly ExclusionRules s_linux =
        ExclusionRules.Create(DefaultExclusions.Linux, [], isWindows: false);
    private static readonly ExclusionRules s_windows =
        ExclusionRules.Create(DefaultExclusions.Windows, ["C:\\Logs\\*", "!D:\\keep\\A.TMP"], isWindows: true);

    [Theory]
    [InlineData("proc", true, "/proc")]
    [InlineData("home/marie/.cache", true, ".cache/")]
    [InlineData("home/marie/.local/share/Trash", true, ".local/share/Trash/")]
    [InlineData("home/marie/~$budget.docx", false, "~$*")]
    [InlineData("srv/.~lock.budget.ods#", false, ".~lock.*#")]
    [InlineData("srv/Thumbs.db", false, "[Tt]humbs.db")]
    [InlineData("swapfile", false, "/swapfile")]
    [InlineData("data/lost+found", true, "lost+found/")]
    [InlineData("srv/proc", true, null)]
    [InlineData("srv/tmp", true, null)]
    [InlineData("srv/.cache", false, null)]
    [InlineData("var/cachet", true, null)]
    public void Defaults_of_Linux_leave_out_what_nobody_wants(string path, bool isDirectory, string? rule)
    {
        var verdict = s_linux.Top.Decide(Path(path), isDirectory);

        Assert.Equal(new ExclusionVerdict(rule is not null, rule, rule is null ? null : "default"), verdict);
    }

    [Theory]
    [InlineData("C:/pagefile.sys", false, true)]
    [InlineData("D:/$Recycle.Bin", true, true)]
    [InlineData("C:/Users/Zoé/AppData/Local/Temp", true, true)]
    [InlineData("C:/WINDOWS/temp", true, true)]
    [InlineData("C:/logs/ÉTÉ.txt", false, true)]
    [InlineData("D:/keep/a.tmp", false, false)]
    [InlineData("D:/other/a.tmp", false, true)]
    [InlineData("D:/Users/pagefile.sys", false, false)]
    public void Defaults_of_Windows_do_not_see_case(string path, bool isDirectory, bool isExcluded) =>
        Assert.Equal(isExcluded, s_windows.Top.Decide(Path(path), isDirectory).Excluded);

    [Fact]
    public void The_last_option_that_fits_wins_and_beats_the_defaults()
    {
        var rules = ExclusionRules.Create(["*.tmp"], ["*.iso", "!keep*", "keep-not*"], isWindows: false);

        Assert.Equal(new ExclusionVerdict(true, "*.iso", "option"), Decide(rules, "a.iso"));
        Assert.Equal(new ExclusionVerdict(false, "!keep*", "option"), Decide(rules, "keep.iso"));
        Assert.Equal(new ExclusionVerdict(false, "!keep*", "option"), Decide(rules, "keep.tmp"));
        Assert.Equal(new ExclusionVerdict(true, "keep-not*", "option"), Decide(rules, "keep-not.txt"));
        Assert.Equal(new ExclusionVerdict(true, "*.tmp", "default"), Decide(rules, "a.tmp"));
    }

    [Fact]
    public void A_literal_name_and_a_wildcard_keep_their_order()
    {
        Assert.True(Decide(ExclusionRules.Create([], ["!*.txt", "a.txt"], false), "a.txt").Excluded);
        Assert.False(Decide(ExclusionRules.Create([], ["a.txt", "!*.txt"], false), "a.txt").Excluded);
        Assert.False(Decide(ExclusionRules.Create([], ["a.txt", "!/srv/a.txt"], false), "srv/a.txt").Excluded);
        Assert.True(Decide(ExclusionRules.Create([], ["!/srv/a.txt", "a.txt"], false), "srv/a.txt").Excluded);
    }

    [Fact]
    public void An_option_that_can_fit_nothing_is_refused()
    {
        var failure = Assert.Throws<VaultException>(() => ExclusionRules.Create([], ["../x"], isWindows: false));

        Assert.Equal(ErrorCode.UsageInvalid, failure.Code);
    }

    [Fact]
    public void Lines_of_an_ignore_file_are_read_as_git_reads_them()
    {
        var scope = s_linux.Top.Enter(Path("srv"),
            "\uFEFF# comment\r\n\r\n*.log  \r\n!/top.log\nsub/dir\n\\#odd\nkeep\\ \n../x\n"u8, isCache: false);

        Assert.Equal(new ExclusionVerdict(true, "*.log", "/srv/.beffroiignore:3"),
            scope.Decide(Path("srv/a/b.log"), false));
        Assert.Equal(new ExclusionVerdict(false, "!/top.log", "/srv/.beffroiignore:4"),
            scope.Decide(Path("srv/top.log"), false));
        Assert.True(scope.Decide(Path("srv/a/top.log"), false).Excluded);
        Assert.True(scope.Decide(Path("srv/sub/dir"), true).Excluded);
        Assert.False(scope.Decide(Path("srv/a/sub/dir"), true).Excluded);
        Assert.True(scope.Decide(Path("srv/#odd"), false).Excluded);
        Assert.True(scope.Decide(Path("srv/keep "), false).Excluded);
        Assert.False(scope.Decide(Path("srv/keep"), false).Excluded);
    }

    [Fact]
    public void The_nearer_file_wins()
    {
        var outer = s_linux.Top.Enter(Path("srv"), "*.log\n"u8, isCache: false);
        var inner = outer.Enter(Path("srv/a"), "!b.log\n"u8, isCache: false);

        Assert.False(inner.Decide(Path("srv/a/b.log"), false).Excluded);
        Assert.True(inner.Decide(Path("srv/a/c.log"), false).Excluded);
        Assert.True(outer.Decide(Path("srv/b.log"), false).Excluded);
    }

    [Fact]
    public void A_cache_keeps_its_tag_and_nothing_else_but_what_an_option_calls_back()
    {
        var rules = ExclusionRules.Create([], ["!kept"], isWindows: false);
        var cache = rules.Top.Enter(Path("c"), "*.x\n"u8, isCache: true);
        var kept = cache.Enter(Path("c/kept"), [], isCache: false);

        Assert.False(cache.Decide(Path("c/CACHEDIR.TAG"), false).Excluded);
        Assert.Equal(new ExclusionVerdict(true, "CACHEDIR.TAG", "CACHEDIR.TAG"), cache.Decide(Path("c/data"), false));
        Assert.False(cache.Decide(Path("c/kept"), true).Excluded);
        Assert.False(kept.Decide(Path("c/kept/data"), false).Excluded);
        Assert.True(kept.Decide(Path("c/kept/data.x"), false).Excluded);
    }

    [Fact]
    public void A_question_about_a_path_is_answered_as_a_run_would_decide()
    {
        using var tree = new TemporaryTree();
        tree.File(".beffroiignore", "old/\n!old/keep\n");
        tree.File("old/keep");
        tree.File("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# made by a test");
        tree.File("cache/data");
        tree.File("fake/CACHEDIR.TAG", "Signature: none");
        tree.File("fake/data");
        List<SourceProblem> problems = [];
        using var source = new LinuxSource(problems.Add);
        ExclusionExplanation Why(string name) => ExclusionExplanation.Of(
            source, s_linux, tree.RootPath, Path(tree.Root + "/" + name), problems.Add);

        Assert.Equal(new ExclusionExplanation(Path(tree.Root + "/old"),
            new ExclusionVerdict(true, "old/", tree.Root + "/.beffroiignore:1")), Why("old/keep"));
        Assert.Equal("CACHEDIR.TAG", Why("cache/data").Verdict.Source);
        Assert.False(Why("fake/data").Verdict.Excluded);
        Assert.False(Why("").Verdict.Excluded); // Although it lies in /tmp, which is a default.
        Assert.Empty(problems);
    }

    private static EntryPath Path(string path) => EntryPath.FromSlashes(Encoding.UTF8.GetBytes(path));

    private static ExclusionVerdict Decide(ExclusionRules rules, string path) => rules.Top.Decide(Path(path), false);
}

using System.Text;
using Beffroi.Agent.Exclusions;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Exclusions;

public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("*.iso", "srv/a.iso", true)]
    [InlineData("*.iso", "srv/a.iso.txt", false)]
    [InlineData("*.iso", ".iso", true)]
    [InlineData("a*b*c", "xxabbc", false)]
    [InlineData("a*b*c", "x/aXbYbZc", true)]
    [InlineData("a*b*c", "x/aXbYbZ", false)]
    [InlineData("?", "é", true)]
    [InlineData("?", "éé", false)]
    [InlineData("??", "a/é1", true)]
    [InlineData("/srv/x", "srv/x", true)]
    [InlineData("/srv/x", "home/srv/x", false)]
    [InlineData("/srv/x/**", "srv/x", false)]
    [InlineData("/srv/x/**", "srv/x/a", true)]
    [InlineData("/srv/x/**", "srv/x/a/b", true)]
    [InlineData("srv/x", "home/srv/x", true)]
    [InlineData("srv/x", "home/srv/y/x", false)]
    [InlineData("**/x", "x", true)]
    [InlineData("**/x", "a/b/x", true)]
    [InlineData("/a/**/z", "a/z", true)]
    [InlineData("/a/**/z", "a/b/c/z", true)]
    [InlineData("/a/**/z", "a/b/c/z/d", false)]
    [InlineData("/a/**/m/**/z", "a/m/b/m/c/z", true)]
    [InlineData("/a/**/m/*/z", "a/m/m/b/z", true)]
    [InlineData("/a/**/m/*/z", "a/m/m/b/c", false)]
    [InlineData("/a/*/z", "a/b/c/z", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[a-c]x", "dx", false)]
    [InlineData("[!a-c]x", "dx", true)]
    [InlineData("[^a-c]x", "bx", false)]
    [InlineData("[à-é]", "ç", true)]
    [InlineData("[]]", "]", true)]
    [InlineData("[ab-]", "-", true)]
    [InlineData("a[b", "a[b", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "a", false)]
    [InlineData("\\[a]", "[a]", true)]
    [InlineData("./a", "a", true)]
    [InlineData("//a//b", "a/b", true)]
    public void A_pattern_fits_as_gitignore_has_it(string pattern, string path, bool fits)
    {
        var parsed = GlobPattern.Parse(Encoding.UTF8.GetBytes(pattern), default, isAnchoredByAnySlash: false);

        Assert.Equal(fits, parsed!.Fits(EntryPath.FromSlashes(Encoding.UTF8.GetBytes(path)), isDirectory: false));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a/../b")]
    [InlineData("a\0b")]
    public void What_can_fit_nothing_is_no_pattern(string text) =>
        Assert.Null(GlobPattern.Parse(Encoding.UTF8.GetBytes(text), default, isAnchoredByAnySlash: false));

    [Fact]
    public void A_closing_slash_asks_for_a_directory()
    {
        var pattern = GlobPattern.Parse("cache/"u8, default, isAnchoredByAnySlash: true)!;
        var path = EntryPath.FromSlashes("srv/cache"u8);

        Assert.True(pattern.Fits(path, isDirectory: true));
        Assert.False(pattern.Fits(path, isDirectory: false));
    }

    [Fact]
    public void In_a_file_any_slash_anchors_to_its_directory()
    {
        var anchor = EntryPath.FromSlashes("srv"u8);
        var pattern = GlobPattern.Parse("a/b"u8, anchor, isAnchoredByAnySlash: true)!;

        Assert.True(pattern.Fits(EntryPath.FromSlashes("srv/a/b"u8), isDirectory: false));
        Assert.False(pattern.Fits(EntryPath.FromSlashes("srv/x/a/b"u8), isDirectory: false));
        Assert.False(pattern.Fits(EntryPath.FromSlashes("a/b"u8), isDirectory: false));
        Assert.False(GlobPattern.Parse("srv"u8, anchor, true)!.Fits(anchor, isDirectory: true));
    }

    [Fact]
    public void A_byte_that_is_no_text_is_one_character()
    {
        var path = new EntryPath(new byte[] { (byte)'a', 0xFF, 0xE9, (byte)'b' });

        Assert.True(GlobPattern.Parse("a??b"u8, default, false)!.Fits(path, isDirectory: false));
        Assert.True(GlobPattern.Parse([(byte)'a', 0xFF, (byte)'*'], default, false)!.Fits(path, isDirectory: false));
        Assert.False(GlobPattern.Parse("aÿéb"u8, default, false)!.Fits(path, isDirectory: false));
    }

    [Fact]
    public void Matching_agrees_with_trying_every_way()
    {
        var random = new Random(7);
        string Text(string alphabet) => random.GetString(alphabet, random.Next(1, 8));
        for (var round = 0; round < 20_000; round++)
        {
            var pattern = Text("ab*?");
            if (pattern == "**") continue;
            var name = Text("ab");

            var fits = GlobPattern.Parse(Encoding.UTF8.GetBytes(pattern), default, false)!
                .Fits(new EntryPath(Encoding.UTF8.GetBytes(name)), isDirectory: false);

            Assert.True(EveryWay(pattern, name) == fits, $"{pattern} on {name}");
        }
    }

    private static bool EveryWay(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.IsEmpty) return name.IsEmpty;
        if (pattern[0] == '*') return EveryWay(pattern[1..], name) || (!name.IsEmpty && EveryWay(pattern, name[1..]));
        return !name.IsEmpty && (pattern[0] == '?' || pattern[0] == name[0]) && EveryWay(pattern[1..], name[1..]);
    }
}

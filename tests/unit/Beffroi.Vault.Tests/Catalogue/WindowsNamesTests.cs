using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Vault.Tests.Catalogue;

public sealed class WindowsNamesTests
{
    [Theory]
    [InlineData("a.txt", "a.txt")]
    [InlineData("Zoé 😀.odt", "Zoé 😀.odt")]
    [InlineData("100%", "100%")]
    [InlineData("100%25", "100%25")]
    [InlineData("a:b", "a%3Ab")]
    [InlineData("a%3Ab", "a%253Ab")]
    [InlineData("a%253Ab", "a%25253Ab")]
    [InlineData("50%: a", "50%25%3A a")]
    [InlineData("what?", "what%3F")]
    [InlineData("back\\slash", "back%5Cslash")]
    [InlineData("line\nbreak", "line%0Abreak")]
    [InlineData("dot.", "dot%2E")]
    [InlineData("dots..", "dots.%2E")]
    [InlineData("space ", "space%20")]
    [InlineData("CON", "%43ON")]
    [InlineData("con.txt", "%63on.txt")]
    [InlineData("nul .a.b", "%6Eul .a.b")]
    [InlineData("COM1", "%43OM1")]
    [InlineData("LPT³", "%4CPT³")]
    [InlineData("CONSOLE", "CONSOLE")]
    [InlineData("COM10", "COM10")]
    [InlineData("aCON", "aCON")]
    public void A_name_has_one_form_on_Windows_that_can_be_undone(string name, string onWindows)
    {
        var bytes = Encoding.UTF8.GetBytes(name);

        Assert.Equal(onWindows, WindowsNames.ToWindows(bytes));
        Assert.Equal(bytes, WindowsNames.ToBytes(onWindows));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_kept()
    {
        byte[] name = [(byte)'a', 0xFF, 0xC3];

        Assert.Equal("a%FF%C3", WindowsNames.ToWindows(name));
        Assert.Equal(name, WindowsNames.ToBytes("a%FF%C3"));
    }

    [Fact]
    public void Lone_surrogates_are_kept()
    {
        string[] names = ["\uD800", "a\uDC00b", "\uDC00\uD800", "\uD83D\uDE00\uDE00", "\uD800\uD83D\uDE00"];
        foreach (var name in names)
            Assert.Equal(name, WindowsNames.ToWindows(WindowsNames.ToBytes(name)));
        Assert.Equal([0xED, 0xA0, 0x80], WindowsNames.ToBytes("\uD800"));
        Assert.Null(WindowsNames.DecodeWtf8([0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80])); // A pair in six bytes is no WTF-8.
    }

    [Fact]
    public void Any_bytes_come_back_and_their_name_is_allowed_and_no_two_meet()
    {
        var random = new Random(11);
        byte[] alphabet = [.. "%%%%35AEab.: C"u8, 0x01, 0xC3, 0xA9, 0xED, 0xA0, 0xB8, 0x80, 0xFF, (byte)'O', (byte)'N'];
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var round = 0; round < 100_000; round++)
        {
            var name = new byte[random.Next(1, 10)];
            for (var i = 0; i < name.Length; i++) name[i] = alphabet[random.Next(alphabet.Length)];

            var onWindows = WindowsNames.ToWindows(name);

            Assert.True(WindowsNames.IsAllowed(onWindows), onWindows);
            Assert.Equal(name, WindowsNames.ToBytes(onWindows));
            Assert.Equal(Convert.ToHexString(name), seen.GetValueOrDefault(onWindows, Convert.ToHexString(name)));
            seen[onWindows] = Convert.ToHexString(name);
        }
    }

    [Fact]
    public void Any_allowed_name_of_Windows_comes_back()
    {
        var random = new Random(12);
        const string Alphabet = "%%%35AEab.C é\uD83D\uDE00\uF03A";
        for (var round = 0; round < 100_000; round++)
        {
            var name = random.GetString(Alphabet, random.Next(1, 10));
            if (!WindowsNames.IsAllowed(name)) continue;

            Assert.Equal(name, WindowsNames.ToWindows(WindowsNames.ToBytes(name)));
        }
    }
}

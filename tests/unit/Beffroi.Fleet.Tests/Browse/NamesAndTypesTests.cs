using System.Text;
using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Browse.Archives;
using Beffroi.Fleet.Browse.Files;
using Beffroi.Testing;

namespace Beffroi.Fleet.Tests.Browse;

/// <summary>What a person reads, types and gets: names, search words, types, headers.</summary>
public sealed class NamesAndTypesTests
{
    [Theory]
    [InlineData("Délibération", "deliberation")]
    [InlineData("CŒUR", "coeur")]
    [InlineData("Œuvre Ægis straße", "oeuvre aegis strasse")]
    [InlineData("e\u0301te\u0301", "ete")]
    [InlineData("ÀÂÄÉÈÊËÎÏÔÖÙÛÜÇŸ", "aaaeeeeiioouuucy")]
    [InlineData("Łódź Ğ", "lodz g")]
    [InlineData("Δήμος ДЕЛО 文書", "δήμος дело 文書")]
    [InlineData("l’eau", "l'eau")]
    [InlineData("×÷", "×÷")]
    public void A_name_folds_to_what_people_type(string name, string folded) =>
        Assert.Equal(folded, NameFolding.Fold(name));

    [Fact]
    public void Any_bytes_fold_and_show_without_fail()
    {
        var random = Seed.ForThisTest();
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            NameFolding.Fold(bytes);
            var shown = EntryName.Show(bytes, out var isExact);
            Assert.DoesNotContain(shown, char.IsControl);
            if (isExact) Assert.Equal(bytes, Encoding.UTF8.GetBytes(shown));
            ContentSniffer.Decode(bytes, isCut: random.Next(2) == 0);
            Assert.Matches("""^attachment; filename="[ -~]*"; filename\*=UTF-8''[ -~]*$""",
                DownloadHeaders.Saved(shown).ContentDisposition);
        }
    }

    [Theory]
    [InlineData("top", true)]
    [InlineData("0", true)]
    [InlineData("123456789012", true)]
    [InlineData("-1", false)]
    [InlineData("", false)]
    [InlineData("99999999999999999999", false)]
    [InlineData("../etc", false)]
    public void An_entrys_id_is_a_number_or_the_top(string text, bool isId)
    {
        Assert.Equal(isId, EntryId.TryParse(text, out var id));
        if (isId) Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("Acte « n° 4 ».pdf",
        "attachment; filename=\"Acte _ n_ 4 _.pdf\"; filename*=UTF-8''Acte%20%C2%AB%20n%C2%B0%204%20%C2%BB.pdf")]
    [InlineData("a\"; filename=b\r\nX: y",
        "attachment; filename=\"a__ filename_b__X_ y\"; filename*=UTF-8''a%22%3B%20filename%3Db%0D%0AX%3A%20y")]
    public void A_name_cannot_leave_its_header(string name, string header) =>
        Assert.Equal(header, DownloadHeaders.Saved(name).ContentDisposition);

    [Theory]
    [InlineData("", "00000000")]
    [InlineData("123456789", "CBF43926")]
    [InlineData("The quick brown fox jumps over the lazy dog", "414FA339")]
    public void The_checksum_is_that_of_zip(string text, string expected)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(expected, Crc32.Append(0, bytes).ToString("X8", null));
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var start = Crc32.Append(0, bytes.AsSpan(0, cut));
            Assert.Equal(expected, Crc32.Append(start, bytes.AsSpan(cut)).ToString("X8", null));
        }
    }
}

using System.Text.Json;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Recovery;
using Beffroi.Vault.Tests.Crypto;

namespace Beffroi.Vault.Tests.Recovery;

public sealed class RecoveryKitTests
{
    private static readonly VaultId Vault = new(Guid.Parse("6f1c2f0e-6b1d-4c7a-9f37-0a1b2c3d4e5f"));

    [Fact]
    public void The_golden_kits_are_written_and_read()
    {
        foreach (var vector in VectorFile.Read("keys/kit.json").List("kits"))
        {
            using var kit = KitOf(vector);
            Assert.Equal(vector.Text("text"), kit.ToText());
            Assert.Equal(vector.Text("qr"), kit.ToQrText());
            Assert.Equal(vector.Text("keyId"), kit.Key.PublicKey.KeyId.ToString());

            using var read = RecoveryKit.Parse(vector.Text("text")!);
            Assert.Equal((kit.Vault, kit.MemberName, kit.Created), (read.Vault, read.MemberName, read.Created));
            Assert.Equal(kit.ServerKey, read.ServerKey);
            foreach (var alone in (string[])["text", "words", "qr"])
            {
                using var other = RecoveryKit.Parse(vector.Text(alone)!);
                Assert.Equal(vector.Hex("scalar"), other.Key.Export());
            }
        }
    }

    [Fact]
    public void The_golden_refusals_are_refused()
    {
        foreach (var vector in VectorFile.Read("keys/kit.json").List("refused"))
            Assert.NotEmpty(Refusal(vector.Text("text")!));
    }

    [Theory]
    [InlineData("server-key: 60a3b5f7")]
    [InlineData("server-key: not hexadecimal digits at all!!")]
    [InlineData("server-key:")]
    public void A_server_key_that_is_none_is_refused(string line) =>
        Assert.Contains("server-key", Refusal($"{line}\n{Words()}"), StringComparison.Ordinal);

    [Fact]
    public void Words_alone_are_a_kit_without_a_vault()
    {
        using var kit = RecoveryKit.Parse(Words());
        Assert.Null(kit.Vault);
        Assert.Null(kit.MemberName);
        Assert.Null(kit.Created);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("\r\n\r\n")]
    [InlineData(", ")]
    [InlineData(" – ")] // En dash of a word processor.
    [InlineData("\u00a0\u200b")] // No-break and zero-width space of a mail program.
    [InlineData("-\u00ad")]
    [InlineData("-   # copied from the paper\n")]
    public void However_the_words_are_parted_they_are_read(string separator)
    {
        using var kit = RecoveryKit.Parse(Words().Replace("-", separator, StringComparison.Ordinal).ToUpperInvariant());
        Assert.Equal(Golden().Hex("scalar"), kit.Key.Export());
    }

    [Fact]
    public void A_file_saved_by_a_windows_editor_with_remarks_and_in_capitals_is_read()
    {
        var text = Golden().Text("text")!
            .Replace("vault:", "\n   # In the safe of the town hall.\n\tVAULT :", StringComparison.Ordinal)
            .Replace("created:", "Note: another field\ncreated:", StringComparison.Ordinal)
            .Replace("  kivud", "\n  # second line\n  KIVUD", StringComparison.Ordinal)
            .Replace("key-id: b18b", "Key-Id: B18B", StringComparison.Ordinal)
            .Replace("\n", "\r\n", StringComparison.Ordinal);

        using var kit = RecoveryKit.Parse("\ufeff" + text);

        Assert.Equal(Golden().Hex("scalar"), kit.Key.Export());
        Assert.Equal(Vault, kit.Vault);
        Assert.Equal("Commune de Saint-Aubin-sur-Mer", kit.MemberName);
        Assert.Equal(new DateOnly(2026, 11, 5), kit.Created);
    }

    [Fact]
    public void A_wrong_word_is_named_with_its_position()
    {
        var words = Words().Split('-');
        words[6] = "kivuc";
        Assert.Contains("Word 7, 'kivuc',", Refusal(string.Join('-', words)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_that_could_be_one_but_is_another_breaks_the_check()
    {
        for (var position = 0; position < 18; position++)
        {
            var words = Words().Split('-');
            words[position] = words[position] == "babab" ? "babad" : "babab";
            Assert.Contains("do not match", Refusal(string.Join(' ', words)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Two_words_that_changed_places_break_the_check()
    {
        for (var position = 0; position < 17; position++)
        {
            var words = Words().Split('-');
            (words[position], words[position + 1]) = (words[position + 1], words[position]);
            Assert.Contains("do not match", Refusal(string.Join(' ', words)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Missing_or_extra_words_are_counted()
    {
        var words = Words().Split('-');
        for (var count = 1; count < 18; count++)
        {
            var refusal = Refusal(string.Join('-', words[..count]));
            Assert.Contains($"holds {count} of the 18 words", refusal, StringComparison.Ordinal);
            Assert.Contains($"'{words[count - 1]}'", refusal, StringComparison.Ordinal);
        }
        Assert.Contains("none of the 18", Refusal("# nothing but a remark"), StringComparison.Ordinal);
        Assert.Contains("none of the 18", Refusal(""), StringComparison.Ordinal);
        Assert.Contains("holds 36 words", Refusal(Words() + "\n" + Words()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var text = Golden().Text("text")!;
        for (var length = 0; length < text.Length - 1; length++) Assert.NotEmpty(Refusal(text[..length]));
    }

    [Theory]
    [InlineData("BEFFROI RECOVERY KIT 1", "BEFFROI RECOVERY KIT 2", "version '2'")]
    [InlineData("vault: 6f1c", "vault: 6f1", "'vault:'")]
    [InlineData("created: 2026-11-05", "created: 5/11/2026", "'created:'")]
    [InlineData("created: 2026-11-05", "created: 2026-11-05\ncreated: 2026-11-06", "there twice")]
    [InlineData("key-id: b18b", "key-id: b18c", "two kits were mixed")]
    public void A_wrong_line_is_named(string line, string wrongLine, string reason)
    {
        var text = Golden().Text("text")!.Replace(line, wrongLine, StringComparison.Ordinal);
        Assert.Contains(reason, Refusal(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_file_is_refused_before_it_is_read()
    {
        Assert.Contains("another file", Refusal(new string(' ', 16 * 1024 + 1)), StringComparison.Ordinal);
        Assert.Contains("Word 1, '%PDF'", Refusal("%PDF-1.7\n%âãÏÓ"), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_nothing_else_happens()
    {
        var random = new Random(20261105);
        var text = Golden().Text("text")!;
        for (var round = 0; round < 2000; round++)
        {
            var letters = text.ToCharArray();
            for (var change = random.Next(1, 4); change > 0; change--)
                letters[random.Next(letters.Length)] = (char)random.Next(0, random.Next(2) == 0 ? 128 : 0x10000);
            DemandSameKeyOrRefusal(new string(letters));
        }
    }

    [Fact]
    public void A_members_name_cannot_add_lines()
    {
        using var kit = new RecoveryKit(Vault, "Ville\nvault: x\r\u2028words: babab", null, HpkePrivateKey.Generate());
        using var read = RecoveryKit.Parse(kit.ToText());
        Assert.Equal("Ville vault: x  words: babab", read.MemberName);
        Assert.Equal(kit.Key.PublicKey, read.Key.PublicKey);
    }

    [Fact]
    public void New_kits_come_back_from_text_and_from_the_code_on_paper()
    {
        for (var round = 0; round < 50; round++)
        {
            var created = new DateOnly(2026, 1, 1).AddDays(round);
            using var kit = new RecoveryKit(VaultId.New(), $"Member {round}", created, HpkePrivateKey.Generate());
            using var fromText = RecoveryKit.Parse(kit.ToText());
            using var fromCode = RecoveryKit.Parse(kit.ToQrText());

            Assert.Equal(kit.Vault, fromText.Vault);
            Assert.Equal((kit.MemberName, created), (fromText.MemberName, fromText.Created));
            Assert.Equal(kit.Key.Export(), fromText.Key.Export());
            Assert.Equal(kit.Key.Export(), fromCode.Key.Export());
        }
    }

    [Fact]
    public void The_code_on_paper_needs_only_the_alphanumeric_letters_of_a_qr_code()
    {
        using var kit = new RecoveryKit(null, null, null, HpkePrivateKey.Generate());
        var text = kit.ToQrText();
        Assert.Equal(116, text.Length);
        Assert.All(text, letter => Assert.Contains(letter, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"));
    }

    [Fact]
    public void A_kit_does_not_print_its_words()
    {
        using var kit = RecoveryKit.Parse(Golden().Text("text")!);
        Assert.DoesNotContain("sokoz", kit.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("c9afa9", kit.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static JsonElement Golden() => VectorFile.Read("keys/kit.json").List("kits")[0];

    private static string Words() => Golden().Text("words")!;

    private static RecoveryKit KitOf(JsonElement vector) => new(
        vector.Text("vault") is { } vault ? new VaultId(Guid.Parse(vault)) : null,
        vector.Text("member"),
        vector.Text("created") is { } created ? DateOnly.ParseExact(created, "yyyy-MM-dd") : null,
        HpkePrivateKey.Import(vector.Hex("scalar")),
        vector.Text("serverKey") is { } serverKey ? KeyId.Parse(serverKey) : null);

    private static void DemandSameKeyOrRefusal(string text)
    {
        try
        {
            using var kit = RecoveryKit.Parse(text);
            Assert.Equal(Golden().Hex("scalar"), kit.Key.Export());
        }
        catch (VaultException refusal)
        {
            Assert.Equal(ErrorCode.KitUnreadable, refusal.Code);
        }
    }

    private static string Refusal(string text)
    {
        var refusal = Assert.Throws<VaultException>(() => RecoveryKit.Parse(text).Dispose());
        Assert.Equal(ErrorCode.KitUnreadable, refusal.Code);
        Assert.False(refusal.IsRetryable);
        return refusal.Message;
    }
}

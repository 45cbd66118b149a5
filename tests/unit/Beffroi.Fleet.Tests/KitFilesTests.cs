using Beffroi.Fleet.Kits;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Recovery;

namespace Beffroi.Fleet.Tests;

public sealed class KitFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("beffroi-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_kit_reads_back_and_both_files_are_closed_to_others()
    {
        using var kit = Kit("Mairie de L'Haÿ");
        var files = KitFiles.Write(_folder.FullName, "kit", kit);
        using var read = RecoveryKit.Parse(File.ReadAllText(files.Kit));

        Assert.Equal(kit.Key.PublicKey, read.Key.PublicKey);
        Assert.Equal(kit.Vault, read.Vault);
        foreach (var path in new[] { files.Kit, files.Page })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void The_page_holds_all_words_and_the_code_and_loads_nothing()
    {
        using var kit = Kit("<script>alert(1)</script>");
        var page = File.ReadAllText(KitFiles.Write(_folder.FullName, "kit", kit).Page);
        using var typed = RecoveryKit.Parse(string.Join(' ', page.Split("<li>").Skip(1).Select(item => item[..5])));

        Assert.Equal(kit.Key.PublicKey, typed.Key.PublicKey);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        foreach (var forbidden in new[] { "<script", "src=", "href=", "url(" })
            Assert.DoesNotContain(forbidden, page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_kit_never_covers_another_one()
    {
        using var first = Kit("a");
        using var second = Kit("b");
        KitFiles.Write(_folder.FullName, "kit", first);
        Assert.Throws<IOException>(() => KitFiles.Write(_folder.FullName, "kit", second));
    }

    private static RecoveryKit Kit(string member) =>
        new(VaultId.New(), member, new DateOnly(2026, 3, 1), HpkePrivateKey.Generate());
}

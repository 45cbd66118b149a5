using System.IO.Compression;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>A disk of the server that lost bytes: the page says which file, and gives back the others.</summary>
public sealed class DamagedBackupTests(Site site)
{
    private const string Siret = "21801230000016"; // A vault of its own: damage spreads to all who share a record.
    private const string Email = "yves.lenoir@clairval.example";

    [Fact]
    public async Task A_damaged_file_is_named_and_the_others_come_back()
    {
        await using var hall = await TownHall.OpenAsync(site, Siret);
        await site.AddPersonAsync(Email, "Yves Lenoir", "referent", Siret);
        Damage();
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Email);
        var page = browsing.Page;

        await page.GotoAsync($"{hall.Page}/1");
        await page.GetByRole(AriaRole.Link, new() { Name = "État civil", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "registre.bin", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("Ce fichier est abîmé dans cette version")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Télécharger" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("Le fichier « registre.bin » est abîmé dans cette version");
        await browsing.InspectAsync("restaurer-abime");
        await page.GotoAsync($"{hall.Page}/1");
        await page.GetByRole(AriaRole.Link, new() { Name = "Prendre tout ce dossier" }).ClickAsync();
        using var zip = new ZipArchive(new MemoryStream(await RestoreTests.DownloadAsync(
            page, page.GetByRole(AriaRole.Link, new() { Name = "Télécharger (zip)" }))));

        var readme = zip.Entries.Single(entry => entry.Name == "LISEZMOI.txt");
        using var report = new StreamReader(await readme.OpenAsync());
        Assert.Contains("registre.bin : abîmé", await report.ReadToEndAsync(), StringComparison.Ordinal);
        using var letter = new StreamReader(
            await zip.Entries.Single(entry => entry.Name == "délibération.txt").OpenAsync());
        Assert.Equal(TownHall.Letter, await letter.ReadToEndAsync());
    }

    /// <summary>Spoils the middle of the newest big pack, where the big file lies; its first and last parts hold the
    /// small files and the list.</summary>
    private void Damage()
    {
        const int Spared = 50_000;
        var pack = new DirectoryInfo(Path.Combine(site.Data, "blobs"))
            .EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Length > Samples.Noise.Length / 2)
            .MaxBy(file => file.LastWriteTimeUtc)!; // The backup of just now made one.
        pack.IsReadOnly = false;
        using var stream = pack.Open(FileMode.Open, FileAccess.ReadWrite);
        for (var at = Spared; at < stream.Length - Spared; at += 10_000)
        {
            stream.Position = at;
            stream.WriteByte(0x5A);
        }
    }
}

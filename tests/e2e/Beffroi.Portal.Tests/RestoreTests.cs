using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>Getting files back from a real backup: found, looked at, downloaded, sent to the computer.</summary>
public sealed class RestoreTests(Site site) : IAsyncLifetime
{
    private TownHall? _hall;

    private TownHall Hall => _hall ?? throw new InvalidOperationException("The town hall is not open yet.");

    public async ValueTask InitializeAsync() => _hall = await TownHall.OpenAsync(site);

    public async ValueTask DisposeAsync() => await Hall.DisposeAsync();

    [Fact]
    public async Task A_secretary_finds_a_file_by_its_name_in_four_clicks_and_gets_its_very_bytes()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await page.GotoAsync("/sauvegardes");
        await browsing.InspectAsync("restaurer-0-sauvegardes");

        await page.Locator($"a[href='{Hall.Page}']").ClickAsync();
        await browsing.InspectAsync("restaurer-1-jour");
        await page.GetByRole(AriaRole.Link, new() { NameString = "La plus récente" }).ClickAsync();
        await browsing.InspectAsync("restaurer-2-dossiers");
        await page.GetByLabel("Chercher un nom").FillAsync("DELIBERATION");
        await page.GetByRole(AriaRole.Button, new() { Name = "Chercher" }).ClickAsync();
        await browsing.InspectAsync("restaurer-3-recherche");
        var bytes = await DownloadAsync(page, page.GetByRole(
            AriaRole.Link, new() { Name = "Télécharger délibération.txt" }));

        Assert.Equal(TownHall.Letter, Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task Folders_lead_down_and_up_and_a_file_is_looked_at_before_it_is_taken()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await OpenNewestAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Conseil", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "2026", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "délibération.txt", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("pre.preview")).ToContainTextAsync("Le budget est voté");
        await browsing.InspectAsync("restaurer-4-fichier");
        await page.GetByRole(AriaRole.Link, new() { Name = "Ses autres versions" }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await browsing.InspectAsync("restaurer-5-versions");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Chemin" })
            .GetByRole(AriaRole.Link, new() { Name = "Conseil" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "blason.png", Exact = true }).ClickAsync();
        Assert.Equal(1, await page.Locator("img.preview").EvaluateAsync<int>("image => image.naturalWidth"));
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "plan.pdf", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Lire le document (nouvel onglet)" }))
            .ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex("/apercu$"));
    }

    [Fact]
    public async Task A_long_folder_comes_in_pages_and_a_search_without_result_says_what_to_do()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await OpenNewestAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Archives", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(50);
        Assert.True((await page.ContentAsync()).Length < 100_000);
        await page.GetByRole(AriaRole.Link, new() { Name = "Page suivante" }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(TownHall.ArchivedYears - 50);
        await browsing.InspectAsync("restaurer-suite");
        await page.GetByLabel("Chercher un nom").FillAsync("introuvable");
        await page.PressAsync("#nom", "Enter");
        await Assertions.Expect(page.Locator(".empty-state")).ToContainTextAsync("Aucun nom ne contient");
        await browsing.InspectAsync("restaurer-rien");
    }

    [Fact]
    public async Task Names_and_contents_that_mean_harm_are_shown_and_do_nothing()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        page.Dialog += (_, dialog) => Assert.Fail($"A file's content ran: {dialog.Message}");
        await OpenNewestAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "drôle", Exact = true }).ClickAsync();
        await browsing.InspectAsync("restaurer-noms");

        Assert.Equal(
            ["<script>alert(1)<script>.txt", "caf\\xe9.txt", "deux\\x0alignes.txt"],
            await page.Locator("th a.name").AllTextContentsAsync());
        var odd = await DownloadAsync(page, page.GetByRole(
            AriaRole.Link, new() { Name = "Télécharger caf\\xe9.txt" }));
        Assert.Equal("x"u8, odd);
        await page.GetByRole(AriaRole.Link, new() { Name = "caf\\xe9.txt", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Renvoyer sur le poste" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Un de ces noms ne peut pas être demandé")).ToBeVisibleAsync();

        await OpenNewestAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Conseil", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "piège.txt", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("pre.preview")).ToHaveTextAsync("<script>alert(1)</script>");
    }

    [Fact]
    public async Task A_selection_comes_as_a_zip_that_holds_every_byte()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await OpenNewestAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Continuer avec ce qui est coché" }).ClickAsync();
        await Assertions.Expect(page.Locator(".empty-state")).ToContainTextAsync("Rien n'est coché");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Choisir Conseil" }).CheckAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Choisir État civil" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continuer avec ce qui est coché" }).ClickAsync();
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("5 fichiers");
        await browsing.InspectAsync("restaurer-6-selection");
        using var zip = new ZipArchive(new MemoryStream(await DownloadAsync(
            page, page.GetByRole(AriaRole.Link, new() { Name = "Télécharger (zip)" }))));

        var files = zip.Entries.Where(entry => entry.Name.Length > 0).ToDictionary(entry => entry.FullName);
        Assert.Equal(5, files.Count);
        foreach (var (name, entry) in files)
        {
            using var content = new MemoryStream();
            await using (var stream = await entry.OpenAsync()) await stream.CopyToAsync(content);
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Hall.Files, name)), content.ToArray());
        }
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_and_its_headers_let_nothing_run()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await OpenNewestAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "État civil", Exact = true }).ClickAsync();
        var address = await page.GetByRole(AriaRole.Link, new() { Name = "Télécharger registre.bin" })
            .GetAttributeAsync("href");
        using var client = await ClientOfAsync(browsing);

        using var whole = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = new RangeHeaderValue(1_500_000, null);
        request.Headers.IfRange = new RangeConditionHeaderValue(whole.Headers.ETag!); // Always there, see SendAsync.
        using var rest = await client.SendAsync(request);

        Assert.Equal(Samples.Noise.Length, whole.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.PartialContent, rest.StatusCode);
        Assert.Equal(Samples.Noise[1_500_000..], await rest.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/octet-stream", whole.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", whole.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("nosniff", Assert.Single(whole.Headers.GetValues("X-Content-Type-Options")));
        Assert.Contains(
            "sandbox", Assert.Single(whole.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True(whole.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task A_file_that_is_sent_back_arrives_while_the_page_looks_on()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await OpenNewestAsync(page);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Choisir Conseil" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continuer avec ce qui est coché" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Renvoyer sur le poste" }).ClickAsync();
        await page.GetByLabel("Dans un autre dossier du poste").CheckAsync();
        await page.GetByLabel("Ce dossier").FillAsync("retour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Renvoyer sur" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("chemin complet");
        await page.GetByLabel("Ce dossier").FillAsync(Hall.Restored);
        await browsing.InspectAsync("restaurer-7-renvoyer");
        await page.GetByRole(AriaRole.Button, new() { Name = "Renvoyer sur" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("C'est demandé");
        await browsing.InspectAsync("restaurer-8-attente");
        using var client = await ClientOfAsync(browsing);
        Assert.Contains( // For browsers without script.
            "<noscript><meta http-equiv=\"refresh\"", await client.GetStringAsync(page.Url), StringComparison.Ordinal);

        Hall.SwitchOn();

        await Assertions.Expect(page.Locator("#avancement .state-good"))
            .ToContainTextAsync("Terminé", new() { Timeout = 60_000 });
        await browsing.InspectAsync("restaurer-9-fait");
        Assert.Equal(
            TownHall.Letter,
            await File.ReadAllTextAsync($"{Hall.Restored}{Hall.Files}/Conseil/2026/délibération.txt"));
    }

    [Fact]
    public async Task The_files_of_a_computer_that_is_lost_arrive_on_another_one()
    {
        await using var spare = await TownHall.OpenAsync(site, name: "Remplaçant");
        await site.AdminAsync("revoke-device", "--device", Hall.Device, "--reason", "volé");
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await OpenNewestAsync(page);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Choisir Conseil" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continuer avec ce qui est coché" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Renvoyer sur un autre poste" }).ClickAsync();
        await page.GetByLabel("Sur quel poste").SelectOptionAsync(spare.Device);
        await page.GetByLabel("Ce dossier").FillAsync(spare.Restored);
        await browsing.InspectAsync("restaurer-autre-poste");
        await page.GetByRole(AriaRole.Button, new() { Name = "Renvoyer sur" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("C'est demandé");

        spare.SwitchOn();

        await Assertions.Expect(page.Locator("#avancement .state-good"))
            .ToContainTextAsync("Terminé", new() { Timeout = 60_000 });
        await Assertions.Expect(page.Locator("#avancement dd").GetByText("Accueil")).ToBeVisibleAsync();
        await browsing.InspectAsync("restaurer-autre-poste-fait");
        Assert.Equal(
            TownHall.Letter,
            await File.ReadAllTextAsync($"{spare.Restored}{Hall.Files}/Conseil/2026/délibération.txt"));
    }

    [Fact]
    public async Task Without_script_and_by_keyboard_alone_a_file_comes_back_too()
    {
        await using var browsing = await Browsing.StartAsync(site, withScript: false);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await page.GotoAsync("/sauvegardes");

        await WalkToAsync(page, page.Locator($"a[href='{Hall.Page}']"));
        await page.Keyboard.PressAsync("Enter");
        await WalkToAsync(page, page.GetByRole(AriaRole.Link, new() { NameString = "La plus récente" }));
        await page.Keyboard.PressAsync("Enter");
        await WalkToAsync(page, page.GetByLabel("Chercher un nom"));
        await page.Keyboard.TypeAsync("délib");
        await page.Keyboard.PressAsync("Enter");
        var link = page.GetByRole(AriaRole.Link, new() { Name = "Télécharger délibération.txt" });
        await WalkToAsync(page, link);
        var download = await page.RunAndWaitForDownloadAsync(() => page.Keyboard.PressAsync("Enter"));

        Assert.Equal(TownHall.Letter, await File.ReadAllTextAsync(await download.PathAsync()));
    }

    [Fact]
    public async Task Another_members_referent_finds_nothing_at_the_same_addresses()
    {
        await using var owner = await Browsing.StartAsync(site);
        await owner.SignInAsync(Site.ReferentEmail);
        await OpenNewestAsync(owner.Page);
        var version = new Uri(owner.Page.Url).AbsolutePath;
        const string Stranger = "lea.petit@beaulieu.example";
        await site.AddPersonAsync(Stranger, "Léa Petit", "referent", Site.BeaulieuSiret);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Stranger);

        await browsing.Page.GotoAsync("/restaurer");
        await Assertions.Expect(browsing.Page.Locator(".empty-state")).ToContainTextAsync("rien à restaurer");
        await browsing.InspectAsync("restaurer-vide");
        foreach (var path in new[]
        {
            Hall.Page, version, $"{version}/recherche?nom=a", $"{version}/selection?e=top", $"{version}/renvoyer?e=top",
            $"{version}/fichier/3", $"{version}/fichier/3/versions", $"{version}/fichier/3/contenu",
            $"{version}/fichier/3/apercu", $"{version}/archive?e=top", $"/postes/{Hall.Device}",
        })
        {
            using var client = await ClientOfAsync(browsing);
            using var answer = await client.GetAsync(path);
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{path}: {answer.StatusCode}");
        }
        using var mine = await ClientOfAsync(owner);
        foreach (var path in new[]
        {
            $"{Hall.Page}/99", $"{version}?dossier=9999", $"{version}?dossier=x", $"{version}/fichier/9999",
            $"{version}/fichier/9999/contenu", $"{version}/archive?e=9999", $"{version}/archive",
        })
        {
            using var answer = await mine.GetAsync(path);
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{path}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task The_page_of_the_computer_says_which_versions_are_kept_and_why()
    {
        await Hall.BackUpAsync();
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);

        await browsing.Page.GotoAsync($"/postes/{Hall.Device}");

        var section = browsing.Page.Locator("#versions");
        await Assertions.Expect(section).ToContainTextAsync("Les règles gardent 2 versions sur 2");
        await Assertions.Expect(section.Locator("tbody tr td[data-label]").First).ToContainTextAsync("la plus récente");
        await Assertions.Expect(section.Locator("tbody tr td[data-label]").Nth(1))
            .ToContainTextAsync("première bonne de l'année");
        await browsing.InspectAsync("poste-versions");
    }

    internal static async Task<byte[]> DownloadAsync(IPage page, ILocator link)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        return await File.ReadAllBytesAsync(await download.PathAsync());
    }

    internal static async Task<HttpClient> ClientOfAsync(Browsing browsing)
    {
        var cookies = await browsing.Page.Context.CookiesAsync();
        var client = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(browsing.Page.Url),
        };
        client.DefaultRequestHeaders.Add(
            "Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));
        return client;
    }

    private async Task OpenNewestAsync(IPage page)
    {
        await page.GotoAsync(Hall.Page);
        await page.GetByRole(AriaRole.Link, new() { NameString = "La plus récente" }).ClickAsync();
    }

    private static async Task WalkToAsync(IPage page, ILocator target)
    {
        const int StepsMax = 60;
        await target.WaitForAsync();
        for (var step = 0; step < StepsMax; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await target.EvaluateAsync<bool>("each => each === document.activeElement")) return;
        }
        Assert.Fail($"{StepsMax} steps of the Tab key do not lead to {target}.");
    }
}

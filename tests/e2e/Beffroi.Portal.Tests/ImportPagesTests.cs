using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>Members by the thousand, from a file: all of it, or nothing.</summary>
public sealed class ImportPagesTests(Site site)
{
    private const string Header = "type,siret,libelle,population,code_insee,epci_libelle,epci_siren,rpnt\n";
    private const int PageBytesMax = 100_000;

    [Fact]
    public async Task A_good_file_is_imported_after_a_look_at_its_report_and_only_once()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        await page.GotoAsync("/collectivites");
        await page.GetByRole(AriaRole.Link, new() { Name = "Importer un fichier" }).ClickAsync();
        await browsing.InspectAsync("import");
        var lines = string.Concat(Enumerable.Range(900, 300).Select(Line));
        await HandInAsync(page, Encoding.UTF8.GetBytes(Header + lines));
        await Assertions.Expect(page.GetByText("Le fichier est bon. Il ajoute 300 collectivités.")).ToBeVisibleAsync();
        await browsing.InspectAsync("import-bon");
        Assert.DoesNotContain("Bourg-900", await RegisterAsync(page), StringComparison.Ordinal); // Not yet.
        var report = page.Url;

        await page.GetByRole(AriaRole.Button, new() { Name = "Importer 300 collectivités" }).ClickAsync();

        await Assertions.Expect(page.GetByText("Le fichier est importé.")).ToBeVisibleAsync();
        Assert.Contains("Bourg-900", await RegisterAsync(page), StringComparison.Ordinal);
        await page.GotoAsync(report);
        await Assertions.Expect(page.Locator(".empty-state")).ToContainTextAsync("Ce fichier n'est plus là");
        await browsing.InspectAsync("import-fait");
        foreach (var path in new[]
        {
            "/collectivites", "/collectivites?tri=epci&page=6", "/collectivites/intercommunalites", "/plateforme",
            "/parametres",
        })
            await IsSmallAsync(page, path);
    }

    [Fact]
    public async Task Ten_thousand_lines_with_errors_are_all_listed_quickly_and_nothing_is_imported()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        var text = new StringBuilder(Header);
        for (var number = 30_000; number < 40_000; number++)
            text.Append(number % 10 == 0 ? "commune,123,Mal,,,,,\n" : Line(number));
        text.Append(Line(30_001)); // Twice.
        await page.GotoAsync("/collectivites/import");
        await HandInAsync(page, Encoding.UTF8.GetBytes(text.ToString()));
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("1001 erreurs : rien n'est importé");
        await Assertions.Expect(page.GetByRole(AriaRole.Row)).ToHaveCountAsync(201);
        await browsing.InspectAsync("import-erreurs");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Importer" })).ToHaveCountAsync(0);

        var watch = Stopwatch.StartNew();
        var answer = await page.APIRequest.GetAsync(page.Url);
        watch.Stop();
        var page200 = (await answer.BodyAsync()).Length;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"report on 10,000 lines in {watch.ElapsedMilliseconds} ms, {page200} bytes"));
        Assert.InRange(page200, 1, PageBytesMax);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
        var href = await page.GetByRole(AriaRole.Link, new() { Name = "Toute la liste" }).GetAttributeAsync("href");
        var lines = (await (await page.APIRequest.GetAsync(href!)).TextAsync())
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1002, lines.Length);
        Assert.StartsWith("2;2;siret;erreur;Ce SIRET est faux", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("10002;2;siret;erreur;Ce SIRET est déjà à la ligne 3.", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("Bourg-30001", await RegisterAsync(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("binary", "Ce fichier n'est pas du texte")]
    [InlineData("mixed", "deux fichiers ont été collés")]
    [InlineData("columns", "Cette colonne manque")]
    [InlineData("known", "Le registre a déjà ce SIRET")]
    public async Task What_cannot_be_imported_is_said_by_line(string kind, string sentence)
    {
        await site.MemberAsync(Site.ArvignySiret);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        byte[] file = kind switch
        {
            "binary" => [0x50, 0x4b, 3, 4, 0, 0, 0, 0, 1, 2, 0, 0, 7],
            "mixed" =>
            [
                .. Encoding.UTF8.GetBytes($"{Header}commune,{MemberPagesTests.Siret(99_902)},Été en été,,,,,\n"),
                .. Encoding.Latin1.GetBytes($"commune,{MemberPagesTests.Siret(99_903)},Été,,,,,\n"),
            ],
            "columns" => Encoding.UTF8.GetBytes("nom;ville\nA;B\n"),
            _ => Encoding.UTF8.GetBytes(Header + $"commune,{Site.ArvignySiret},Arvigny,,,,,\n"),
        };
        await page.GotoAsync("/collectivites/import");
        if (kind == "known") await page.GetByText("Les compter comme des erreurs").ClickAsync();
        await HandInAsync(page, file);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("rien n'est importé");
        await Assertions.Expect(page.Locator("tbody")).ToContainTextAsync(sentence);
        if (kind == "mixed") await Assertions.Expect(page.Locator("tbody th").First).ToHaveTextAsync("3");
    }

    [Fact]
    public async Task A_windows_file_is_read_and_an_empty_one_refused()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        await page.GotoAsync("/collectivites/import");
        var windows = (Header + $"commune,{MemberPagesTests.Siret(99_904)},Évian,,,,,\n").Replace(',', ';');
        await HandInAsync(page, Encoding.Latin1.GetBytes(windows));
        await Assertions.Expect(page.GetByText("Windows-1252")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Il ajoute 1 collectivité.")).ToBeVisibleAsync();

        await page.GotoAsync("/collectivites/import");
        await HandInAsync(page, []);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("qui n'est pas vide");
        var answer = await page.APIRequest.GetAsync(
            "/collectivites/import/11111111-2222-3333-4444-555555555555/erreurs.csv");
        Assert.Equal(404, answer.Status);
    }

    /// <summary>Small and quick with three hundred members; the time is printed, since the machine is shared.</summary>
    private static async Task IsSmallAsync(IPage page, string path)
    {
        await page.APIRequest.GetAsync(path);
        var watch = Stopwatch.StartNew();
        var answer = await page.APIRequest.GetAsync(path);
        watch.Stop();
        var bytes = (await answer.BodyAsync()).Length;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{path}: {bytes} bytes in {watch.ElapsedMilliseconds} ms"));
        Assert.InRange(bytes, 1, PageBytesMax);
    }

    private static string Line(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"commune,{MemberPagesTests.Siret(number)},Bourg-{number},{number},80021,CC de l'Été,200061257,x\n");

    private static async Task HandInAsync(IPage page, byte[] content)
    {
        await page.SetInputFilesAsync(
            "#file", new FilePayload { Name = "communes.csv", MimeType = "text/csv", Buffer = content });
        await page.GetByRole(AriaRole.Button, new() { Name = "Vérifier le fichier" }).ClickAsync();
    }

    private static async Task<string> RegisterAsync(IPage page) =>
        await (await page.APIRequest.GetAsync("/collectivites/export.csv")).TextAsync();
}

using System.Globalization;
using System.Text;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>The register: who is in it, what is known of one, and how somebody joins.</summary>
public sealed class MemberPagesTests(Site site)
{
    private static readonly byte[] Pdf =
        Encoding.ASCII.GetBytes("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n");

    [Fact]
    public async Task The_operator_adds_a_member_finds_it_and_takes_the_register_out()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Collectivités", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Ajouter une collectivité" }).ClickAsync();
        await page.FillAsync("#siret", "21800019900018");
        await page.FillAsync("#name", "Évreux-le-Vieil");
        await page.FillAsync("#postalcode", "8000");
        await page.ClickAsync("main button[type=submit]");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("SIRET");
        await browsing.InspectAsync("collectivite-nouvelle-erreurs");

        await page.FillAsync("#siret", Siret(1));
        await page.SelectOptionAsync("#kind", "Commune");
        await page.FillAsync("#population", "1 812");
        await page.FillAsync("#communecode", "80021");
        await page.FillAsync("#epciname", "CC du Nord");
        await page.FillAsync("#epcisiren", "200061257");
        await page.FillAsync("#postalcode", "80000");
        await page.ClickAsync("main button[type=submit]");
        await Assertions.Expect(page.GetByText("La collectivité est ajoutée.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Évreux-le-Vieil");
        await browsing.InspectAsync("collectivite-neuve");

        await page.GotoAsync("/collectivites");
        await page.FillAsync("#search", "evreux");
        await page.GetByRole(AriaRole.Button, new() { Name = "Filtrer" }).ClickAsync();
        Assert.Contains("q=evreux", page.Url, StringComparison.Ordinal);
        await Assertions.Expect(page.GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        await page.GotoAsync("/collectivites?tri=habitants&sens=desc");
        await Assertions.Expect(page.Locator("th[aria-sort=descending]")).ToHaveTextAsync("Habitants");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Habitants" }))
            .ToHaveAttributeAsync("href", "/collectivites?tri=habitants");
        await browsing.InspectAsync("collectivites");
        await page.GotoAsync("/collectivites?q=nulle-part&page=7");
        await Assertions.Expect(page.Locator(".empty-state")).ToContainTextAsync("Aucune collectivité ne correspond");
        await browsing.InspectAsync("collectivites-vide");
        await page.GotoAsync("/collectivites/intercommunalites");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "CC du Nord" })).ToBeVisibleAsync();
        await browsing.InspectAsync("collectivites-intercommunalites");

        var answer = await page.APIRequest.GetAsync("/collectivites/export.csv?q=evreux");
        Assert.Contains("attachment", answer.Headers["content-disposition"], StringComparison.Ordinal);
        var lines = (await answer.TextAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("\ufeffnom;SIRET;", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"Évreux-le-Vieil;{Siret(1)};Commune;", Assert.Single(lines[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_people_who_edit_a_member_the_second_is_told_and_loses_nothing()
    {
        var member = await AddAsync("Deux-Rives", 2);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var (first, second) = (browsing.Page, await browsing.Page.Context.NewPageAsync());
        await first.GotoAsync($"/collectivites/{member}/modifier");
        await second.GotoAsync($"/collectivites/{member}/modifier");
        await first.FillAsync("#phone", "03 22 11 11 11");
        await first.ClickAsync("main button[type=submit]");
        await Assertions.Expect(first.GetByText("La fiche est enregistrée.")).ToBeVisibleAsync();

        await second.FillAsync("#city", "Amiens");
        await second.ClickAsync("main button[type=submit]");

        await Assertions.Expect(second.Locator(".notice-warn")).ToContainTextAsync("Quelqu'un d'autre a modifié");
        await Assertions.Expect(second.Locator(".notice-warn")).ToContainTextAsync("03 22 11 11 11");
        await Assertions.Expect(second.Locator("#city")).ToHaveValueAsync("Amiens");
        await first.GotoAsync($"/collectivites/{member}/modifier");
        await Assertions.Expect(first.Locator("#city")).ToHaveValueAsync("");
        await second.FillAsync("#phone", "03 22 11 11 11");
        await second.ClickAsync("main button[type=submit]");
        await Assertions.Expect(second.GetByText("La fiche est enregistrée.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_conflict_is_told_in_a_page_without_faults()
    {
        var member = await AddAsync("Conflit", 3);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        await page.GotoAsync($"/collectivites/{member}/modifier");
        await page.EvalOnSelectorAsync("input[name='Fields.Seen']", "input => input.value = 'autre'");
        await page.FillAsync("#city", "Amiens");
        await page.ClickAsync("main button[type=submit]");
        await Assertions.Expect(page.Locator(".notice-warn")).ToBeVisibleAsync();
        await browsing.InspectAsync("collectivite-conflit");
    }

    [Fact]
    public async Task A_member_joins_step_by_step_with_its_papers()
    {
        var member = await AddAsync("Joigny", 4);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        await page.GotoAsync("/parametres/offres");
        await browsing.InspectAsync("offres-vides");
        await page.GetByRole(AriaRole.Button, new() { Name = "Bouquet de services" }).ClickAsync();
        await Assertions.Expect(page.GetByText("L'offre est ouverte.")).ToBeVisibleAsync();
        await browsing.InspectAsync("offres");
        await AddDetailsAsync(browsing, member);

        await page.GotoAsync($"/collectivites/{member}");
        await page.SelectOptionAsync("#offer", "bouquet");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir un dossier" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Le dossier est ouvert.")).ToBeVisibleAsync();
        await NextAsync(page, "Vérifier l'éligibilité");
        await NextAsync(page, "Commencer le diagnostic");
        await page.SelectOptionAsync("#level", "2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Proposer ce niveau" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Faites d'abord un diagnostic");
        await DiagnoseAsync(browsing);
        await page.SelectOptionAsync("#level", "2");
        await NextAsync(page, "Proposer ce niveau");
        await NextAsync(page, "La collectivité accepte le niveau 2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Déclarer le dossier complet" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("Prochaine pièce : Convention signée");
        await browsing.InspectAsync("dossier-pieces");

        var admission = page.Url.Split('?')[0];
        await FileAsync(page, admission, "Convention", "Convention cadre", null);
        await FileAsync(page, admission, "Annex", "Annexe 2", "2");
        await page.GotoAsync(admission);
        await NextAsync(page, "Déclarer le dossier complet");
        await NextAsync(page, "Rendre l'adhésion effective");
        await Assertions.Expect(page.GetByText("Adhésion effective depuis le")).ToBeVisibleAsync();
        await browsing.InspectAsync("dossier-effectif");
        await page.GotoAsync($"/collectivites/{member}");
        await Assertions.Expect(page.GetByText("Adhérente")).ToBeVisibleAsync();
        await browsing.InspectAsync("collectivite");
    }

    [Fact]
    public async Task Documents_that_are_too_big_of_a_wrong_type_or_oddly_named_do_no_harm()
    {
        var member = await AddAsync("Papiers", 5);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        var add = $"/collectivites/{member}/documents/nouveau";

        await UploadAsync(page, add, "charte.pdf", Encoding.ASCII.GetBytes("MZ not a PDF"));
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("n'est pas accepté");
        await browsing.InspectAsync("document-refuse");
        await UploadAsync(page, add, "gros.pdf", [.. Pdf, .. new byte[20_000_000]]);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("20 Mo au plus");
        await UploadAsync(page, add, "enorme.pdf", new byte[31_000_000]);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("20 Mo au plus");

        await UploadAsync(page, add, "../../etc/passwd<script>.exe", Pdf);
        await Assertions.Expect(page.GetByText("Le document est enregistré.")).ToBeVisibleAsync();
        var link = page.Locator("a[href^='/collectivites/documents/']");
        var answer = await page.APIRequest.GetAsync((await link.GetAttributeAsync("href"))!);
        Assert.Equal(Pdf, await answer.BodyAsync());
        Assert.Equal("application/pdf", answer.Headers["content-type"]);
        Assert.StartsWith("attachment", answer.Headers["content-disposition"], StringComparison.Ordinal);
        Assert.Contains("passwdscript.pdf", answer.Headers["content-disposition"], StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers["x-content-type-options"]);
        Assert.Contains("sandbox", answer.Headers["content-security-policy"], StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Charte 2026" }).ClickAsync();
        await browsing.InspectAsync("document");
        await page.SetInputFilesAsync(
            "#file", new FilePayload { Name = "v2.pdf", MimeType = "x/y", Buffer = [.. Pdf, 10] });
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Assertions.Expect(page.GetByText("La nouvelle version est enregistrée.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Retiré : ne compte plus")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_referent_sees_their_own_member_and_changes_what_they_know_best()
    {
        var other = await AddAsync("Voisine", 6);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Ma collectivité" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Arvigny");
        await browsing.InspectAsync("ma-collectivite");
        await page.GetByRole(AriaRole.Link, new() { Name = "Modifier la fiche" }).ClickAsync();
        await Assertions.Expect(page.Locator("#name")).ToHaveCountAsync(0);
        await browsing.InspectAsync("ma-collectivite-modifier");
        await page.FillAsync("#phone", "03 22 00 00 00");
        await page.ClickAsync("main button[type=submit]");
        await Assertions.Expect(page.GetByText("La fiche est enregistrée.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Ajouter un lieu" }).ClickAsync();
        await page.FillAsync("#name", "École");
        await page.ClickAsync("main button[type=submit]");
        await Assertions.Expect(page.GetByText("Le lieu est enregistré.")).ToBeVisibleAsync();

        foreach (var path in new[]
        {
            "", "/modifier", "/lieux/nouveau", "/materiel/nouveau", "/contacts/nouveau",
        })
        {
            var answer = await page.APIRequest.GetAsync($"/collectivites/{other}{path}");
            Assert.True(answer.Status == 404, $"/collectivites/…{path}: {answer.Status}");
        }
        foreach (var path in new[]
        {
            "/collectivites", "/collectivites/nouvelle", "/collectivites/import", "/collectivites/export.csv",
            "/parametres/offres", $"/collectivites/{other}/documents/nouveau", $"/collectivites/{other}/diagnostic",
        })
        {
            var answer = await page.APIRequest.GetAsync(path);
            Assert.True(answer.Url.Contains("/refus", StringComparison.Ordinal), $"{path}: {answer.Url}");
        }
        await using var staff = await Browsing.StartAsync(site);
        await staff.SignInAsync(Site.OperatorEmail);
        await UploadAsync(staff.Page, $"/collectivites/{other}/documents/nouveau", "charte.pdf", Pdf);
        var document = await staff.Page.Locator("a[href^='/collectivites/documents/']").GetAttributeAsync("href");
        Assert.Equal(200, (await staff.Page.APIRequest.GetAsync(document!)).Status);
        Assert.Equal(404, (await page.APIRequest.GetAsync(document!)).Status);
    }

    private static async Task AddDetailsAsync(Browsing browsing, string member)
    {
        var page = browsing.Page;
        await page.GotoAsync($"/collectivites/{member}/lieux/nouveau");
        await page.FillAsync("#name", "Mairie");
        await page.SelectOptionAsync("#link", "Ftth");
        await page.FillAsync("#measuredmbps", "90,5");
        await browsing.InspectAsync("lieu");
        await page.ClickAsync("main button[type=submit]");
        await page.GotoAsync($"/collectivites/{member}/materiel/nouveau");
        await page.FillAsync("#label", "Accueil");
        await page.SelectOptionAsync("#kind", "Fixed");
        await page.SelectOptionAsync("#siteid", new SelectOptionValue { Label = "Mairie" });
        await browsing.InspectAsync("materiel");
        await page.ClickAsync("main button[type=submit]");
        await Assertions.Expect(page.GetByText("Le matériel est enregistré.")).ToBeVisibleAsync();
        await page.GotoAsync($"/collectivites/{member}/contacts/nouveau");
        await page.FillAsync("#name", "Jeanne Petit");
        await page.FillAsync("#mail", "mairie@joigny.example");
        await page.ClickAsync("main button[type=submit]");
        await Assertions.Expect(page.GetByText("Le contact est enregistré.")).ToBeVisibleAsync();
        await page.SelectOptionAsync("#role", "Referent");
        await page.GetByRole(AriaRole.Button, new() { Name = "Donner ce rôle" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Le rôle est donné.")).ToBeVisibleAsync();
        await browsing.InspectAsync("contact");
    }

    private static async Task DiagnoseAsync(Browsing browsing)
    {
        var page = browsing.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Faire le diagnostic de ce dossier" }).ClickAsync();
        await page.FillAsync("#fixedcount", "3");
        await page.FillAsync("#laptopcount", "1");
        await page.FillAsync("#volumebytes", "31");
        await page.GetByRole(AriaRole.Button, new() { Name = "Voir le conseil" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Niveau conseillé : 2")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Supplément : 12 € HT par mois.")).ToBeVisibleAsync(); // Domain 5.4.
        await browsing.InspectAsync("diagnostic-conseil");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer le diagnostic" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Le diagnostic est enregistré pour ce dossier.")).ToBeVisibleAsync();
    }

    private static async Task FileAsync(IPage page, string admission, string kind, string title, string? number)
    {
        await page.GotoAsync(admission);
        await page.GetByRole(AriaRole.Link, new() { Name = "Ajouter un document" }).ClickAsync();
        await page.SelectOptionAsync("#kind", kind);
        await page.FillAsync("#title", title);
        await page.FillAsync("#signedon", "2026-01-15");
        if (number is not null)
        {
            await page.GetByText("Délibération transmise, annexe ou avenant").ClickAsync();
            await page.FillAsync("#number", number);
        }
        await page.SetInputFilesAsync(
            "#file", new FilePayload { Name = "scan.pdf", MimeType = "application/pdf", Buffer = Pdf });
        await page.ClickAsync("main button[type=submit]");
        await Assertions.Expect(page.GetByText("Le document est enregistré.")).ToBeVisibleAsync();
    }

    private static async Task UploadAsync(IPage page, string add, string name, byte[] content)
    {
        await page.GotoAsync(add);
        await page.SelectOptionAsync("#kind", "Charter");
        await page.FillAsync("#title", "Charte 2026");
        await page.SetInputFilesAsync(
            "#file", new FilePayload { Name = name, MimeType = "application/pdf", Buffer = content });
        await page.EvalOnSelectorAsync("#file", "input => input.setCustomValidity('')"); // As without script.
        await page.ClickAsync("main button[type=submit]");
    }

    private static async Task NextAsync(IPage page, string act)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = act }).ClickAsync();
        await Assertions.Expect(page.GetByText("C'est fait : le dossier est à l'étape suivante.")).ToBeVisibleAsync();
    }

    private async Task<string> AddAsync(string name, int number)
    {
        var added = await site.AdminAsync("create-member", "--name", name, "--siret", Siret(number));
        return added.GetProperty("memberId").GetString()!; // Always there, see AdminJson.
    }

    /// <summary>A SIRET with a right key that belongs to nobody.</summary>
    internal static string Siret(int number)
    {
        var digits = WithKey(string.Create(CultureInfo.InvariantCulture, $"26{number:D6}"));
        return WithKey(digits + "0001");
    }

    private static string WithKey(string digits)
    {
        var sum = 0;
        for (var index = 0; index < digits.Length; index++)
        {
            var digit = (digits[^(index + 1)] - '0') * (index % 2 == 0 ? 2 : 1);
            sum += digit > 9 ? digit - 9 : digit;
        }
        return digits + (char)('0' + (10 - sum % 10) % 10);
    }
}

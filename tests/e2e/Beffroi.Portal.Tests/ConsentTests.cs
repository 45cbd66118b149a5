using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>The operator's people read a member's files only while its référent agrees.</summary>
public sealed class ConsentTests(Site site)
{
    private const string Staff = "camille.roux@syndicat.example";

    [Fact]
    public async Task Support_asks_the_referent_grants_and_takes_back()
    {
        await using var hall = await TownHall.OpenAsync(site, name: "Mairie annexe");
        await site.AddPersonAsync(Staff, "Camille Roux", "support", siret: null);
        await using var support = await Browsing.StartAsync(site);
        await support.SignInAsync(Staff);
        await using var referent = await Browsing.StartAsync(site);
        await referent.SignInAsync(Site.ReferentEmail);

        await support.Page.GotoAsync($"{hall.Page}/1");
        await Assertions.Expect(support.Page.GetByText("Il faut l'accord du référent")).ToBeVisibleAsync();
        await support.InspectAsync("accord-demander");
        await support.Page.GetByLabel("Pourquoi ?").FillAsync("Retrouver une délibération effacée");
        await support.Page.GetByLabel("Pour combien d'heures ?").SelectOptionAsync("2");
        await support.Page.GetByRole(AriaRole.Button, new() { Name = "Demander l'accord" }).ClickAsync();
        await Assertions.Expect(support.Page.GetByText("Le référent n'a pas encore répondu")).ToBeVisibleAsync();
        await support.InspectAsync("accord-attendre");

        await referent.Page.GotoAsync("/");
        await referent.Page.GetByRole(AriaRole.Link, new() { Name = "Répondre" }).ClickAsync();
        await referent.InspectAsync("accords");
        await referent.Page.GetByRole(AriaRole.Button, new() { Name = "Accorder à Camille Roux" }).ClickAsync();
        await Assertions.Expect(referent.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("C'est accordé");
        await referent.InspectAsync("accords-accorde");

        await support.Page.GetByRole(AriaRole.Link, new() { Name = "Vérifier la réponse" }).ClickAsync();
        await Assertions.Expect(support.Page.GetByRole(AriaRole.Link, new() { Name = "Conseil", Exact = true }))
            .ToBeVisibleAsync();
        await referent.Page.GetByRole(AriaRole.Button, new() { Name = "Reprendre l'accord" }).ClickAsync();
        await support.Page.ReloadAsync();
        await Assertions.Expect(support.Page.GetByText("Il faut l'accord du référent")).ToBeVisibleAsync();

        await referent.Page.GotoAsync("/journal");
        string[] acts = ["Accord demandé", "Accord donné", "Sauvegarde lue dans le portail", "Accord repris"];
        foreach (var act in acts)
            await Assertions.Expect(referent.Page.Locator("tbody").GetByText(act).First).ToBeVisibleAsync();
        await site.Mails.WaitAsync(Site.ReferentEmail, "Retrouver une délibération effacée");
    }

    [Fact]
    public async Task Who_signs_out_or_closes_a_session_leaves_no_open_backup_behind()
    {
        await using var hall = await TownHall.OpenAsync(site, name: "Salle des fêtes");
        const string Email = "nora.blin@arvigny.example";
        await site.AddPersonAsync(Email, "Nora Blin", "referent");
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Email);

        await browsing.Page.GotoAsync($"{hall.Page}/1");
        await browsing.Page.ReloadAsync();
        var before = await OpeningsAsync(browsing.Page);
        await browsing.Page.GetByRole(AriaRole.Button, new() { Name = "Se déconnecter" }).ClickAsync();
        await browsing.SignInAsync(Email);
        await browsing.Page.GotoAsync($"{hall.Page}/1");
        var after = await OpeningsAsync(browsing.Page);
        await using var elsewhere = await Browsing.StartAsync(site);
        await elsewhere.SignInAsync(Email);
        await elsewhere.Page.GotoAsync("/compte");
        await elsewhere.Page.Locator("form:has(input[value='fermer-autres']) button").ClickAsync();
        await elsewhere.Page.GotoAsync($"{hall.Page}/1");

        Assert.Equal((1, 2), (before, after));
        Assert.Equal(3, await OpeningsAsync(elsewhere.Page));
    }

    private static async Task<int> OpeningsAsync(IPage page)
    {
        await page.GotoAsync("/journal");
        return await page.Locator("tbody tr", new() { HasText = "Nora Blin" })
            .Filter(new() { HasText = "Version ouverte dans le portail" }).CountAsync();
    }
}

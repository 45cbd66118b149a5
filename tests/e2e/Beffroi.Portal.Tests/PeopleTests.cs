using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>The référent looks after people; what they are mailed leads them in.</summary>
public sealed class PeopleTests(Site site)
{
    [Fact]
    public async Task Somebody_who_is_invited_chooses_a_password_and_comes_in()
    {
        const string Email = "zoe.lemaire@arvigny.example", Wanted = "la mairie ouvre à neuf heures";
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Utilisateurs" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Inviter quelqu'un" }).ClickAsync();
        await page.FillAsync("#name", "Zoé Lemaire");
        await page.FillAsync("#email", Email);
        await page.SelectOptionAsync("#role", "Agent");
        await page.GetByText("Ce que permet chaque rôle").ClickAsync();
        await browsing.InspectAsync("inviter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Envoyer l'invitation" }).ClickAsync();
        await Assertions.Expect(page.GetByText("L'invitation est partie.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Zoé Lemaire" }))
            .ToContainTextAsync("Invité");
        await browsing.InspectAsync("utilisateurs");

        var link = await site.Mails.WaitForLinkAsync(Email, "/invitation");
        await using var theirs = await Browsing.StartAsync(site);
        await theirs.Page.GotoAsync(link);
        await Assertions.Expect(theirs.Page.GetByText("Bonjour Zoé Lemaire.")).ToBeVisibleAsync();
        await theirs.InspectAsync("invitation");
        await theirs.Page.FillAsync("#wanted", "zoe lemaire zoe");
        await theirs.Page.PressAsync("#wanted", "Enter");
        await Assertions.Expect(theirs.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("ressemble à votre nom");
        await theirs.Page.FillAsync("#wanted", Wanted);
        await theirs.Page.PressAsync("#wanted", "Enter");
        await Assertions.Expect(theirs.Page.GetByText("Votre mot de passe est choisi.")).ToBeVisibleAsync();
        await theirs.SignInAsync(Email, Wanted);
        await theirs.Page.GotoAsync(link);
        await Assertions.Expect(theirs.Page.GetByText("Ce lien a déjà servi")).ToBeVisibleAsync();
        await theirs.InspectAsync("invitation-servie");
    }

    [Fact]
    public async Task A_forgotten_password_is_chosen_anew_by_mail_and_an_unknown_address_hears_the_same()
    {
        const string Email = "yves.morin@arvigny.example", Wanted = "le facteur passe à onze heures";
        await site.AddPersonAsync(Email, "Yves Morin", "agent");
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        foreach (var email in new[] { "personne@arvigny.example", Email })
        {
            await page.GotoAsync("/connexion");
            await page.GetByRole(AriaRole.Link, new() { Name = "Mot de passe oublié ?" }).ClickAsync();
            if (email == Email) await browsing.InspectAsync("mot-de-passe-oublie");
            await page.FillAsync("#email", email);
            await page.PressAsync("#email", "Enter");
            await Assertions.Expect(page.GetByText("Si cette adresse a un compte, un courriel vient de partir."))
                .ToBeVisibleAsync();
        }
        await browsing.InspectAsync("mot-de-passe-envoye");
        await page.GotoAsync(await site.Mails.WaitForLinkAsync(Email, "/mot-de-passe"));
        await browsing.InspectAsync("mot-de-passe");
        await page.FillAsync("#wanted", Wanted);
        await page.PressAsync("#wanted", "Enter");
        await browsing.SignInAsync(Email, Wanted);
    }

    [Fact]
    public async Task A_referent_gives_and_ends_roles_and_locks_a_compromised_account()
    {
        const string Email = "marc.dupuis@arvigny.example";
        var id = await site.AddPersonAsync(Email, "Marc Dupuis", "agent");
        await using var theirs = await Browsing.StartAsync(site);
        await theirs.SignInAsync(Email);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await page.GotoAsync($"/utilisateurs/{id}");
        await page.GetByText("Donner un autre rôle").ClickAsync();
        await page.SelectOptionAsync("#role", "Provider");
        await page.FillAsync("#until", "2099-12-31");
        await page.GetByRole(AriaRole.Button, new() { Name = "Donner ce rôle" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Le rôle est donné.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Prestataire, Arvigny, jusqu'au 31 décembre 2099")).ToBeVisibleAsync();
        await page.GetByText("Identifiants compromis").ClickAsync();
        await browsing.InspectAsync("utilisateur");
        await page.GetByRole(AriaRole.Button, new() { Name = "Retirer ce rôle" }).Last.ClickAsync();
        await Assertions.Expect(page.GetByText("Le rôle est retiré.")).ToBeVisibleAsync();

        await page.GetByText("Identifiants compromis").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Verrouiller ce compte" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Le compte est verrouillé.", new() { Exact = false }).First)
            .ToBeVisibleAsync();
        await theirs.Page.GotoAsync("/");
        Assert.Contains("/connexion", theirs.Page.Url, StringComparison.Ordinal);
        await theirs.Page.GotoAsync(await site.Mails.WaitForLinkAsync(Email, "/mot-de-passe"));
        await Assertions.Expect(theirs.Page.GetByText("Bonjour Marc Dupuis.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_last_referent_keeps_their_role()
    {
        await site.AddPersonAsync("noe.faure@corze.example", "Noé Faure", "referent", Site.CorzeSiret);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        await browsing.Page.GotoAsync("/utilisateurs?recherche=noe.faure");
        await browsing.Page.GetByRole(AriaRole.Link, new() { Name = "Noé Faure" }).ClickAsync();
        await browsing.Page.GetByRole(AriaRole.Button, new() { Name = "Retirer ce rôle" }).ClickAsync();
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("C'est le dernier référent actif.");
        await browsing.InspectAsync("dernier-referent");
    }

    [Fact]
    public async Task Another_members_person_is_a_page_that_does_not_exist()
    {
        var id = await site.AddPersonAsync("lea.brun@beaulieu.example", "Léa Brun", "agent", Site.BeaulieuSiret);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);

        var answer = await browsing.Page.GotoAsync($"/utilisateurs/{id}");

        Assert.Equal(404, answer!.Status);
        await Assertions.Expect(browsing.Page.GetByText("Cette page n'existe pas")).ToBeVisibleAsync();
        Assert.DoesNotContain("Léa Brun", await browsing.Page.ContentAsync(), StringComparison.Ordinal);
        await browsing.Page.GotoAsync("/utilisateurs?recherche=brun");
        await Assertions.Expect(browsing.Page.GetByText("Personne ne correspond.")).ToBeVisibleAsync();
        await browsing.InspectAsync("utilisateurs-vide");
    }

    [Fact]
    public async Task An_agent_sees_neither_people_nor_journal()
    {
        const string Email = "ines.noir@arvigny.example";
        await site.AddPersonAsync(Email, "Inès Noir", "agent");
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Email);
        Assert.Equal(0, await browsing.Page.GetByRole(AriaRole.Link, new() { Name = "Utilisateurs" }).CountAsync());
        foreach (var path in new[] { "/utilisateurs", "/utilisateurs/inviter", "/journal", "/journal/export.csv" })
        {
            await browsing.Page.GotoAsync(path);
            Assert.Contains("/refus", browsing.Page.Url, StringComparison.Ordinal);
        }
    }
}

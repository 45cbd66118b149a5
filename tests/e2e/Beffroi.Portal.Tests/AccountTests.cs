using System.Text.Json.Nodes;
using Beffroi.Testing;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>One's own account, by mouse and by keyboard.</summary>
public sealed class AccountTests(Site site)
{
    [Fact]
    public async Task A_person_changes_name_and_password_and_closes_other_sessions()
    {
        const string Email = "luc.perrin@arvigny.example", NewPassword = "la mairie ouvre à neuf heures";
        await site.AddPersonAsync(Email, "Luc Perrin", "agent");
        await using var elsewhere = await Browsing.StartAsync(site);
        await elsewhere.SignInAsync(Email);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Email);
        var page = browsing.Page;
        await page.GotoAsync("/compte");
        await Assertions.Expect(page.GetByText("Ce navigateur")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByText("Vous êtes connecté dans 2 navigateurs.")).ToBeVisibleAsync();
        await browsing.InspectAsync("compte");

        await page.FillAsync("#name", "Luc Perrin-Roy");
        await page.PressAsync("#name", "Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Votre nom est changé.");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator(".who")).ToContainTextAsync("Luc Perrin-Roy");

        await FillPasswordsAsync(page, "pas le bon du tout", NewPassword);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("pas votre mot de passe actuel");
        await FillPasswordsAsync(page, Site.Password, "Bonjour123456!");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("que l'on essaie d'abord");
        await browsing.InspectAsync("compte-refus");
        await FillPasswordsAsync(page, Site.Password, NewPassword);
        await Assertions.Expect(page.GetByText("Votre mot de passe est changé.")).ToBeVisibleAsync();

        await elsewhere.Page.GotoAsync("/");
        Assert.Contains("/connexion", elsewhere.Page.Url, StringComparison.Ordinal);
        await elsewhere.SignInAsync(Email, NewPassword);
        await page.GotoAsync("/compte");
        await page.GetByRole(AriaRole.Button, new() { Name = "Fermer toutes les autres sessions" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Vos autres sessions sont fermées.", new() { Exact = true }))
            .ToBeVisibleAsync();
        await elsewhere.Page.GotoAsync("/");
        Assert.Contains("/connexion", elsewhere.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_factor_is_set_up_by_key_and_asked_for_from_then_on()
    {
        const string Email = "anne.roux@arvigny.example";
        await site.AddPersonAsync(Email, "Anne Roux", "agent");
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Email);
        var page = browsing.Page;
        await page.GotoAsync("/compte");
        await page.GetByRole(AriaRole.Link, new() { Name = "Activer la double authentification" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Img, new() { Name = "Code QR de votre clé" }))
            .ToBeVisibleAsync();
        await browsing.InspectAsync("double-authentification");
        var key = await page.Locator("code.key").InnerTextAsync();

        await page.FillAsync("#code", "000000");
        await page.PressAsync("#code", "Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Ce code ne convient pas");
        await page.FillAsync("#code", Authenticator.CodeOf(key));
        await page.PressAsync("#code", "Enter");
        await Assertions.Expect(page.Locator(".codes li")).ToHaveCountAsync(10);
        await browsing.InspectAsync("codes-de-secours");
        var recovery = await page.Locator(".codes li").First.InnerTextAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Se déconnecter" }).ClickAsync();
        await page.FillAsync("#email", Email);
        await page.FillAsync("#password", Site.Password);
        await page.PressAsync("#password", "Enter");
        await browsing.InspectAsync("connexion-code");
        await page.FillAsync("#code", recovery);
        await page.PressAsync("#code", "Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Anne Roux");

        await page.GotoAsync("/compte/double-authentification");
        await browsing.InspectAsync("double-authentification-active");
        await page.FillAsync("#password-off", Site.Password);
        await page.PressAsync("#password-off", "Enter");
        await Assertions.Expect(page.GetByText("La double authentification est désactivée.")).ToBeVisibleAsync();
        await site.Mails.WaitAsync(Email, "La double authentification a été désactivée.");
    }

    [Fact]
    public async Task A_passkey_is_made_named_used_and_removed()
    {
        const string Email = "nina.petit@arvigny.example";
        await site.AddPersonAsync(Email, "Nina Petit", "agent");
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        var devices = await page.Context.NewCDPSessionAsync(page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new JsonObject
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true,
                ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
        await browsing.SignInAsync(Email);
        await page.GotoAsync("/compte");
        await page.FillAsync("#key-name", "Ordinateur de l'accueil");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ajouter une clé d'accès" }).ClickAsync();
        await Assertions.Expect(page.GetByText("La clé d'accès est ajoutée.")).ToBeVisibleAsync();
        await page.GetByText("Renommer ou supprimer Ordinateur de l'accueil").ClickAsync();
        await browsing.InspectAsync("compte-cle");
        await page.GetByLabel("Nouveau nom").FillAsync("Poste de l'accueil");
        await page.GetByRole(AriaRole.Button, new() { Name = "Renommer", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("Poste de l'accueil", new() { Exact = true })).ToBeVisibleAsync();

        await SignInByKeyAsync(page);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Nina Petit");

        await page.GotoAsync("/compte");
        await page.GetByText("Renommer ou supprimer Poste de l'accueil").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Supprimer cette clé d'accès" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Vous n'en avez pas encore.")).ToBeVisibleAsync();
        await SignInByKeyAsync(page);
        await Assertions.Expect(page.GetByText("Cette clé d'accès n'est pas connue ici.")).ToBeVisibleAsync();
        await browsing.InspectAsync("connexion-cle-inconnue");
    }

    private static async Task SignInByKeyAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Se déconnecter" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Se connecter avec une clé d'accès" }).ClickAsync();
    }

    private static async Task FillPasswordsAsync(IPage page, string current, string wanted)
    {
        await page.FillAsync("#current", current);
        await page.FillAsync("#wanted", wanted);
        await page.PressAsync("#wanted", "Enter");
    }
}

using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

public sealed class SignInTests(Site site)
{
    [Fact]
    public async Task Somebody_who_is_not_signed_in_is_asked_to_and_then_goes_where_they_wanted()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.Page.GotoAsync("/refus?essai=1");
        await browsing.Page.GotoAsync("/");
        Assert.Contains("/connexion?suite=%2F", browsing.Page.Url, StringComparison.Ordinal);
        await browsing.InspectAsync("connexion");

        await browsing.Page.FillAsync("#email", Site.ReferentEmail);
        await browsing.Page.FillAsync("#password", Site.Password);
        await browsing.Page.ClickAsync("button[type=submit]");

        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToContainTextAsync("Bonjour Jeanne Morel");
        await browsing.InspectAsync("accueil");
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_are_answered_alike()
    {
        await using var browsing = await Browsing.StartAsync(site);
        foreach (var email in new[] { Site.OperatorEmail, "personne@example.org" })
        {
            await browsing.Page.GotoAsync("/connexion");
            await browsing.Page.FillAsync("#email", email);
            await browsing.Page.FillAsync("#password", "un autre mot de passe");
            await browsing.Page.ClickAsync("button[type=submit]");
            await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert))
                .ToHaveTextAsync("L'adresse ou le mot de passe ne convient pas.");
        }
        await browsing.InspectAsync("connexion-refusee");
    }

    [Fact]
    public async Task After_signing_out_the_cookie_of_before_is_worth_nothing()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var cookies = await browsing.Page.Context.CookiesAsync();

        await browsing.Page.GetByRole(AriaRole.Button, new() { Name = "Se déconnecter" }).ClickAsync();
        await browsing.Page.Context.AddCookiesAsync(cookies.Select(cookie => new Cookie
        {
            Name = cookie.Name, Value = cookie.Value, Domain = cookie.Domain, Path = cookie.Path,
        }));
        await browsing.Page.GotoAsync("/");

        Assert.Contains("/connexion", browsing.Page.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//ailleurs.example/")]
    [InlineData("/\\ailleurs.example/")]
    [InlineData("https://ailleurs.example/")]
    [InlineData("/\t/ailleurs.example/")]
    public async Task Signing_in_never_leads_to_another_site(string wanted)
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.Page.GotoAsync($"/connexion?suite={Uri.EscapeDataString(wanted)}");
        await browsing.Page.FillAsync("#email", Site.ReferentEmail);
        await browsing.Page.FillAsync("#password", Site.Password);
        await browsing.Page.ClickAsync("button[type=submit]");

        await browsing.Page.WaitForURLAsync(site.Address.ToString());
    }

    [Fact]
    public async Task The_page_is_dark_where_the_system_is_and_english_where_the_browser_is()
    {
        await using var browsing = await Browsing.StartAsync(site, ColorScheme.Dark, "en-GB");
        await browsing.Page.GotoAsync("/connexion");

        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Sign in");
        await Assertions.Expect(browsing.Page.Locator("html")).ToHaveAttributeAsync("data-bs-theme", "dark");
        await browsing.InspectAsync("connexion-en-sombre");
    }

    [Theory]
    [InlineData("/accessibilite", "accessibilite")]
    [InlineData("/introuvable", "introuvable")]
    [InlineData("/refus", "refus")]
    [InlineData("/erreur", "erreur")]
    public async Task Pages_for_anybody_have_no_faults(string path, string picture)
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.Page.GotoAsync(path);
        await browsing.InspectAsync(picture);
    }
}

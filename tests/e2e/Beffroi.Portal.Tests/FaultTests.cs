using System.Net;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>What somebody tries who is not meant to come in, or not from there.</summary>
public sealed class FaultTests(Site site)
{
    [Theory]
    [InlineData("/connexion", "mot-de-passe")]
    [InlineData("/mot-de-passe-oublie", "oublie")]
    [InlineData("/deconnexion", null)]
    [InlineData("/deconnexion/service", null)]
    [InlineData("/appareil", "reponse")]
    [InlineData("/langue", null)]
    [InlineData("/compte", "fermer-autres")]
    [InlineData("/utilisateurs/inviter", "inviter")]
    [InlineData("/accords", "accorder-11111111222233334444555555555555")]
    public async Task A_post_without_the_forms_token_is_refused(string path, string? form)
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var cookies = await browsing.Page.Context.CookiesAsync();
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = site.Address,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form is null
                ? [KeyValuePair.Create("langue", "en")]
                : [KeyValuePair.Create("_handler", form), KeyValuePair.Create("Email", Site.ReferentEmail)]),
        };
        request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True(answer.Headers.Contains("Content-Security-Policy"));
        await browsing.Page.GotoAsync("/compte");
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Mon compte");
    }

    [Fact]
    public async Task A_session_that_was_planted_before_signing_in_is_not_taken_over()
    {
        const string Victim = "rose.vidal@arvigny.example";
        await site.AddPersonAsync(Victim, "Rose Vidal", "agent");
        await using var attacker = await Browsing.StartAsync(site);
        await attacker.SignInAsync(Site.ReferentEmail);
        var planted = (await attacker.Page.Context.CookiesAsync()).Single(cookie => cookie.Name == "beffroi");
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.Page.Context.AddCookiesAsync([new Microsoft.Playwright.Cookie
        {
            Name = planted.Name, Value = planted.Value, Domain = planted.Domain, Path = planted.Path,
        }]);

        await browsing.SignInAsync(Victim);

        var given = (await browsing.Page.Context.CookiesAsync()).Single(cookie => cookie.Name == "beffroi");
        Assert.NotEqual(planted.Value, given.Value);
        Assert.True(given.HttpOnly);
        await attacker.Page.GotoAsync("/compte");
        await Assertions.Expect(attacker.Page.GetByText(Site.ReferentEmail)).ToBeVisibleAsync(); // Not the victim's.
    }

    [Fact]
    public async Task Five_wrong_passwords_let_an_account_rest()
    {
        const string Email = "remi.carre@arvigny.example";
        await site.AddPersonAsync(Email, "Rémi Carré", "agent");
        await using var browsing = await Browsing.StartAsync(site);
        for (var attempt = 0; attempt < 6; attempt++)
        {
            await browsing.Page.GotoAsync("/connexion");
            await browsing.Page.FillAsync("#email", Email);
            await browsing.Page.FillAsync("#password", attempt < 5 ? "pas le bon du tout" : Site.Password);
            await browsing.Page.PressAsync("#password", "Enter");
        }
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("ce compte se repose");
        await browsing.InspectAsync("connexion-repos");
    }

    [Theory]
    [InlineData("/invitation?lien=abc", "lien-invitation-casse")]
    [InlineData("/mot-de-passe?lien=abc", "lien-casse")]
    [InlineData("/mot-de-passe", "lien-absent")]
    public async Task A_broken_link_says_what_to_do(string path, string picture)
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.Page.GotoAsync(path);
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Ce lien a déjà servi");
        await browsing.InspectAsync(picture);
    }
}

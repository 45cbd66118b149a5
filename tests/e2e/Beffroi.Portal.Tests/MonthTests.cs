using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>The pages with a month of real history: the operator's morning, and the référent's.</summary>
[Collection<LivedInTests>]
public sealed class MonthTests(LivedInSite site)
{
    [Theory]
    [InlineData(ColorScheme.Light, "")]
    [InlineData(ColorScheme.Dark, "-sombre")]
    public async Task The_operator_finds_what_went_wrong_worst_first(ColorScheme theme, string suffix)
    {
        await using var browsing = await Browsing.StartAsync(site, theme);
        await browsing.SignInAsync(LivedInSite.Director);
        await browsing.InspectAsync("accueil-syndicat" + suffix);
        await browsing.Page.GotoAsync("/veille");
        await Assertions.Expect(browsing.Page.GetByText("comptabilite", new() { Exact = true }).First)
            .ToBeVisibleAsync();
        await browsing.InspectAsync("veille" + suffix);
        await browsing.Page.GotoAsync("/veille?etat=tous&vus=true");
        await Assertions.Expect(browsing.Page.GetByText("Le maire est en déplacement", new() { Exact = false }).First)
            .ToBeVisibleAsync();
        await browsing.InspectAsync("veille-tous" + suffix);
        await browsing.Page.GotoAsync("/sauvegardes");
        await browsing.InspectAsync("sauvegardes-syndicat" + suffix);
        await browsing.Page.GotoAsync("/journal");
        await browsing.InspectAsync("journal-mois" + suffix);
    }

    [Fact]
    public async Task The_board_is_a_table_on_paper_too_and_leaves_out_what_only_a_screen_can_use()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(LivedInSite.Director);
        await browsing.Page.SetViewportSizeAsync(718, 1000); // A4 upright, less its margins.
        await browsing.Page.GotoAsync("/veille");
        await browsing.Page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });

        await Assertions.Expect(browsing.Page.Locator("nav").First).ToBeHiddenAsync();
        await Assertions.Expect(browsing.Page.Locator("main form")).ToBeHiddenAsync();
        await Assertions.Expect(browsing.Page.Locator("thead").First).ToBeInViewportAsync();
        Assert.Equal(
            "table-cell",
            await browsing.Page.Locator("tbody td").First.EvaluateAsync<string>("e => getComputedStyle(e).display"));
        var overflow = await browsing.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        Assert.True(overflow <= 0, $"The board is {overflow} px wider than a sheet.");
        await browsing.Page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(Browsing.Pictures, "veille-papier.png"), FullPage = true,
        });
    }

    [Theory]
    [InlineData(ColorScheme.Light, "")]
    [InlineData(ColorScheme.Dark, "-sombre")]
    public async Task A_referent_follows_a_computer_down_to_the_log_of_a_night(ColorScheme theme, string suffix)
    {
        await using var browsing = await Browsing.StartAsync(site, theme);
        var page = browsing.Page;
        await browsing.SignInAsync(LivedInSite.Forge);
        await browsing.InspectAsync("accueil-referent" + suffix);
        await page.GetByRole(AriaRole.Link, new() { Name = "Sauvegardes", Exact = true }).First.ClickAsync();
        await browsing.InspectAsync("sauvegardes" + suffix);
        await page.GetByRole(AriaRole.Link, new() { Name = "comptabilite" }).First.ClickAsync();
        await browsing.InspectAsync("poste" + suffix);
        await page.Locator("main table a").First.ClickAsync();
        await Assertions.Expect(page.GetByText("Disque externe", new() { Exact = false }).First).ToBeVisibleAsync();
        await browsing.InspectAsync("journal-de-sauvegarde" + suffix);
    }

    [Fact]
    public async Task Every_page_of_the_month_is_at_most_100_kB()
    {
        using var director = await Isolation.Visitor.SignInAsync(site, LivedInSite.Director);
        foreach (var path in new[] { "/", "/veille?etat=tous&vus=true", "/sauvegardes", "/utilisateurs", "/journal" })
        {
            var page = await director.GetAsync(path);
            Assert.True(page.Body.Length <= 100_000, $"{path}: {page.Body.Length} characters");
        }
    }
}

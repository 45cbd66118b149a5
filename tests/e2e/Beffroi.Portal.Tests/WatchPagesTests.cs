using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>The night's watch and the devices' pages before the first device: who may see them, and what they say
/// then.</summary>
public sealed class WatchPagesTests(EmptySite site) : IClassFixture<EmptySite>
{
    [Fact]
    public async Task The_operators_board_and_its_filter_have_no_faults()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);

        await browsing.Page.GetByRole(AriaRole.Link, new() { Name = "Veille", Exact = true }).ClickAsync();
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToContainTextAsync("Aucun poste à surveiller");
        await browsing.InspectAsync("veille-vide");
        await browsing.Page.FillAsync("#find", "arvigny");
        await browsing.Page.PressAsync("#find", "Enter");

        Assert.Contains("q=arvigny", browsing.Page.Url, StringComparison.Ordinal);
        await Assertions.Expect(browsing.Page.Locator(".empty-state")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_referent_sees_devices_but_not_the_board()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);

        await browsing.Page.GotoAsync("/sauvegardes");
        await Assertions.Expect(browsing.Page.Locator(".empty-state")).ToContainTextAsync("Aucun poste");
        await browsing.InspectAsync("sauvegardes-vide");
        await browsing.Page.GotoAsync("/veille");

        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Vous n'avez pas accès à cette page");
    }

    [Theory]
    [InlineData("/postes/11111111-2222-3333-4444-555555555555")]
    [InlineData("/sauvegardes/11111111-2222-3333-4444-555555555555")]
    public async Task What_is_not_there_is_a_page_that_says_so(string path)
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);

        var answer = await browsing.Page.GotoAsync(path);

        Assert.Equal(404, answer?.Status);
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Cette page n'existe pas");
    }
}

/// <summary>A site to which no other test adds devices.</summary>
public sealed class EmptySite : Site;

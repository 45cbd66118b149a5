using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>The journeys of a morning with Tab, Enter, Space and letters; wherever the focus stands, it is
/// seen.</summary>
[Collection<LivedInTests>]
public sealed class KeyboardTests(LivedInSite site)
{
    private const int StepsMax = 80;

    [Fact]
    public async Task Somebody_without_a_mouse_signs_in_and_notes_a_finding()
    {
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        await SignInAsync(page, LivedInSite.Director);

        await FollowAsync(page, "a[href='/veille']", "/veille");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("poste");
        await FollowAsync(page, "a[href$='#vu']", "/postes/");
        await TabToAsync(page, "#note");
        await page.Keyboard.TypeAsync("J'appelle la mairie à dix heures");
        await TabToAsync(page, "#days");
        await TabToAsync(page, "#vu button[type=submit]");
        await page.Keyboard.PressAsync("Space");

        await Assertions.Expect(page.GetByText("C'est noté", new() { Exact = false })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Somebody_without_a_mouse_invites_a_colleague()
    {
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        await SignInAsync(page, LivedInSite.Referent);

        await FollowAsync(page, "a[href='/utilisateurs']", "/utilisateurs");
        await FollowAsync(page, "a[href='/utilisateurs/inviter']", "/inviter");
        await TabToAsync(page, "#name");
        await page.Keyboard.TypeAsync("Sans Souris");
        await TabToAsync(page, "#email");
        await page.Keyboard.TypeAsync("sans.souris@saint-aubin.example");
        await TabToAsync(page, "#role");
        await page.Keyboard.TypeAsync("Agent");
        await TabToAsync(page, "main form button[type=submit]");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.GetByText("L'invitation est partie.")).ToBeVisibleAsync();
    }

    private static async Task SignInAsync(IPage page, string email)
    {
        await page.GotoAsync("/connexion");
        await TabToAsync(page, "#email");
        await page.Keyboard.TypeAsync(email);
        await TabToAsync(page, "#password");
        await page.Keyboard.TypeAsync(Site.Password);
        await TabToAsync(page, "button[type=submit]");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => !url.Contains("/connexion", StringComparison.Ordinal));
    }

    private static async Task FollowAsync(IPage page, string link, string leadsTo)
    {
        await TabToAsync(page, link);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => url.Contains(leadsTo, StringComparison.Ordinal));
    }

    /// <summary>Goes on until the focus stands there.</summary>
    private static async Task TabToAsync(IPage page, string selector)
    {
        for (var step = 0; step < StepsMax; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            var seen = await page.EvaluateAsync<bool[]>("""
                selector => {
                  const at = document.activeElement, style = getComputedStyle(at);
                  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
                  return [at.matches(selector), at === document.body || outlined || style.boxShadow !== 'none'];
                }
                """, selector);
            Assert.True(seen[1], $"The focus is not seen on the way to {selector}: {await WhereAsync(page)}");
            if (seen[0]) return;
        }
        Assert.Fail($"{selector} is not reached by {StepsMax} times Tab on {page.Url}.");
    }

    private static Task<string> WhereAsync(IPage page) =>
        page.EvaluateAsync<string>("document.activeElement.outerHTML.slice(0, 200)");
}

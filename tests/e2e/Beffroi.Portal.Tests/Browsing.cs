using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>Debian's Chromium with one page open, as one person uses it.</summary>
internal sealed class Browsing : IAsyncDisposable
{
    internal static readonly string Pictures =
        Environment.GetEnvironmentVariable("BEFFROI_TEST_PICTURES")
        ?? Path.Combine(AppContext.BaseDirectory, "pictures");

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browsing(IPlaywright playwright, IBrowser browser, IPage page) =>
        (_playwright, _browser, Page) = (playwright, browser, page);

    internal IPage Page { get; }

    /// <param name="isStill">Whether nothing moves: what a style becomes, it is at once.</param>
    internal static async Task<Browsing> StartAsync(
        Site site, ColorScheme theme = ColorScheme.Light, string locale = "fr-FR", bool withScript = true,
        bool isStill = false)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                "--disable-background-networking", "--disable-component-update"],
        });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = site.Address.ToString(),
            ColorScheme = theme,
            Locale = locale,
            JavaScriptEnabled = withScript,
            ReducedMotion = isStill ? ReducedMotion.Reduce : ReducedMotion.NoPreference,
            ViewportSize = new ViewportSize { Width = 1280, Height = 900 },
        });
        return new Browsing(playwright, browser, await context.NewPageAsync());
    }

    /// <summary>Signs in by the page, as a person does.</summary>
    internal async Task SignInAsync(string email, string password = Site.Password)
    {
        await Page.GotoAsync("/connexion");
        await Page.FillAsync("#email", email);
        await Page.FillAsync("#password", password);
        await Page.PressAsync("#password", "Enter");
        // Asked of the page: on a busy machine the driver misses the event of a page that loads at once, and waits on.
        await Page.WaitForFunctionAsync(
            "() => !location.pathname.includes('/connexion') && document.readyState === 'complete'");
    }

    /// <summary>What every page must be: without faults that axe finds, no wider than the screen at both widths. Keeps
    /// a picture of each width.</summary>
    internal async Task InspectAsync(string picture)
    {
        foreach (var width in new[] { 1280, 390 })
        {
            await Page.SetViewportSizeAsync(width, 900);
            var overflow = await Page.EvaluateAsync<int>(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(overflow <= 0, $"{picture} is {overflow} px wider than a screen of {width} px.");
            await Page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = Path.Combine(Pictures, $"{picture}-{width}.png"),
                FullPage = true,
            });
        }
        await Page.SetViewportSizeAsync(1280, 900);
        Assert.Empty((await Page.RunAxe()).Violations.Select(Describe));
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string Describe(AxeResultItem fault) =>
        $"{fault.Id}: {fault.Help} ({string.Join("; ", fault.Nodes.Select(node => node.Html))})";
}

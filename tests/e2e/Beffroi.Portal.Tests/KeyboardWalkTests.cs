using Beffroi.Portal.Tests.Isolation;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>Every page of the portal with Tab alone, as somebody who may see it: everything that can be used is
/// reached, in the order of the page, and is seen to have the focus.</summary>
[Collection<TwoTownsTests>]
public sealed class KeyboardWalkTests(TwoTowns towns)
{
    private const int KeysAtOnce = 12; // Sent one after the other without waiting: a walk is hundreds of them.

    private static readonly Dictionary<string, object> TabKey = new()
    {
        ["key"] = "Tab", ["code"] = "Tab", ["windowsVirtualKeyCode"] = 9,
    };

    /// <summary>Makes a list of what can be used, opens what folds, and notes every stop of the focus from then
    /// on.</summary>
    private const string Prepare = """
        () => {
          for (const fold of document.querySelectorAll('details')) fold.open = true;
          const look = e => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.boxShadow]; };
          const isStandIn = e => {
            if (e.type !== 'radio') return true;
            const group = [...document.getElementsByName(e.name)].filter(each => each.form === e.form);
            return e === (group.find(each => each.checked) ?? group[0]);
          };
          const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
            .filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && isStandIn(e)
              && e.checkVisibility({ visibilityProperty: true }));
          const isSeen = (e, before) => {
            const [style, width, shadow] = look(e), box = e.getBoundingClientRect();
            const isMarked = (style !== 'none' && parseFloat(width) > 0 && before?.[0] !== style)
              || shadow !== (before?.[2] ?? 'none');
            return isMarked && box.width > 0 && box.right > 0 && box.left < innerWidth;
          };
          if (!window.walk) document.addEventListener('focusin', event => {
            const e = event.target, at = walk.stops.indexOf(e);
            const scrolls = e.scrollHeight > e.clientHeight || e.scrollWidth > e.clientWidth; // Chromium stops there.
            walk.met.push({ e, at, seen: isSeen(e, walk.before[at]), strange: at < 0 && !scrolls });
          });
          window.walk = { stops, before: stops.map(look), met: [] };
          return stops.length;
        }
        """;

    /// <summary>Whether the last stop has been left again.</summary>
    private const string IsRound = """
        () => {
          const last = walk.met.findIndex(each => each.at === walk.stops.length - 1);
          return last >= 0 && document.activeElement !== walk.stops.at(-1);
        }
        """;

    private const string Judge = """
        () => {
          const say = e => e.outerHTML.replace(/\s+/g, ' ').slice(0, 140);
          const end = walk.met.findIndex(each => each.at === walk.stops.length - 1);
          const way = walk.met.slice(0, end < 0 ? undefined : end + 1);
          const reached = new Set(way.map(each => each.e));
          const faults = walk.stops.filter(e => !reached.has(e)).map(e => `not reached: ${say(e)}`);
          if (!way[0]?.e.matches('.skip')) faults.push('the first stop is not the way to the content');
          if (document.activeElement === walk.stops.at(-1)) faults.push(`no way on from ${say(walk.stops.at(-1))}`);
          for (const [index, each] of way.entries()) {
            if (!each.seen) faults.push(`the focus is not seen: ${say(each.e)}`);
            if (each.strange) faults.push(`the focus stands on nothing that can be used: ${say(each.e)}`);
            const isBehind = index > 0 && each.at >= 0 && each.at <= way[index - 1].at;
            if (isBehind) faults.push(`out of order: ${say(each.e)}`);
          }
          for (const form of document.forms) {
            const isSent = [...form.elements].some(e => e.type === 'submit' && reached.has(e));
            if (form.checkVisibility() && !isSent) faults.push(`cannot be sent: ${say(form)}`);
          }
          return faults;
        }
        """;

    /// <summary>Puts the focus back to the first stop, without a key.</summary>
    private const string BackToStart = "() => document.querySelector('.skip').focus()";

    private const string IsAtContent =
        "() => document.activeElement.id === 'content' && location.hash === '#content'";

    [Fact]
    public async Task Every_page_is_walked_with_Tab_alone_at_both_widths()
    {
        List<string> faults = [];
        var walked = 0;
        foreach (var group in Pages().GroupBy(page => page.Who, page => page.Path))
        {
            await using var browsing = await Browsing.StartAsync(towns, isStill: true);
            if (group.Key is { } who) await browsing.SignInAsync(who);
            foreach (var path in group)
            {
                walked++;
                await browsing.Page.SetViewportSizeAsync(1280, 900);
                await browsing.Page.GotoAsync(towns.Fill(path));
                var stops = await browsing.Page.EvaluateAsync<int>(Prepare);
                faults.AddRange(await WalkAsync(browsing.Page, stops, $"{path} at 1280"));
                await browsing.Page.SetViewportSizeAsync(390, 900);
                await SkipAsync(browsing.Page, path, faults);
                stops = await browsing.Page.EvaluateAsync<int>(Prepare);
                await browsing.Page.EvaluateAsync(BackToStart);
                faults.AddRange(await WalkAsync(browsing.Page, stops, $"{path} at 390"));
            }
        }
        Assert.True(walked > 50, $"Only {walked} pages.");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task On_a_phone_the_menu_opens_and_closes_by_key()
    {
        await using var browsing = await Browsing.StartAsync(towns);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await page.SetViewportSizeAsync(390, 900);
        await page.GotoAsync("/");
        await page.Locator(".menu-button").FocusAsync();

        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator(".menu a").First).ToBeFocusedAsync();
        await page.Locator(".menu-button").FocusAsync();
        await page.Keyboard.PressAsync("Space");

        await Assertions.Expect(page.Locator(".menu a").First).ToBeHiddenAsync();
    }

    /// <summary>The pages of the table, each with somebody who may see it; nobody for what needs no sign-in.</summary>
    private static IEnumerable<(string? Who, string Path)> Pages() =>
        from rule in RouteTable.People
        where rule.Route.StartsWith("GET,POST ", StringComparison.Ordinal) // Files and redirects have GET alone.
        from path in rule.Paths
        select (WhoSees(rule), path);

    private static string? WhoSees(RouteRule rule) => rule switch
    {
        { Nobody: not Welcome.SignIn } => null,
        { Stranger: Welcome.Refused } => Site.OperatorEmail,
        _ => Site.ReferentEmail,
    };

    private static async Task<IEnumerable<string>> WalkAsync(IPage page, int stops, string where)
    {
        var keyboard = await page.Context.NewCDPSessionAsync(page);
        var pressed = 0;
        do
        {
            List<Task> keys = [];
            for (var once = 0; once < KeysAtOnce; once++, pressed++)
                foreach (var type in new[] { "rawKeyDown", "keyUp" })
                    keys.Add(keyboard.SendAsync(
                        "Input.dispatchKeyEvent", new Dictionary<string, object>(TabKey) { ["type"] = type }));
            await Task.WhenAll(keys);
        }
        while (!await page.EvaluateAsync<bool>(IsRound) && pressed < 3 * stops + 20); // A date has several stops.
        await keyboard.DetachAsync();
        return (await page.EvaluateAsync<string[]>(Judge)).Select(fault => $"{where}: {fault}");
    }

    private static async Task SkipAsync(IPage page, string path, List<string> faults)
    {
        await page.EvaluateAsync(BackToStart);
        await page.Keyboard.PressAsync("Enter");
        if (!await page.EvaluateAsync<bool>(IsAtContent))
            faults.Add($"{path}: the first link does not lead to the content");
    }
}

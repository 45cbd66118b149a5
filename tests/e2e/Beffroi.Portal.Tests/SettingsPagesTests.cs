using Beffroi.Identity.Access;
using Beffroi.Portal.Settings;
using Beffroi.Server.Configuration;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>How is the platform set, and what may be changed while it runs?</summary>
public sealed class SettingsPagesTests(Site site)
{
    [Fact]
    public async Task The_operator_presents_itself_and_every_page_says_so_at_once()
    {
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        Assert.Equal(404, (await page.GotoAsync("/mentions-legales"))!.Status);
        await browsing.SignInAsync(Site.OperatorEmail);
        await page.GetByRole(AriaRole.Link, new() { Name = "Paramètres" }).ClickAsync();
        await Assertions.Expect(page.GetByText("BEFFROI__SMTP__")).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Smtp:Host" }))
            .ToContainTextAsync("127.0.0.1");
        await browsing.InspectAsync("parametres");

        await page.FillAsync("#phone", "demain");
        await page.FillAsync("#mail", "assistance");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Ce numéro de téléphone");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Cette adresse de courriel");
        await browsing.InspectAsync("parametres-erreurs");

        await page.FillAsync("#phone", "03 22 00 00 01");
        await page.FillAsync("#mail", "assistance@syndicat.example");
        await page.FillAsync("#notice", "Éditeur : le syndicat.\n\nHébergeur : <b>le syndicat</b>.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Assertions.Expect(page.GetByText("C'est enregistré.")).ToBeVisibleAsync();

        await using var anybody = await Browsing.StartAsync(site);
        await anybody.Page.GotoAsync("/connexion");
        await Assertions.Expect(anybody.Page.Locator("footer")).ToContainTextAsync("03 22 00 00 01");
        await Assertions.Expect(anybody.Page.Locator("footer")).ToContainTextAsync("Syndicat du Clocher");
        await anybody.Page.GetByRole(AriaRole.Link, new() { Name = "Mentions légales" }).ClickAsync();
        await Assertions.Expect(anybody.Page.GetByText("Hébergeur : <b>le syndicat</b>.")).ToBeVisibleAsync();
        await anybody.InspectAsync("mentions-legales");
        await page.GotoAsync("/journal?acte=operator-presented");
        await Assertions.Expect(page.GetByRole(AriaRole.Row).Nth(1)).ToContainTextAsync("03 22 00 00 01");

        foreach (var field in new[] { "#phone", "#mail", "#notice" }) // As the other tests expect the site.
        {
            await page.GotoAsync("/parametres");
            await page.FillAsync(field, "");
            await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
            await Assertions.Expect(page.GetByText("C'est enregistré.")).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task Nobody_else_sees_the_settings()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        await browsing.Page.GotoAsync("/parametres");
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Vous n'avez pas accès à cette page");
    }

    [Fact]
    public void Every_setting_says_what_it_does_and_no_secret_is_shown()
    {
        var options = new ServerOptions
        {
            ConnectionString = "Password=clocher",
            MetricsToken = "clocher-clocher-clocher",
            Smtp = new SmtpSettings { Host = "mail", Password = "clocher" },
            Certificate = new CertificateOptions { Password = "clocher" },
            ObjectStore = new ObjectStoreOptions { AccessKey = "clocher", SecretKey = "clocher" },
        };

        var lines = new SettingSheet(options).List(Caller.System("test"));

        Assert.All(lines, line => Assert.NotNull(SettingWords.EffectOf(line.Name)));
        Assert.DoesNotContain(lines, line => line.Value?.Contains("clocher", StringComparison.Ordinal) == true);
        Assert.Equal(6, lines.Count(line => line is { IsSecret: true, Value: not null }));
    }
}

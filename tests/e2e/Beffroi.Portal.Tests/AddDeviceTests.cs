using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>A computer comes in: the page that says how, waits for it, and then asks what it backs up.</summary>
public sealed class AddDeviceTests(Site site)
{
    [Fact]
    public async Task A_referent_adds_a_computer_and_signs_off_what_it_backs_up()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await page.GotoAsync("/sauvegardes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Ajouter un poste" }).ClickAsync();
        await browsing.InspectAsync("poste-ajouter");
        await FillAsync(page, "Accueil", "Linux (Debian, Ubuntu)");

        var command = await page.Locator("#command").InnerTextAsync();
        var token = await page.Locator("#code").InnerTextAsync();
        await Assertions.Expect(page.Locator("[data-refresh]")).ToBeVisibleAsync();
        await browsing.InspectAsync("poste-attendre-linux");
        Assert.StartsWith("echo 'Code :' && read -r c && d=$(mktemp -d) && wget", command, StringComparison.Ordinal);
        Assert.Contains(site.DebianDigest, command, StringComparison.Ordinal);
        Assert.DoesNotContain(token, command, StringComparison.Ordinal); // Shells keep their lines.
        await page.GetByRole(AriaRole.Link, new() { Name = "Windows" }).ClickAsync();
        await browsing.InspectAsync("poste-attendre-windows");
        await ExpectNoTokenInCommandAsync(page, token);
        await page.GetByRole(AriaRole.Link, new() { Name = "Autre, par commande" }).ClickAsync();
        await browsing.InspectAsync("poste-attendre-autre");
        await ExpectNoTokenInCommandAsync(page, token);

        Assert.Equal(HttpStatusCode.Created, (await EnrolAsync(token)).StatusCode);

        await page.GetByRole(AriaRole.Heading, new() { Name = "« Accueil » est arrivé" }).WaitForAsync(); // By script.
        await browsing.InspectAsync("poste-arrive");
        await page.GetByRole(AriaRole.Button, new() { Name = "Adopter ce plan et valider le périmètre" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Le plan est adopté.");
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("par Jeanne Morel");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Accueil");
        Assert.Equal(HttpStatusCode.Forbidden, (await EnrolAsync(token)).StatusCode); // It worked once.
    }

    [Fact]
    public async Task Without_script_a_link_asks_whether_the_computer_has_come()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var address = await AddAsync(browsing.Page, "Urbanisme", "Autre, par commande");
        var token = await browsing.Page.Locator("#code").InnerTextAsync();
        using var client = await SignedInAsync(browsing);
        Assert.Contains("Vérifier maintenant", await ReadAsync(client, address), StringComparison.Ordinal);

        await EnrolAsync(token);

        Assert.Contains("est arrivé", await ReadAsync(client, address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_code_is_listed_installed_again_and_revoked()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        await site.MemberAsync(Site.BeaulieuSiret); // With two members, one has to be chosen.
        await page.GotoAsync("/postes/ajouter");
        await page.SelectOptionAsync("#member", new SelectOptionValue { Label = "Beaulieu" });
        await FillAsync(page, "Serveur de Beaulieu", "Windows");
        var (address, token) = (page.Url, await page.Locator("#code").InnerTextAsync());

        await page.GotoAsync("/postes/ajouter");
        await browsing.InspectAsync("postes-attendus");
        await page.GetByRole(AriaRole.Link, new() { Name = "Installer Serveur de Beaulieu" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Révoquer ce code" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Ce code est révoqué");
        Assert.Equal(0, await page.GetByText("Serveur de Beaulieu").CountAsync());

        await page.GotoAsync(address);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Ce code ne sert plus");
        await browsing.InspectAsync("poste-revoque");
        using var late = await EnrolAsync(token);
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
        Assert.Contains("was revoked", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await page.GotoAsync("/journal");
        await Assertions.Expect(page.GetByText("Code d'ajout de poste révoqué").Last).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Of_another_member_nothing_can_be_seen_fetched_or_revoked()
    {
        const string Email = "luc.blanc@beaulieu.example";
        await site.AddPersonAsync(Email, "Luc Blanc", "referent", Site.BeaulieuSiret);
        await using var mine = await Browsing.StartAsync(site);
        await mine.SignInAsync(Site.ReferentEmail);
        var address = await AddAsync(mine.Page, "Cantine", "Linux (Debian, Ubuntu)");
        await using var theirs = await Browsing.StartAsync(site);
        await theirs.SignInAsync(Email);

        Assert.Equal(404, (await theirs.Page.GotoAsync(address))?.Status);
        using var client = await SignedInAsync(theirs);
        using var installer = await client.GetAsync(new Uri(
            address.Replace("?", "/installateur?", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.NotFound, installer.StatusCode);
        await theirs.Page.GotoAsync("/postes/ajouter");
        Assert.Equal(0, await theirs.Page.GetByText("Cantine").CountAsync());
    }

    [Fact]
    public async Task Installers_are_for_who_is_signed_in_or_holds_an_open_code()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var address = await AddAsync(browsing.Page, "Bibliothèque", "Linux (Debian, Ubuntu)");
        var code = new Uri(address).Segments[^1];
        var plain = $"/installeurs/{Site.DebianFile}";
        using var nobody = new HttpClient { BaseAddress = site.Address };
        using var client = await SignedInAsync(browsing);

        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(plain)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync($"{plain}?code={Guid.Empty}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/installeurs/..%2Fappsettings.json")).StatusCode);
        Assert.Equal(Site.DebianContent, await client.GetStringAsync(plain));
        Assert.Equal(Site.DebianContent, await nobody.GetStringAsync($"{plain}?code={code}"));
        var inside = await client.GetStringAsync(address.Replace("?", "/installateur?", StringComparison.Ordinal));
        Assert.StartsWith("#!/bin/sh", inside, StringComparison.Ordinal);
        Assert.Contains($"{site.Address.GetLeftPart(UriPartial.Authority)} bef1.", inside, StringComparison.Ordinal);
        await browsing.Page.GotoAsync(address);
        await browsing.Page.GetByRole(AriaRole.Button, new() { Name = "Révoquer ce code" }).ClickAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync($"{plain}?code={code}")).StatusCode);
    }

    [Fact]
    public async Task A_missing_installer_is_said_and_the_command_remains()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        await site.HideInstallersAsync(async () =>
        {
            await AddAsync(browsing.Page, "Atelier", "Linux (Debian, Ubuntu)");
            await Assertions.Expect(browsing.Page.Locator(".notice-warn"))
                .ToContainTextAsync("L'installateur n'est pas encore sur le serveur.");
            await Assertions.Expect(browsing.Page.Locator("#command")).ToContainTextAsync("beffroi enroll --server");
            await browsing.InspectAsync("poste-sans-installateur");
        });
    }

    private static async Task<string> ReadAsync(HttpClient client, string address) =>
        WebUtility.HtmlDecode(await client.GetStringAsync(address));

    private static async Task<string> AddAsync(IPage page, string name, string system)
    {
        await page.GotoAsync("/postes/ajouter");
        await FillAsync(page, name, system);
        return page.Url;
    }

    private static async Task FillAsync(IPage page, string name, string system)
    {
        await page.FillAsync("#name", name);
        await page.GetByLabel(system).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ajouter ce poste" }).ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("systeme=", StringComparison.Ordinal));
    }

    private static async Task ExpectNoTokenInCommandAsync(IPage page, string token)
    {
        await Assertions.Expect(page.Locator("#code")).ToHaveTextAsync(token);
        await Assertions.Expect(page.Locator("#command")).Not.ToContainTextAsync("bef1.");
        await Assertions.Expect(page.Locator("#command")).ToContainTextAsync("--token -");
    }

    /// <summary>What an agent sends (docs/format/protocol.md §3).</summary>
    private async Task<HttpResponseMessage> EnrolAsync(string token)
    {
        using var client = new HttpClient { BaseAddress = site.Address };
        client.DefaultRequestHeaders.Add("Beffroi-Protocol", "1");
        return await client.PostAsync("/v1/enrolments", JsonContent.Create(new
        {
            token,
            name = "pc-17",
            platform = "linux",
            agentVersion = "0.1.0",
            signKey = Point(),
            sealKey = Point(),
            machineSecret = Guid.NewGuid(),
        }, options: JsonSerializerOptions.Web));
    }

    private static byte[] Point()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. point.X!, .. point.Y!];
    }

    /// <summary>A client without script that has the session of a browser.</summary>
    private async Task<HttpClient> SignedInAsync(Browsing browsing)
    {
        var cookies = await browsing.Page.Context.CookiesAsync();
        var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = site.Address };
        client.DefaultRequestHeaders.Add(
            "Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));
        client.DefaultRequestHeaders.Add("Accept-Language", "fr");
        return client;
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>Services: registered by the operator, found on the home page, opened without a password.</summary>
public sealed class ServicesTests(Site site)
{
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    [Fact]
    public async Task The_operator_registers_a_service_and_its_people_find_the_tile()
    {
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        await browsing.SignInAsync(Site.OperatorEmail);
        await page.GotoAsync("/services/nouveau");
        await browsing.InspectAsync("service-nouveau");
        await page.FillAsync("#name", "Agenda");
        await page.FillAsync("#address", "https://agenda.example.org/");
        await page.FillAsync("#redirect", "http://agenda.example.org/retour");
        await page.ClickAsync("main form button[type=submit]");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("http://agenda.example.org/retour");
        await browsing.InspectAsync("service-refuse");

        await page.FillAsync("#redirect", "https://agenda.example.org/retour");
        await page.SetInputFilesAsync("#logo", new FilePayload
        {
            Name = "logo.png", MimeType = "image/png", Buffer = Convert.FromBase64String(Png),
        });
        await page.ClickAsync("main form button[type=submit]");
        await Assertions.Expect(page.Locator(".secret")).ToContainTextAsync("bfs_");
        await browsing.InspectAsync("service-secret");
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator(".secret")).ToHaveCountAsync(0);
        await page.GotoAsync("/services");
        await browsing.InspectAsync("services");

        await using var other = await Browsing.StartAsync(site);
        await other.SignInAsync(Site.ReferentEmail);
        await Assertions.Expect(other.Page.Locator(".tile", new() { HasText = "Agenda" }))
            .ToHaveAttributeAsync("href", "https://agenda.example.org/");
        await other.InspectAsync("accueil-tuiles");
        var refused = await other.Page.GotoAsync("/services");
        Assert.Contains("/refus", other.Page.Url, StringComparison.Ordinal);
        Assert.NotNull(refused);
    }

    [Fact]
    public async Task Who_comes_from_a_service_signs_in_and_goes_back_with_a_code()
    {
        var service = await RegisterAsync("Messagerie");
        await using var browsing = await Browsing.StartAsync(site);
        var back = new TaskCompletionSource<string>();
        await browsing.Page.RouteAsync("https://mail.example.org/**", route =>
        {
            back.TrySetResult(route.Request.Url);
            return route.FulfillAsync(new() { Body = "arrived" });
        });

        await browsing.Page.GotoAsync(AuthorizeAddress(service, "https://mail.example.org/retour")
            + $"&login_hint={Uri.EscapeDataString(Site.ReferentEmail)}&ui_locales=en");
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Sign in");
        await Assertions.Expect(browsing.Page.Locator("#email")).ToHaveValueAsync(Site.ReferentEmail);
        await browsing.Page.FillAsync("#password", Site.Password);
        await browsing.Page.PressAsync("#password", "Enter");

        var address = await back.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("code=bfc_", address, StringComparison.Ordinal);
        Assert.Contains("state=s-1", address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operator_has_a_service_told_of_accounts_and_sees_what_it_does_not_take()
    {
        var service = await RegisterAsync("Annuaire");
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        await browsing.SignInAsync(Site.OperatorEmail);
        await page.GotoAsync($"/services/{service}");
        await browsing.InspectAsync("service-comptes-aucun");
        await SetAccountsAsync("ldaps://127.0.0.1:9/dc=exemple,dc=fr", bindName: "");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nom de connexion");
        await Assertions.Expect(page.Locator("#accounts-secret")).ToHaveValueAsync("");
        await browsing.InspectAsync("service-comptes-faute");
        await SetAccountsAsync("ldaps://127.0.0.1:9/dc=exemple,dc=fr", bindName: "cn=portail,dc=exemple,dc=fr");
        await Assertions.Expect(page.GetByText("commence dans la minute")).ToBeVisibleAsync();
        await site.AdminAsync("run-provisioning"); // Nothing listens at that port.
        await page.GotoAsync($"/services/{service}");
        await Assertions.Expect(page.GetByText("127.0.0.1 cannot be reached").First).ToBeVisibleAsync();
        Assert.DoesNotContain("un secret de plus", await page.ContentAsync(), StringComparison.Ordinal);
        await browsing.InspectAsync("service-comptes-attente");

        await page.GetByRole(AriaRole.Button, new() { Name = "Réessayer maintenant" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("dans la minute");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ne plus l'informer" }).ClickAsync();
        await Assertions.Expect(page.GetByText("n'est pas informé des comptes")).ToBeVisibleAsync();
        await browsing.InspectAsync("service-comptes-arretes");

        async Task SetAccountsAsync(string address, string bindName)
        {
            if (!await page.Locator("#accounts-address").IsVisibleAsync())
                await page.GetByText("Régler les comptes de ce service").ClickAsync();
            await page.FillAsync("#accounts-address", address);
            await page.FillAsync("#accounts-name", bindName);
            await page.FillAsync("#accounts-secret", "un secret de plus");
            await page.GetByRole(AriaRole.Button, new() { Name = "Informer le service" }).ClickAsync();
        }
    }

    [Fact]
    public async Task A_wrong_return_address_and_an_unknown_service_are_pages_that_lead_nowhere_else()
    {
        var service = await RegisterAsync("Archives");
        await using var browsing = await Browsing.StartAsync(site);

        var wrong = await browsing.Page.GotoAsync(AuthorizeAddress(service, "https://evil.example/"));
        await browsing.InspectAsync("service-adresse-inconnue");
        Assert.Equal(400, wrong!.Status);
        Assert.StartsWith(site.Address.ToString(), browsing.Page.Url, StringComparison.Ordinal);
        Assert.Empty(await browsing.Page.Locator("a[href*='://evil']").AllAsync());
        var unknown = await browsing.Page.GotoAsync(AuthorizeAddress("nobody", "https://evil.example/"));
        Assert.Equal(400, unknown!.Status);
    }

    [Fact]
    public async Task Somebody_whose_member_lacks_a_service_is_told_whom_to_ask()
    {
        var service = await RegisterAsync("Urbanisme", "--member", await site.MemberAsync("21123456700017"));
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);

        var answer = await browsing.Page.GotoAsync(AuthorizeAddress(service, "https://mail.example.org/retour"));

        Assert.Equal(403, answer!.Status);
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Urbanisme");
        await browsing.InspectAsync("service-pas-pour-vous");
    }

    [Fact]
    public async Task A_link_to_signing_out_from_elsewhere_asks_first()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        await browsing.Page.GotoAsync("/oidc/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F");
        await browsing.InspectAsync("deconnexion-service");
        await browsing.Page.GotoAsync("/");
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToContainTextAsync("Bonjour");

        await browsing.Page.GotoAsync("/oidc/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F");
        await browsing.Page.Locator("main form button[type=submit]").ClickAsync();
        await browsing.Page.WaitForURLAsync(url => url.Contains("/connexion", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_is_let_in_by_its_code()
    {
        var service = await RegisterAsync("Synchronisation", "--devices", "--public");
        using var http = new HttpClient { BaseAddress = site.Address };
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = service });
        var answer = await http.PostAsync("/oidc/device", form);
        using var begun = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);

        await browsing.Page.GotoAsync("/appareil");
        await browsing.InspectAsync("appareil");
        await browsing.Page.FillAsync("#code", "BBBB-BBBB");
        await browsing.Page.PressAsync("#code", "Enter");
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await browsing.InspectAsync("appareil-inconnu");
        await browsing.Page.FillAsync("#code", begun.RootElement.GetProperty("user_code").GetString()!);
        await browsing.Page.PressAsync("#code", "Enter");
        await browsing.InspectAsync("appareil-demande");
        await browsing.Page.GetByRole(AriaRole.Button, new() { Name = "Accepter" }).ClickAsync();
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("C'est fait");
        await browsing.InspectAsync("appareil-accepte");
    }

    [Fact]
    public async Task Another_provider_has_its_button_and_its_absence_a_page()
    {
        await site.AdminAsync(
            "set-provider", "--id", "essai", "--name", "ProConnect", "--issuer", "http://127.0.0.1:9/", "--client-id",
            "x", "--secret", "y");
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.Page.GotoAsync("/connexion");
        await browsing.InspectAsync("connexion-fournisseur");

        await browsing.Page.GetByRole(AriaRole.Link, new() { Name = "S'identifier avec ProConnect" }).ClickAsync();

        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("ne répond pas");
        await browsing.InspectAsync("connexion-fournisseur-absent");
        await site.AdminAsync("set-provider", "--id", "essai", "--off");
    }

    private async Task<string> RegisterAsync(string name, params string[] options)
    {
        var answer = await site.AdminAsync(
            ["register-service", "--name", name, "--address", "https://mail.example.org/", "--redirect",
                "https://mail.example.org/retour", .. options]);
        return answer.GetProperty("clientId").GetString()!; // Always there, see AdminJson.
    }

    private static string AuthorizeAddress(string service, string back)
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
        return $"/oidc/authorize?client_id={service}&redirect_uri={Uri.EscapeDataString(back)}&response_type=code"
            + $"&scope=openid&state=s-1&code_challenge={challenge}&code_challenge_method=S256";
    }

    // One red point.
    private const string Png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
}

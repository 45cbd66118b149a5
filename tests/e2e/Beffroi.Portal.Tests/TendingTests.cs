using Beffroi.Protocol;
using Beffroi.Testing;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>What somebody decides about a computer: folders outside of its plan, a copy of its disk, and a note that
/// is taken back.</summary>
public sealed class TendingTests(TendedSite site) : IClassFixture<TendedSite>
{
    [Fact]
    public async Task A_referent_backs_one_folder_up_and_leaves_another_out()
    {
        using var computer = await site.EnrolAsync("comptabilite");
        await computer.CheckInAsync(request => request with { Uncovered = TendedSite.Found });
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        await browsing.SignInAsync(Site.ReferentEmail);
        await page.GotoAsync($"/postes/{computer.Device}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Adopter le plan conseillé" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "/srv/compta" }).ClickAsync();
        await Expect(browsing, "Faut-il sauvegarder ce dossier ?");
        await browsing.InspectAsync("hors-perimetre");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ajouter à ce qui est sauvegardé" }).ClickAsync();
        await Says(page, "Le dossier est ajouté au plan.");
        await Assertions.Expect(page.Locator("dl.facts dd").First).ToContainTextAsync("/srv/compta");

        await page.GetByRole(AriaRole.Link, new() { Name = "Vidéos" }).ClickAsync();
        await page.GetByLabel("Pourquoi ?").FillAsync("Films du conseil, gardés ailleurs.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Laisser de côté" }).ClickAsync();
        await Says(page, "C'est noté : ce dossier reste de côté.");

        await page.GetByRole(AriaRole.Link, new() { Name = "/var/lib/mysql" }).ClickAsync();
        await Expect(browsing, "Faut-il sauvegarder cette base ?");
        await browsing.InspectAsync("hors-perimetre-base");
        await page.GotoAsync($"/postes/{computer.Device}#hors-perimetre");
        await Assertions.Expect(page.GetByText("Laissé de côté par Jeanne Morel", new() { Exact = false }))
            .ToBeVisibleAsync();
        await browsing.InspectAsync("poste-hors-perimetre");
        await page.GotoAsync($"/postes/{computer.Device}/hors-perimetre?chemin=%2Fsrv%2Fcompta");
        await Assertions.Expect(page.Locator(".empty-state")).ToContainTextAsync("Rien à décider");
        await browsing.InspectAsync("hors-perimetre-rien");
    }

    [Fact]
    public async Task A_note_says_why_or_is_not_taken()
    {
        using var computer = await site.EnrolAsync("etat-civil");
        await computer.CheckInAsync(request => request with { Uncovered = TendedSite.Found });
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);

        await browsing.Page.GotoAsync($"/postes/{computer.Device}/hors-perimetre?chemin=%2Fsrv%2Fcompta");
        await browsing.Page.GetByLabel("Pourquoi ?").FillAsync("   ");
        await browsing.Page.GetByRole(AriaRole.Button, new() { Name = "Laisser de côté" }).ClickAsync();
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Dites pourquoi");
        await browsing.Page.GetByRole(AriaRole.Button, new() { Name = "Ajouter à ce qui" }).ClickAsync();

        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("pas encore de plan");
    }

    [Fact]
    public async Task The_operator_goes_from_the_board_to_the_copy_and_closes_the_alert()
    {
        using var computer = await site.EnrolAsync("urbanisme");
        await computer.CheckInAsync();
        await computer.CheckInAsync(request => request with { Start = Guid.NewGuid(), HostName = "urbanisme-copie" });
        await computer.CheckInAsync();
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        await browsing.SignInAsync(Site.OperatorEmail);

        await page.GotoAsync("/veille?q=urbanisme");
        await browsing.InspectAsync("veille-copie");
        await page.GetByRole(AriaRole.Link, new() { Name = "Régler (urbanisme)" }).ClickAsync();
        await Expect(browsing, "Deux ordinateurs se présentent comme urbanisme");
        await Assertions.Expect(page.Locator("main table")).ToContainTextAsync("urbanisme-copie");
        await browsing.InspectAsync("doublon");
        await page.GetByRole(AriaRole.Button, new() { Name = "Oui, clore l'alerte" }).ClickAsync();
        await Says(page, "L'alerte est close.");

        await page.GotoAsync($"/postes/{computer.Device}/doublon");
        await Expect(browsing, "Un seul ordinateur se présente comme urbanisme");
        await browsing.InspectAsync("doublon-rien");
        await page.GotoAsync("/journal");
        await Assertions.Expect(page.GetByText("Doublon d'un poste réglé").Last).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_note_on_what_may_wait_is_taken_back()
    {
        using var computer = await site.EnrolAsync("cantine");
        await computer.CheckInAsync(request => request with { Uncovered = TendedSite.Found });
        await using var browsing = await Browsing.StartAsync(site);
        var page = browsing.Page;
        await browsing.SignInAsync(Site.OperatorEmail);

        await page.GotoAsync("/veille?q=cantine");
        await page.GetByRole(AriaRole.Link, new() { Name = "Noter cantine" }).ClickAsync();
        await page.GetByLabel("Pourquoi, et qui s'en occupe ?").FillAsync("Le référent décide lundi");
        await page.GetByRole(AriaRole.Button, new() { Name = "Noter", Exact = true }).ClickAsync();
        await Says(page, "C'est noté");
        await browsing.InspectAsync("poste-peut-attendre");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reprendre ce point" }).ClickAsync();

        await Says(page, "C'est repris");
        await Assertions.Expect(page.GetByText("Le référent décide lundi")).ToHaveCountAsync(0);
        await page.GotoAsync("/veille?q=cantine");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Décider (cantine)" })).ToBeVisibleAsync();
    }

    private static Task Expect(Browsing browsing, string heading) => Assertions
        .Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(heading);

    private static Task Says(IPage page, string words) =>
        Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync(words);
}

/// <summary>A site whose computers have something to decide about.</summary>
public sealed class TendedSite : Site
{
    internal static readonly UncoveredMessage[] Found =
    [
        new("/srv/partages/Vidéos du conseil", "folder", Files: 214, Bytes: 38_400_000_000),
        new("/srv/compta", "folder", Files: 5_120, Bytes: 2_300_000_000),
        new("/var/lib/mysql", "database", Files: 96, Bytes: 410_000_000),
    ];

    private HttpClient? _http;

    /// <summary>A computer of Arvigny whose daemon can speak.</summary>
    internal async Task<TestAgent> EnrolAsync(string name)
    {
        _http ??= new HttpClient { BaseAddress = Address };
        var issued = await AdminAsync("enrolment-token", "--member", await MemberAsync(ArvignySiret));
        var agent = new TestAgent(_http) { Clock = TimeProvider.System.GetUtcNow() };
        using var answer = await agent.TryEnrolAsync(issued.GetProperty("token").GetString()!, name); // Always there.
        agent.Identity = await TestAgent.ReadAsync(answer, ProtocolJson.Default.EnrolmentAnswer);
        await agent.OpenSessionAsync("plan");
        return agent;
    }

    internal override void Forget() => _http?.Dispose();
}

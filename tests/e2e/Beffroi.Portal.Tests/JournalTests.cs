using System.Reflection;
using System.Text.Json;
using Beffroi.Fleet.Watch;
using Beffroi.Identity.Journal;
using Beffroi.Portal.Journal;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>Who did what: on the page, and taken out as a file.</summary>
public sealed class JournalTests(Site site)
{
    [Fact]
    public async Task A_referent_filters_their_own_members_journal_and_takes_it_out()
    {
        await site.AddPersonAsync("paul.gros@beaulieu.example", "Paul Gros", "referent", Site.BeaulieuSiret);
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        var page = browsing.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Journal" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Connexion" }).First)
            .ToContainTextAsync("Jeanne Morel");
        await browsing.InspectAsync("journal");

        await page.SelectOptionAsync("#act", Acts.PersonAdded);
        await page.FillAsync("#person", Site.ReferentEmail);
        await page.GetByRole(AriaRole.Button, new() { Name = "Filtrer" }).ClickAsync();
        Assert.Contains("acte=person-added", page.Url, StringComparison.Ordinal);
        await Assertions.Expect(page.GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        await Assertions.Expect(page.GetByRole(AriaRole.Row).Nth(1)).ToContainTextAsync("Compte créé");

        await page.GotoAsync("/journal?personne=paul.gros@beaulieu.example");
        await Assertions.Expect(page.GetByText("Aucun compte que vous voyez n'a l'adresse")).ToBeVisibleAsync();
        await browsing.InspectAsync("journal-vide");

        var member = await site.MemberAsync(Site.ArvignySiret);
        var other = await site.MemberAsync(Site.BeaulieuSiret);
        var lines = await TakeAsync(page, "/journal/export.jsonl");
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Equal(
            member, JsonDocument.Parse(line).RootElement.GetProperty("member").GetString()));
        Assert.Empty(await TakeAsync(page, $"/journal/export.jsonl?collectivite={other}"));
        var table = await TakeAsync(page, "/journal/export.csv?acte=person-added");
        Assert.StartsWith("\ufeffnuméro;date;qui;", table[0], StringComparison.Ordinal);
        Assert.Contains(table, line => line.Contains("Jeanne Morel", StringComparison.Ordinal));
        Assert.DoesNotContain(table, line => line.Contains("Paul Gros", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_operator_sees_whether_the_journal_is_sound_and_pages_by_number()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        await page.GotoAsync("/journal");
        await page.GetByRole(AriaRole.Button, new() { Name = "Vérifier maintenant" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Journal intact")).ToBeVisibleAsync();
        await browsing.InspectAsync("journal-operateur");
        await page.GotoAsync("/journal?avant=3");
        await Assertions.Expect(page.GetByRole(AriaRole.Row)).ToHaveCountAsync(3);
        await page.GetByRole(AriaRole.Link, new() { Name = "Plus récents" }).ClickAsync();
        Assert.Contains("apres=2", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { Name = "Plus anciens" }).ClickAsync();
        Assert.Contains("avant=", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_act_has_words()
    {
        var acts = typeof(Acts).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetValue(null)!);
        Assert.Empty(acts.Except(ActWords.All.Keys));
        Assert.Empty(Enum.GetNames<WatchReason>().Except(ActWords.Values.Keys));
    }

    private static async Task<string[]> TakeAsync(IPage page, string path)
    {
        var answer = await page.APIRequest.GetAsync(path);
        Assert.Equal(200, answer.Status);
        Assert.Contains("attachment", answer.Headers["content-disposition"], StringComparison.Ordinal);
        return (await answer.TextAsync()).Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }
}

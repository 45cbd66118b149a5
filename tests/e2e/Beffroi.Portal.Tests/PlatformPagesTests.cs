using Beffroi.Fleet.Checks;
using Beffroi.Fleet.Stock;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;
using Beffroi.Portal.Platform;
using Microsoft.Playwright;

namespace Beffroi.Portal.Tests;

/// <summary>Is the house sound? What the page shows, who sees it, and what it worries about.</summary>
public sealed class PlatformPagesTests(Site site)
{
    private static readonly DateTimeOffset Now = new(2026, 3, 31, 8, 0, 0, TimeSpan.Zero);

    private static readonly HouseView Sound = new(
        new HouseFacts(
            "1.0", Now, new DatabaseFacts(true, TimeSpan.FromMilliseconds(1), 1, "15.4", true),
            [new StoreFacts(StoreUse.Blobs, "blobs", true, null, 900, 1000)],
            new CertificateFacts("CN=x", Now.AddDays(90), false)),
        new StockView(1, 100, 500, 0, [], [], 0), Forecast: null,
        new CheckNote(Now.AddDays(-1), true, true, 0, 1, 100), new JournalVerdict(Now, null),
        new MailQueueState(true, 0, 0, null, null));

    [Fact]
    public async Task The_operator_sees_stores_mails_checks_and_versions()
    {
        await site.AdminAsync("check");
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.OperatorEmail);
        var page = browsing.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Plateforme" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Aucun dommage")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("PostgreSQL ")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Répond").First).ToBeVisibleAsync();
        await browsing.InspectAsync("plateforme");
    }

    [Fact]
    public async Task Nobody_else_sees_the_platform()
    {
        await using var browsing = await Browsing.StartAsync(site);
        await browsing.SignInAsync(Site.ReferentEmail);
        await browsing.Page.GotoAsync("/plateforme");
        await Assertions.Expect(browsing.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Vous n'avez pas accès à cette page");
    }

    [Fact]
    public void A_sound_house_worries_nobody_even_if_more_is_promised_than_is_free()
    {
        var promised = Sound with { Stock = Sound.Stock with { PromisedBytes = 1001 } };

        Assert.Empty(HouseConcern.Of(Sound, Now));
        Assert.Empty(HouseConcern.Of(promised, Now));
        Assert.Equal((false, true), (Sound.IsPromisedTooMuch, promised.IsPromisedTooMuch));
    }

    [Fact]
    public void Each_fault_is_noticed_and_the_urgent_ones_come_first()
    {
        var facts = Sound.Facts;
        (HouseView House, HouseConcernKind Kind, bool IsUrgent)[] faults =
        [
            (With(facts with { Database = facts.Database with { Answers = false } }),
                HouseConcernKind.DatabaseSilent, true),
            (With(facts with { Stores = [facts.Stores[0] with { Answers = false }] }),
                HouseConcernKind.StoreSilent, true),
            (With(facts with { Stores = [new StoreFacts(StoreUse.Documents, "d", true, null, 99, 1000)] }),
                HouseConcernKind.StoreNearlyFull, false),
            (With(facts with { Certificate = new CertificateFacts("CN=x", Now.AddDays(29), false) }),
                HouseConcernKind.CertificateEnding, false),
            (With(facts with { Certificate = new CertificateFacts("CN=x", Now.AddDays(6), false) }),
                HouseConcernKind.CertificateEnding, true),
            (Sound with { Stock = Sound.Stock with { DamagedPacks = 1 } }, HouseConcernKind.PacksDamaged, true),
            (Sound with { Forecast = Until(60) }, HouseConcernKind.FullSoon, false),
            (Sound with { Forecast = Until(14) }, HouseConcernKind.FullSoon, true),
            (Sound with { Check = Sound.Check! with { IsSound = false } }, HouseConcernKind.CheckFoundDamage, true),
            (Sound with { Check = Sound.Check! with { At = Now.AddDays(-36) } }, HouseConcernKind.CheckOverdue, false),
            (Sound with { Check = null }, HouseConcernKind.NeverChecked, false),
            (Sound with { Journal = new JournalVerdict(Now, 7) }, HouseConcernKind.JournalBroken, true),
            (Sound with { Mails = Sound.Mails with { GivenUp = 1 } }, HouseConcernKind.MailsGivenUp, false),
            (Sound with { Mails = Sound.Mails with { IsSending = false } }, HouseConcernKind.NoMailServer, false),
            (Sound with { Mails = Sound.Mails with { Waiting = 1, OldestWaiting = Now.AddHours(-2) } },
                HouseConcernKind.MailsLate, true),
        ];
        foreach (var (house, kind, isUrgent) in faults)
            Assert.Equal([new HouseConcern(kind, isUrgent)], HouseConcern.Of(house, Now));
        Assert.Empty(HouseConcern.Of(Sound with { Forecast = Until(61) }, Now));
        Assert.Equal(
            [HouseConcernKind.PacksDamaged, HouseConcernKind.NeverChecked],
            HouseConcern.Of(
                Sound with { Check = null, Stock = Sound.Stock with { DamagedPacks = 1 } }, Now)
                .Select(concern => concern.Kind));
    }

    private static HouseView With(HouseFacts facts) => Sound with { Facts = facts };

    private static CapacityForecast Until(int days) => new(
        new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 30), 10, new DateOnly(2026, 3, 31).AddDays(days));
}

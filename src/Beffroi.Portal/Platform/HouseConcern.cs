using Beffroi.Fleet.Checks;
using Beffroi.Fleet.Stock;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Mail;

namespace Beffroi.Portal.Platform;

/// <summary>What is not well in the house.</summary>
internal enum HouseConcernKind
{
    StoreSilent,
    StoreNearlyFull,
    DatabaseSilent,
    FullSoon,
    PacksDamaged,
    CheckFoundDamage,
    CheckOverdue,
    NeverChecked,
    JournalBroken,
    MailsGivenUp,
    MailsLate,
    NoMailServer,
    CertificateEnding,
}

/// <summary>A point that somebody should look at.</summary>
/// <param name="IsUrgent">Today, rather than this week.</param>
internal sealed record HouseConcern(HouseConcernKind Kind, bool IsUrgent)
{
    internal const int CheckDaysMax = 35; // A check a month, and some days of grace.
    private const int FullDaysUrgent = 14;
    private const int FullDaysMax = 60; // Ordering and fitting disks takes two months in a public body.
    private const int CertificateDaysUrgent = 7;
    private const int CertificateDaysMax = 30;
    private const double FreeShareMin = 0.10;
    private static readonly TimeSpan MailWaitMax = TimeSpan.FromHours(1);

    /// <summary>All that is not well, the urgent points first.</summary>
    internal static IReadOnlyList<HouseConcern> Of(HouseView house, DateTimeOffset now) =>
        [.. All(house, now).OrderByDescending(concern => concern.IsUrgent)];

    private static IEnumerable<HouseConcern> All(HouseView house, DateTimeOffset now) =>
        OfStores(house.Facts).Concat(OfStock(house, now)).Concat(OfChecks(house, now)).Concat(OfMails(house.Mails, now))
            .Concat(OfCertificate(house.Facts.Certificate, now));

    private static IEnumerable<HouseConcern> OfStores(HouseFacts facts)
    {
        if (!facts.Database.Answers) yield return new(HouseConcernKind.DatabaseSilent, true);
        if (facts.Stores.Any(store => !store.Answers)) yield return new(HouseConcernKind.StoreSilent, true);
        if (facts.Stores.Any(store => store.FreeBytes < FreeShareMin * store.TotalBytes))
            yield return new(HouseConcernKind.StoreNearlyFull, facts.Stores.Any(store => store.FreeBytes <= 0));
    }

    private static IEnumerable<HouseConcern> OfStock(HouseView house, DateTimeOffset now)
    {
        var today = Texts.Words.DayOf(now);
        if (house.Forecast?.FullOn is { } full && full <= today.AddDays(FullDaysMax))
            yield return new(HouseConcernKind.FullSoon, full <= today.AddDays(FullDaysUrgent));
        if (house.Stock.DamagedPacks > 0) yield return new(HouseConcernKind.PacksDamaged, true);
    }

    private static IEnumerable<HouseConcern> OfChecks(HouseView house, DateTimeOffset now)
    {
        if (house.Check is { IsSound: false }) yield return new(HouseConcernKind.CheckFoundDamage, true);
        if (house.Check is { } check && check.At < now.AddDays(-CheckDaysMax))
            yield return new(HouseConcernKind.CheckOverdue, false);
        if (house.Check is null && house.Stock.StoredBytes > 0) yield return new(HouseConcernKind.NeverChecked, false);
        if (house.Journal?.Broken is not null) yield return new(HouseConcernKind.JournalBroken, true);
    }

    private static IEnumerable<HouseConcern> OfMails(MailQueueState mails, DateTimeOffset now)
    {
        if (mails.GivenUp > 0) yield return new(HouseConcernKind.MailsGivenUp, false);
        if (!mails.IsSending) yield return new(HouseConcernKind.NoMailServer, mails.Waiting > 0);
        else if (mails.OldestWaiting < now - MailWaitMax) yield return new(HouseConcernKind.MailsLate, true);
    }

    private static IEnumerable<HouseConcern> OfCertificate(CertificateFacts? certificate, DateTimeOffset now)
    {
        if (certificate is not null && certificate.Until < now.AddDays(CertificateDaysMax))
        {
            yield return new(
                HouseConcernKind.CertificateEnding, certificate.Until < now.AddDays(CertificateDaysUrgent));
        }
    }
}

/// <summary>All that the page of the platform shows, and goes by.</summary>
public sealed record HouseView(
    HouseFacts Facts, StockView Stock, CapacityForecast? Forecast, CheckNote? Check, JournalVerdict? Journal,
    MailQueueState Mails)
{
    /// <summary>Room for backups; none where the store does not say.</summary>
    internal long? BlobsFree => Facts.Stores.FirstOrDefault(store => store.Use == StoreUse.Blobs)?.FreeBytes;

    /// <summary>Whether all quotas together could not be filled: usual, since few are, and worth knowing.</summary>
    internal bool IsPromisedTooMuch => Stock.PromisedBytes - Stock.StoredBytes > BlobsFree;
}

using System.Globalization;
using Beffroi.Identity.Access;
using Beffroi.Portal.Settings;

namespace Beffroi.Server.Configuration;

/// <summary>The configuration in force, for the page of settings: no secret leaves.</summary>
internal sealed class SettingSheet(ServerOptions options) : ISettingSheet
{
    private const string Set = "***";
    private static readonly IntakeSettings Usual = new();

    /// <inheritdoc/>
    public IReadOnlyList<SettingLine> List(Caller caller)
    {
        caller.Demand(Permission.ManagePlatform);
        return
        [
            .. OfServer(), .. OfIntake(options.Intake), .. OfPortal(options.Portal), .. OfMail(options.Smtp),
            new("Postgres:BinFolder", options.Postgres.BinFolder, null),
            new("Postgres:User", options.Postgres.User, null),
        ];
    }

    private IEnumerable<SettingLine> OfServer() =>
    [
        new("Data", options.Data, DataFolder.Default),
        new("Urls", options.Urls, "http://127.0.0.1:8080"),
        Secret("ConnectionString", options.ConnectionString),
        new("BehindProxy", Text(options.BehindProxy), Text(false)),
        new("KnownProxies", Text(options.KnownProxies), null),
        new("PublicHostNames", Text(options.PublicHostNames), null),
        new("Certificate:Path", options.Certificate.Path, null),
        new("Certificate:KeyPath", options.Certificate.KeyPath, null),
        Secret("Certificate:Password", options.Certificate.Password),
        .. OfObjectStore(options.ObjectStore),
        new("BlobReserveMegabytes", Text(options.BlobReserveMegabytes), Text(1000)),
        new("QuotaGigabytesByLevel", string.Join(", ", options.QuotaGigabytesByLevel.OrderBy(level => level.Key)
            .Select(level => $"{level.Key} : {Text(level.Value)}")), "1 : 15, 2 : 25, 3 : 40"),
        new("EnrolmentTokenDays", Text(options.EnrolmentTokenDays), Text(7)),
        new("InstallerFolder", options.InstallerFolder, new DataFolder(options.Data).Installers),
        Secret("MetricsToken", options.MetricsToken),
    ];

    private static IEnumerable<SettingLine> OfObjectStore(ObjectStoreOptions store) =>
    [
        new("ObjectStore:Endpoint", store.Endpoint, null),
        new("ObjectStore:Bucket", store.Bucket, null),
        Secret("ObjectStore:AccessKey", store.AccessKey),
        Secret("ObjectStore:SecretKey", store.SecretKey),
        new("ObjectStore:Prefix", store.Prefix.Length == 0 ? null : store.Prefix, null),
        new("ObjectStore:Region", store.Region, new ObjectStoreOptions().Region),
    ];

    private static IEnumerable<SettingLine> OfIntake(IntakeSettings now) => new (string Name, long Value, long Usual)[]
    {
        (nameof(now.UploadDiskMebibytes), now.UploadDiskMebibytes, Usual.UploadDiskMebibytes),
        (nameof(now.UploadMemoryMebibytes), now.UploadMemoryMebibytes, Usual.UploadMemoryMebibytes),
        (nameof(now.UploadWaitSeconds), now.UploadWaitSeconds, Usual.UploadWaitSeconds),
        (nameof(now.ReadMemoryMebibytes), now.ReadMemoryMebibytes, Usual.ReadMemoryMebibytes),
        (nameof(now.SessionMinutes), now.SessionMinutes, Usual.SessionMinutes),
        (nameof(now.FailuresPerAddressMax), now.FailuresPerAddressMax, Usual.FailuresPerAddressMax),
        (nameof(now.FailureWindowMinutes), now.FailureWindowMinutes, Usual.FailureWindowMinutes),
        (nameof(now.HaveQuestionsPerMinuteMax), now.HaveQuestionsPerMinuteMax, Usual.HaveQuestionsPerMinuteMax),
        (nameof(now.PlanMessagesPerMinuteMax), now.PlanMessagesPerMinuteMax, Usual.PlanMessagesPerMinuteMax),
        (nameof(now.CheckInSeconds), now.CheckInSeconds, Usual.CheckInSeconds),
        (nameof(now.RootKeysPerHourMax), now.RootKeysPerHourMax, Usual.RootKeysPerHourMax),
    }
    .Select(each => new SettingLine($"Intake:{each.Name}", Text(each.Value), Text(each.Usual)))
    .Append(new(
        $"Intake:{nameof(now.RestoreNeedsApproval)}", Text(now.RestoreNeedsApproval),
        Text(Usual.RestoreNeedsApproval)));

    private IEnumerable<SettingLine> OfPortal(PortalSettings portal)
    {
        var usual = new PortalSettings();
        return
        [
            new("Portal:PublicUrl", portal.PublicUrl, options.Urls.Split(';')[0]),
            new("Portal:SessionHours", Text(portal.SessionHours), Text(usual.SessionHours)),
            new("Portal:IdleMinutes", Text(portal.IdleMinutes), Text(usual.IdleMinutes)),
            new("Portal:DigestHour", Text(portal.DigestHour), Text(usual.DigestHour)),
            new("Portal:SupportPhone", portal.SupportPhone, null),
            new("Portal:SupportMail", portal.SupportMail, null),
        ];
    }

    private static IEnumerable<SettingLine> OfMail(SmtpSettings smtp)
    {
        var usual = new SmtpSettings();
        return
        [
            new("Smtp:Host", smtp.Host, null),
            new("Smtp:Port", Text(smtp.Port), Text(usual.Port)),
            new("Smtp:User", smtp.User, null),
            Secret("Smtp:Password", smtp.Password),
            new("Smtp:From", smtp.From, null),
            new("Smtp:StartTls", Text(smtp.StartTls), Text(usual.StartTls)),
        ];
    }

    private static SettingLine Secret(string name, string? value) =>
        new(name, string.IsNullOrEmpty(value) ? null : Set, null, IsSecret: true);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(bool flag) => flag ? "true" : "false";

    private static string? Text(string[] texts) => texts.Length == 0 ? null : string.Join(", ", texts);
}

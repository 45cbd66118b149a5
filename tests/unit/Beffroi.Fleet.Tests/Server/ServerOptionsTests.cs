using Beffroi.Intake;
using Beffroi.Server.Configuration;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Server;

public sealed class ServerOptionsTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:8080;https://*:8443")]
    [InlineData("http://[::1]:0")]
    [InlineData("https://192.0.2.1:443")]
    public void A_safe_address_is_accepted(string urls)
    {
        ServerOptionsCheck.Demand(Options(urls));
    }

    [Theory]
    [InlineData("", "no address")]
    [InlineData("http://*:8080", "clear text")]
    [InlineData("http://0.0.0.0:8080", "clear text")]
    [InlineData("http://192.0.2.1:80", "clear text")]
    [InlineData("https://[::]:8443;http://[::]:8080", "clear text")]
    [InlineData("ftp://127.0.0.1:21", "is not http://")]
    [InlineData("127.0.0.1:8080", "is not http://")]
    [InlineData("http://backup.example.org:8080", "is not http://")]
    [InlineData("http://127.0.0.1:8080/path", "is not http://")]
    public void Another_address_is_refused(string urls, string reason)
    {
        var refused = Assert.Throws<VaultException>(() => ServerOptionsCheck.Demand(Options(urls)));
        Assert.Equal(ErrorCode.UsageInvalid, refused.Code);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_proxy_plain_http_is_allowed_everywhere()
    {
        var options = Options("http://*:8080");
        options.BehindProxy = true;
        ServerOptionsCheck.Demand(options);
        Assert.Null(Assert.Single(ListenAddress.Of(options)).Address);
    }

    [Fact]
    public void Every_problem_is_named_at_once()
    {
        var options = Options("http://*:1");
        options.KnownProxies = ["proxy"];
        options.EnrolmentTokenDays = 0;
        options.QuotaGigabytesByLevel.Remove("2");
        options.Certificate.KeyPath = "key.pem";
        options.MetricsToken = "short";
        options.BlobReserveMegabytes = -1;
        options.Intake = new IntakeSettings
        {
            UploadMemoryMebibytes = 31,
            UploadDiskMebibytes = 31,
            ReadMemoryMebibytes = 31,
            UploadWaitSeconds = 0,
            SessionMinutes = 1441,
            FailuresPerAddressMax = 0,
            FailureWindowMinutes = -1,
            HaveQuestionsPerMinuteMax = 9,
            PlanMessagesPerMinuteMax = 29,
            CheckInSeconds = 4,
            RootKeysPerHourMax = long.MaxValue,
        };
        options.ObjectStore = new ObjectStoreOptions { Endpoint = "s3", Prefix = "x" };

        var refused = Assert.Throws<VaultException>(() => ServerOptionsCheck.Demand(options));

        foreach (var key in new[]
        {
            "Urls", "KnownProxies", "EnrolmentTokenDays", "level 2", "Certificate", "MetricsToken",
            "BlobReserveMegabytes", "Endpoint 's3'", "SecretKey", "Prefix",
            "Intake:UploadMemoryMebibytes: 31 is not from 32 to 65536", "Intake:UploadWaitSeconds",
            "Intake:UploadDiskMebibytes", "Intake:ReadMemoryMebibytes",
            "Intake:SessionMinutes", "Intake:FailuresPerAddressMax", "Intake:FailureWindowMinutes: -1",
            "Intake:HaveQuestionsPerMinuteMax", "Intake:RootKeysPerHourMax",
            "Intake:PlanMessagesPerMinuteMax", "Intake:CheckInSeconds",
        })
        {
            Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_shipped_settings_are_valid_and_give_the_quotas_of_the_levels()
    {
        var (_, options) = ServerConfiguration.Load("/tmp/none", urls: null);

        ServerOptionsCheck.Demand(options);
        Assert.Equal([15, 25, 40], ServerOptionsCheck.Levels.Select(level => options.QuotaGigabytesByLevel[level]));
        Assert.Equal("/tmp/none", options.Data);
        Assert.Equal(7, options.EnrolmentTokenDays);
    }

    [Fact]
    public void The_flag_wins_over_the_data_folders_settings_and_those_over_the_programs()
    {
        var folder = Directory.CreateTempSubdirectory("beffroi-");
        File.WriteAllText(
            new DataFolder(folder.FullName).Settings,
            """{ "Beffroi": { "Urls": "http://127.0.0.1:1", "EnrolmentTokenDays": 3 } }""");

        var (_, options) = ServerConfiguration.Load(folder.FullName, "http://127.0.0.1:2");

        Assert.Equal("http://127.0.0.1:2", options.Urls);
        Assert.Equal(3, options.EnrolmentTokenDays);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void The_bounds_of_the_intake_come_from_the_configuration_and_are_the_usual_ones_without()
    {
        var usual = new IntakeOptions();
        Assert.Equivalent(usual, ServerConfiguration.Load("/tmp/none", urls: null).Options.Intake.ToOptions());

        var set = Load("""
            "UploadMemoryMebibytes": 64, "UploadWaitSeconds": 5, "SessionMinutes": 15, "FailuresPerAddressMax": 3,
            "UploadDiskMebibytes": 100, "ReadMemoryMebibytes": 200,
            "FailureWindowMinutes": 20, "HaveQuestionsPerMinuteMax": 100, "RootKeysPerHourMax": 2,
            "PlanMessagesPerMinuteMax": 300, "CheckInSeconds": 10,
            "RestoreNeedsApproval": true
            """).Intake.ToOptions();

        Assert.Equivalent(
            new IntakeOptions
            {
                UploadBytesMax = 64 << 20,
                UploadDiskBytesMax = 100 << 20,
                ReadBytesMax = 200 << 20,
                UploadWait = TimeSpan.FromSeconds(5),
                SessionLifetime = TimeSpan.FromMinutes(15),
                FailuresPerAddressMax = 3,
                FailureWindow = TimeSpan.FromMinutes(20),
                HaveQuestionsPerMinuteMax = 100,
                PlanMessagesPerMinuteMax = 300,
                CheckInPeriod = TimeSpan.FromSeconds(10),
                RootKeysPerHourMax = 2,
                IsRestoreApprovalRequired = true,
            },
            set);
    }

    [Theory]
    [InlineData("\"RootKeyPerHourMax\": 2", "RootKeyPerHourMax")]
    [InlineData("\"SessionMinutes\": \"an hour\"", "an hour")]
    public void A_misspelt_key_and_a_value_of_another_kind_are_named(string setting, string named)
    {
        var refused = Assert.Throws<VaultException>(() => Load(setting));

        Assert.Equal(ErrorCode.UsageInvalid, refused.Code);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    private static ServerOptions Load(string intake)
    {
        var folder = Directory.CreateTempSubdirectory("beffroi-");
        try
        {
            File.WriteAllText(
                new DataFolder(folder.FullName).Settings, $$"""{ "Beffroi": { "Intake": { {{intake}} } } }""");
            return ServerConfiguration.Load(folder.FullName, urls: null).Options;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ServerOptions Options(string urls) => new()
    {
        Urls = urls,
        EnrolmentTokenDays = 7,
        QuotaGigabytesByLevel = new() { ["1"] = 15, ["2"] = 25, ["3"] = 40 },
    };
}

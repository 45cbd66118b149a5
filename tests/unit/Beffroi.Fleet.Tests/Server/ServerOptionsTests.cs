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
        options.ObjectStore = new ObjectStoreOptions { Endpoint = "s3", Prefix = "x" };

        var refused = Assert.Throws<VaultException>(() => ServerOptionsCheck.Demand(options));

        foreach (var key in new[]
        {
            "Urls", "KnownProxies", "EnrolmentTokenDays", "level 2", "Certificate", "MetricsToken",
            "BlobReserveMegabytes", "Endpoint 's3'", "SecretKey", "Prefix",
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

    private static ServerOptions Options(string urls) => new()
    {
        Urls = urls,
        EnrolmentTokenDays = 7,
        QuotaGigabytesByLevel = new() { ["1"] = 15, ["2"] = 25, ["3"] = 40 },
    };
}

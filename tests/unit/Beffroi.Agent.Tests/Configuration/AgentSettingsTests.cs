using Beffroi.Agent.Configuration;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Configuration;

public sealed class AgentSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AgentHome _home;

    public AgentSettingsTests() => _home = new AgentHome(_folder.FullPath, _folder.File("state"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_file_and_in_an_empty_one_the_defaults_hold()
    {
        AssertDefaults(AgentSettings.Load(_home));
        AssertDefaults(Load("{ }"));
        AssertDefaults(Load("null"));
    }

    [Fact]
    public void What_is_set_is_read_comments_and_all()
    {
        var settings = Load("""
            {
              // The line is shared with the school.
              "uploadMegabitsPerSecondMax": 12.5,
              "exclusions": ["*.tmp", "node_modules/"],
              "paths": ["/srv/mairie"],
              "proxy": "http://proxy.mairie.example:3128",
            }
            """);
        Assert.Equal(1_562_500, settings.UploadBytesPerSecondMax);
        Assert.Equal(["*.tmp", "node_modules/"], settings.Exclusions);
        Assert.Equal(["/srv/mairie"], settings.Paths);
        Assert.Equal(new Uri("http://proxy.mairie.example:3128"), settings.Proxy);
    }

    [Fact]
    public void A_byte_order_mark_is_no_fault()
    {
        File.WriteAllBytes(_home.SettingsFile, [0xEF, 0xBB, 0xBF, .. """{ "exclusions": ["a"] }"""u8]);
        Assert.Equal(["a"], AgentSettings.Load(_home).Exclusions);
    }

    [Theory]
    [InlineData("""{ "uploadMegabitsPerSecondMax": 0 }""", "uploadMegabitsPerSecondMax")]
    [InlineData("""{ "uploadMegabitsPerSecondMax": -3 }""", "uploadMegabitsPerSecondMax")]
    [InlineData("""{ "uploadMegabitsPerSecondMax": 1e9 }""", "uploadMegabitsPerSecondMax")]
    [InlineData("""{ "uploadMegabitsPerSecondMax": "fast" }""", "uploadMegabitsPerSecondMax")]
    [InlineData("""{ "uploadLimit": 3 }""", "uploadLimit")]
    [InlineData("""{ "exclusions": [" "] }""", "exclusions")]
    [InlineData("""{ "exclusions": [null] }""", "exclusions")]
    [InlineData("""{ "exclusions": ["a\u0000b"] }""", "exclusions")]
    [InlineData("""{ "exclusions": "*.tmp" }""", "exclusions")]
    [InlineData("""{ "paths": ["mairie"] }""", "mairie")]
    [InlineData("""{ "proxy": "proxy:3128" }""", "proxy")]
    [InlineData("""{ "proxy": "ftp://proxy/" }""", "proxy")]
    [InlineData("""{ "proxy": "" }""", "proxy")]
    [InlineData("""{ "exclusions": ["a" """, "")]
    [InlineData("", "")]
    public void A_wrong_setting_is_named(string json, string named)
    {
        var failure = Assert.Throws<VaultException>(() => Load(json));
        Assert.Equal(ErrorCode.ConfigurationDamaged, failure.Code);
        Assert.Contains(_home.SettingsFile, failure.Message, StringComparison.Ordinal);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_wrong_is_told_at_once()
    {
        var failure = Assert.Throws<VaultException>(() =>
            Load("""{ "paths": ["a"], "proxy": "b", "uploadMegabitsPerSecondMax": 0 }"""));
        foreach (var name in (string[])["paths", "proxy", "uploadMegabitsPerSecondMax"])
            Assert.Contains($"'{name}'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_are_bounded()
    {
        var many = string.Join(',', Enumerable.Repeat("\"a\"", 1_001));
        var failure = Assert.Throws<VaultException>(() => Load($"{{\"exclusions\":[{many}]}}"));
        Assert.Contains("1001 items", failure.Message, StringComparison.Ordinal);
        var longItem = new string('a', 4_097);
        failure = Assert.Throws<VaultException>(() => Load($"{{\"exclusions\":[\"{longItem}\"]}}"));
        Assert.Contains("4097 characters", failure.Message, StringComparison.Ordinal);
    }

    private AgentSettings Load(string json)
    {
        File.WriteAllText(_home.SettingsFile, json);
        return AgentSettings.Load(_home);
    }

    private static void AssertDefaults(AgentSettings settings)
    {
        Assert.Null(settings.UploadBytesPerSecondMax);
        Assert.Null(settings.Proxy);
        Assert.Empty(settings.Exclusions);
        Assert.Empty(settings.Paths);
    }
}

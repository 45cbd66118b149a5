using System.Diagnostics;
using System.Runtime.Versioning;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Enrolling;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Configuration;

/// <summary>What other accounts of the computer could have written is not used.</summary>
[SupportedOSPlatform("linux")]
public sealed class OwnerOnlyTests : IDisposable
{
    private const UnixFileMode OpenToAll = (UnixFileMode)0b110_110_110;

    private readonly TemporaryFolder _folder = new();
    private readonly AgentHome _home;

    public OwnerOnlyTests()
    {
        _home = new AgentHome(_folder.File("config"), _folder.File("state"));
        _home.CreateFolders();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_in_which_others_may_write_is_refused_and_left_as_it_is()
    {
        const UnixFileMode shared = (UnixFileMode)0b111_111_000;
        File.SetUnixFileMode(_home.StateFolder, shared);

        var failure = Assert.Throws<VaultException>(_home.CreateFolders);

        AssertSays(failure, _home.StateFolder, "may be changed by other accounts (its mode is 770)", "chmod 700");
        Assert.Equal(shared, File.GetUnixFileMode(_home.StateFolder));
    }

    [Fact]
    public void Settings_and_requests_that_others_may_write_are_not_used()
    {
        File.WriteAllText(_home.SettingsFile, "{}");
        new PendingEnrolment(new Uri("https://s.example"), EnrolmentToken.Create(authority: null).ToText()).Save(_home);
        File.SetUnixFileMode(_home.SettingsFile, OpenToAll);
        File.SetUnixFileMode(_home.PendingEnrolmentFile, OpenToAll);

        AssertSays(Assert.Throws<VaultException>(() => AgentSettings.Load(_home)), _home.SettingsFile, "666", "chmod");
        AssertSays(
            Assert.Throws<VaultException>(() => PendingEnrolment.Load(_home)), _home.PendingEnrolmentFile, "666");
    }

    [Fact]
    public void Nothing_is_read_from_a_folder_in_which_others_may_write()
    {
        File.WriteAllText(_home.SettingsFile, "{}");
        File.SetUnixFileMode(_home.ConfigurationFolder, (UnixFileMode)0b111_111_111);

        AssertSays(
            Assert.Throws<VaultException>(() => AgentSettings.Load(_home)), _home.ConfigurationFolder, "777");
    }

    [Fact]
    public void Files_that_others_may_only_read_are_used()
    {
        File.WriteAllText(_home.SettingsFile, """{"exclusions": ["*.iso"]}""");
        File.SetUnixFileMode(_home.SettingsFile, (UnixFileMode)0b110_100_100);

        Assert.Equal(["*.iso"], AgentSettings.Load(_home).Exclusions);
    }

    [Fact]
    public async Task What_belongs_to_somebody_else_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root gives files to others.");
        await File.WriteAllTextAsync(_home.SettingsFile, "{}");

        await GiveToAsync("65534", _home.SettingsFile);
        AssertSays(Assert.Throws<VaultException>(() => AgentSettings.Load(_home)), _home.SettingsFile, "belongs to");
        await GiveToAsync("65534", _home.ConfigurationFolder);
        AssertSays(Assert.Throws<VaultException>(_home.CreateFolders), _home.ConfigurationFolder, "belongs to");
        AssertSays(
            Assert.Throws<VaultException>(() => EnrolmentFile.Load(_home)), _home.ConfigurationFolder, "belongs to");
    }

    [Fact]
    public async Task A_link_is_followed_if_an_administrator_or_the_account_itself_made_it()
    {
        var elsewhere = _folder.File("elsewhere");
        Directory.Move(_home.ConfigurationFolder, elsewhere);
        Directory.CreateSymbolicLink(_home.ConfigurationFolder, elsewhere);
        await File.WriteAllTextAsync(_home.SettingsFile, "{}");

        Assert.Empty(AgentSettings.Load(_home).Exclusions);

        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root gives files to others.");
        await GiveToAsync("65534", _home.ConfigurationFolder);
        AssertSays(
            Assert.Throws<VaultException>(() => AgentSettings.Load(_home)), _home.ConfigurationFolder, "belongs to");
    }

    private static void AssertSays(VaultException failure, params string[] parts)
    {
        Assert.Equal("BEF-1024", failure.CodeText);
        foreach (var part in parts) Assert.Contains(part, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>The object itself, and no link's target.</summary>
    private static async Task GiveToAsync(string account, string path)
    {
        using var chown = Process.Start("chown", ["-h", account, path]);
        await chown.WaitForExitAsync();
        Assert.Equal(0, chown.ExitCode);
    }
}

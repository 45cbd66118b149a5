using System.Runtime.Versioning;
using Beffroi.Agent.Configuration;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Configuration;

public sealed class AgentHomeTests
{
    [Fact]
    public void Each_system_has_its_usual_places()
    {
        AssertHome("/etc/beffroi", "/var/lib/beffroi", HomeSystem.Linux, isPrivileged: true, ("HOME", "/root"));
        AssertHome(
            "/home/anne/.config/beffroi", "/home/anne/.local/state/beffroi", HomeSystem.Linux, isPrivileged: false,
            ("HOME", "/home/anne"));
        AssertHome(
            "/cfg/beffroi", "/st/beffroi", HomeSystem.Linux, isPrivileged: false,
            ("HOME", "/home/anne"), ("XDG_CONFIG_HOME", "/cfg"), ("XDG_STATE_HOME", "/st"));
        AssertHome(
            "/Volumes/homes/anne/Library/Application Support/Beffroi",
            "/Volumes/homes/anne/Library/Application Support/Beffroi/State",
            HomeSystem.MacOs, isPrivileged: false, ("HOME", "/Volumes/homes/anne"));
        AssertHome(
            "/Library/Application Support/Beffroi", "/Library/Application Support/Beffroi/State",
            HomeSystem.MacOs, isPrivileged: true, ("HOME", "/var/root"));
        AssertHome(
            Path.Combine("D:/Data", "Beffroi"), Path.Combine("D:/Data", "Beffroi", "State"), HomeSystem.Windows,
            isPrivileged: true, ("ProgramData", "D:/Data"));
    }

    [Fact]
    public void The_variable_moves_both_everywhere()
    {
        foreach (var system in Enum.GetValues<HomeSystem>())
            AssertHome(
                "/moved/config", "/moved/state", system, isPrivileged: true,
                (AgentHome.Variable, "/moved"), ("HOME", "/x"));
    }

    [Fact]
    public void A_relative_xdg_path_does_not_count()
    {
        AssertHome(
            "/home/anne/.config/beffroi", "/home/anne/.local/state/beffroi", HomeSystem.Linux, isPrivileged: false,
            ("HOME", "/home/anne"), ("XDG_CONFIG_HOME", "cfg"), ("XDG_STATE_HOME", ""));
    }

    [Fact]
    public void A_user_without_a_home_is_told_which_variable_to_set()
    {
        var failure = Assert.Throws<VaultException>(() => Locate(HomeSystem.Linux, isPrivileged: false));
        Assert.Contains(AgentHome.Variable, failure.Message, StringComparison.Ordinal);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void The_folders_are_closed_and_the_one_above_is_left_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        using var folder = new TemporaryFolder();
        const UnixFileMode open = (UnixFileMode)0b111_101_101;
        File.SetUnixFileMode(folder.FullPath, open);
        Directory.CreateDirectory(folder.File("config"), open);

        new AgentHome(folder.File("config"), folder.File("state")).CreateFolders();

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(folder.File("config")));
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(folder.File("state")));
        Assert.Equal(open, File.GetUnixFileMode(folder.FullPath));
    }

    private static void AssertHome(
        string configuration, string state, HomeSystem system, bool isPrivileged,
        params (string, string)[] environment) =>
        Assert.Equal(new AgentHome(configuration, state), Locate(system, isPrivileged, environment));

    private static AgentHome Locate(
        HomeSystem system, bool isPrivileged, params (string Name, string Value)[] environment)
    {
        var variables = environment.ToDictionary(pair => pair.Name, pair => pair.Value);
        return AgentHome.Locate(system, isPrivileged, variables.GetValueOrDefault);
    }
}

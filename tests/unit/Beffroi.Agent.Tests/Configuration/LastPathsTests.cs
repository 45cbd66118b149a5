using Beffroi.Agent.Configuration;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Configuration;

public sealed class LastPathsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AgentHome _home;

    public LastPathsTests()
    {
        _home = new AgentHome(_folder.File("config"), _folder.File("state"));
        _home.CreateFolders();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void They_are_known_again_even_without_the_state()
    {
        EntryPath[] paths = [Path("srv/état civil"), default, Path("C:/mairie")];
        Assert.Empty(LastPaths.Load(_home));

        LastPaths.Save(_home, paths);
        Directory.Delete(_home.StateFolder, recursive: true);

        Assert.Equal(paths, LastPaths.Load(_home));
    }

    [Fact]
    public void The_same_paths_are_not_written_again()
    {
        LastPaths.Save(_home, [Path("srv")]);
        File.SetLastWriteTimeUtc(_home.LastPathsFile, DateTime.UnixEpoch);

        LastPaths.Save(_home, [Path("srv")]);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(_home.LastPathsFile));

        LastPaths.Save(_home, [Path("home")]);
        Assert.Equal([Path("home")], LastPaths.Load(_home));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[\"/srv\"")]
    [InlineData("{}")]
    [InlineData("[\"/srv/../etc\"]")]
    public void A_file_that_cannot_be_used_counts_as_none(string content)
    {
        File.WriteAllText(_home.LastPathsFile, content);
        Assert.Empty(LastPaths.Load(_home));
    }

    private static EntryPath Path(string text) => EntryPath.FromSlashes(System.Text.Encoding.UTF8.GetBytes(text));
}

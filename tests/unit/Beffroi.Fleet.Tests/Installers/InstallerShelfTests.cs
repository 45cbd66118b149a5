using System.Security.Cryptography;
using System.Text;
using Beffroi.Fleet.Installers;

namespace Beffroi.Fleet.Tests.Installers;

/// <summary>What is handed out of the folder of installers.</summary>
public sealed class InstallerShelfTests : IDisposable
{
    private const string Slot = "BEFFROI-REQUEST-GOES-HERE:";
    private readonly string _folder = Directory.CreateTempSubdirectory("beffroi-shelf-").FullName;
    private readonly InstallerShelf _shelf;

    public InstallerShelfTests() => _shelf = new InstallerShelf(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_folder_that_is_not_there_or_has_nothing_is_told_apart()
    {
        var absent = new InstallerShelf(Path.Combine(_folder, "absent"));
        Put("notes.txt", "nothing");

        Assert.Equal(
            new InstallerAnswer.Missing(InstallerGap.NoFolder),
            await absent.FindAsync(InstallerKind.Debian, CancellationToken.None));
        Assert.Equal(
            new InstallerAnswer.Missing(InstallerGap.NoInstaller),
            await _shelf.FindAsync(InstallerKind.Windows, CancellationToken.None));
        Assert.Null(await _shelf.OpenAsync(InstallerKind.Windows, request: null, CancellationToken.None));
    }

    [Fact]
    public async Task The_newest_version_counts_by_its_numbers_and_a_new_file_is_seen_at_once()
    {
        Put("beffroi_0.9.0_amd64.deb", "old");
        Assert.Equal("0.9.0", (await FindAsync(InstallerKind.Debian)).Version.ToString());

        Put("beffroi_0.10.0_amd64.deb", "new");
        Put("beffroi_1.0.0_arm64.deb", "another processor");

        var found = await FindAsync(InstallerKind.Debian);
        Assert.Equal(("beffroi_0.10.0_amd64.deb", 3L), (found.FileName, found.Bytes));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("new"u8)), found.Digest.ToString());
    }

    [Fact]
    public async Task A_file_that_is_replaced_has_a_new_digest()
    {
        Put("beffroi_0.1.0_amd64.deb", "first");
        var before = await FindAsync(InstallerKind.Debian);

        Put("beffroi_0.1.0_amd64.deb", "second, longer");

        Assert.NotEqual(before.Digest, (await FindAsync(InstallerKind.Debian)).Digest);
    }

    [Fact]
    public async Task The_script_ends_its_head_where_the_package_begins_and_names_its_digest()
    {
        var package = Encoding.Latin1.GetString(RandomNumberGenerator.GetBytes(5000));
        Put("beffroi_0.1.0_amd64.deb", package);

        var script = await SendAsync(InstallerKind.Debian, ("https://s.example", "bef1.abc"));

        var lines = script.Split('\n');
        var first = int.Parse(
            lines.Single(line => line.StartsWith("tail", StringComparison.Ordinal)).Split('+')[1].Split(' ')[0],
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal("exit 0", lines[first - 2]);
        Assert.Equal(package, string.Join('\n', lines[(first - 1)..]));
        Assert.Contains(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(package))), script,
            StringComparison.Ordinal);
        Assert.Contains("echo 'https://s.example bef1.abc'", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_msi_gets_the_request_in_its_place_and_keeps_its_length()
    {
        var slot = Slot.PadRight(320, '-');
        Put("beffroi-0.1.0-x64.msi", $"head{slot}tail");

        var sent = await SendAsync(InstallerKind.Windows, ("https://s.example", "bef1.abc"));

        Assert.Equal($"head{"https://s.example bef1.abc".PadRight(320)}tail", sent);
        Assert.Equal($"head{slot}tail", await SendAsync(InstallerKind.Windows, request: null));
    }

    [Theory]
    [InlineData("no place at all")]
    [InlineData("BEFFROI-REQUEST-GOES-HERE:------ and cut")]
    public async Task An_msi_without_a_whole_place_takes_no_request(string content)
    {
        Put("beffroi-0.1.0-x64.msi", content);
        Assert.Null(await _shelf.OpenAsync(InstallerKind.Windows, ("https://s", "bef1.a"), CancellationToken.None));
    }

    [Fact]
    public async Task An_msi_with_two_places_or_a_request_that_is_too_long_is_not_stamped()
    {
        Put("beffroi-0.1.0-x64.msi", Slot.PadRight(320, '-') + Slot.PadRight(320, '-'));
        Assert.Null(await _shelf.OpenAsync(InstallerKind.Windows, ("https://s", "bef1.a"), CancellationToken.None));

        Put("beffroi-0.2.0-x64.msi", Slot.PadRight(320, '-'));
        var address = "https://" + new string('a', 320);
        Assert.Null(await _shelf.OpenAsync(InstallerKind.Windows, (address, "bef1.a"), CancellationToken.None));
    }

    private void Put(string name, string content) =>
        File.WriteAllBytes(Path.Combine(_folder, name), Encoding.Latin1.GetBytes(content));

    private async Task<Installer> FindAsync(InstallerKind kind) =>
        Assert.IsType<InstallerAnswer.Found>(await _shelf.FindAsync(kind, CancellationToken.None)).Installer;

    private async Task<string> SendAsync(InstallerKind kind, (string, string)? request)
    {
        var download = await _shelf.OpenAsync(kind, request, CancellationToken.None);
        Assert.NotNull(download);
        using var sent = new MemoryStream();
        await download.WriteToAsync(sent, CancellationToken.None);
        Assert.Equal(download.Bytes, sent.Length);
        return Encoding.Latin1.GetString(sent.ToArray());
    }
}

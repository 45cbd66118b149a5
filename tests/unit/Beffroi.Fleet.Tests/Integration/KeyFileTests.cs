using Beffroi.Fleet.KeyService;
using Beffroi.Vault;

namespace Beffroi.Fleet.Tests.Integration;

public sealed class KeyFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("beffroi-");

    private string File => Path.Combine(_folder.FullName, "server.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Keys_are_made_once_and_closed_to_others()
    {
        KeyFile.CreateIfAbsent(File, TimeProvider.System);
        using var first = KeyFile.Load(File);
        KeyFile.CreateIfAbsent(File, TimeProvider.System);
        using var second = KeyFile.Load(File);

        Assert.Equal(first.SigningKey.PublicKey.KeyId, second.SigningKey.PublicKey.KeyId);
        Assert.True(first.WrappingKey.SequenceEqual(second.WrappingKey));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":1,"wrappingKey":"AAAA","signingKey":"AAAA","createdAt":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"version":2,"wrappingKey":"AAAA","signingKey":"AAAA","createdAt":"2026-01-01T00:00:00Z"}""")]
    public void A_missing_or_damaged_file_is_explained(string? content)
    {
        if (content is not null) System.IO.File.WriteAllText(File, content);

        var refused = Assert.Throws<VaultException>(() => KeyFile.Load(File));

        Assert.Equal(ErrorCode.KeyFileMissing, refused.Code);
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
    }
}

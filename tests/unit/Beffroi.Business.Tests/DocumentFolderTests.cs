using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Import;
using Beffroi.Server.Documents;
using Beffroi.Testing.FakeServer;

namespace Beffroi.Business.Tests;

public sealed class DocumentFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("beffroi-documents-").FullName;

    [Fact]
    public async Task A_document_is_read_as_it_was_stored_and_an_unknown_one_is_not_there()
    {
        var folder = new DocumentFolder(_root);
        var id = DocumentId.New();
        await folder.PutAsync(id, "%PDF"u8.ToArray(), CancellationToken.None);

        await using var content = await folder.OpenAsync(id, CancellationToken.None);
        using var reader = new StreamReader(content!); // Stored above.
        Assert.Equal("%PDF", await reader.ReadToEndAsync());
        Assert.Null(await folder.OpenAsync(DocumentId.New(), CancellationToken.None));
    }

    [Fact]
    public async Task Nobody_else_reads_the_file_and_no_document_is_overwritten()
    {
        var folder = new DocumentFolder(_root);
        var id = DocumentId.New();
        await folder.PutAsync(id, "one"u8.ToArray(), CancellationToken.None);

        await Assert.ThrowsAsync<IOException>(() => folder.PutAsync(id, "two"u8.ToArray(), CancellationToken.None));

        var path = Path.Combine(_root, id.ToString());
        Assert.Equal("one", await File.ReadAllTextAsync(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task An_import_is_kept_until_it_is_done_and_no_longer_than_a_day()
    {
        var time = new ManualTime();
        var folder = new ImportFolder(Path.Combine(_root, "imports"), time);
        var (old, done, kept) = (ImportId.New(), ImportId.New(), ImportId.New());
        Assert.Null(await folder.ReadAsync(old, CancellationToken.None));
        await folder.PutAsync(old, "siret"u8.ToArray(), CancellationToken.None);
        File.SetLastWriteTimeUtc(
            Path.Combine(_root, "imports", $"{old}.csv"), time.GetUtcNow().UtcDateTime.AddHours(-25));

        await folder.PutAsync(done, "siret"u8.ToArray(), CancellationToken.None);
        await folder.PutAsync(kept, "siren"u8.ToArray(), CancellationToken.None);
        await folder.RemoveAsync(done, CancellationToken.None);

        Assert.Null(await folder.ReadAsync(old, CancellationToken.None));
        Assert.Null(await folder.ReadAsync(done, CancellationToken.None));
        Assert.Equal("siren"u8.ToArray(), await folder.ReadAsync(kept, CancellationToken.None));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}

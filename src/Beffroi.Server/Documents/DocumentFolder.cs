using Beffroi.Business.Members.Documents;

namespace Beffroi.Server.Documents;

/// <summary>Members' documents as files of a folder, each named by its id. Several servers share it over the network,
/// or one keeps it.</summary>
internal sealed class DocumentFolder(string root) : IDocumentStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public async Task PutAsync(DocumentId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = PathOf(id);
        var aside = path + ".new"; // Ids are random and used once: nobody else writes this.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        await using (var file = new FileStream(aside, options))
        {
            await file.WriteAsync(content, cancellationToken);
            file.Flush(flushToDisk: true); // Durable before the row that names it.
        }
        File.Move(aside, path);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(DocumentId id, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(id), new FileStreamOptions
            {
                Mode = FileMode.Open,
                Share = FileShare.Read,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            }));
        }
        catch (FileNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    private string PathOf(DocumentId id) => Path.Combine(root, id.ToString());
}

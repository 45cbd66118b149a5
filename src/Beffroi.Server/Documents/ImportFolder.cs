using Beffroi.Business.Members.Import;

namespace Beffroi.Server.Documents;

/// <summary>Files that wait for their import, in a folder beside the documents: several servers share it as they share
/// those. They are kept for a day, and swept when the next one comes.</summary>
internal sealed class ImportFolder(string root, TimeProvider time) : IImportShelf
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan KeptMax = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public async Task PutAsync(ImportId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(root);
        Sweep();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        await using var file = new FileStream(PathOf(id), options); // Lost with the machine: it is handed in again.
        await file.WriteAsync(content, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(ImportId id, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(id), cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task RemoveAsync(ImportId id, CancellationToken cancellationToken)
    {
        File.Delete(PathOf(id));
        return Task.CompletedTask;
    }

    private void Sweep()
    {
        var oldest = time.GetUtcNow().UtcDateTime - KeptMax;
        foreach (var path in Directory.EnumerateFiles(root))
        {
            if (File.GetLastWriteTimeUtc(path) < oldest) File.Delete(path);
        }
    }

    private string PathOf(ImportId id) => Path.Combine(root, $"{id}.csv");
}

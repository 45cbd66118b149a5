namespace Beffroi.Fleet.Browse.Files;

/// <summary>One file of a snapshot, ready to be sent.</summary>
/// <param name="Content">Seekable, asynchronous only, so that ranges work and a download that broke off goes on. A
/// damaged part is a <see cref="Vault.VaultException"/> when it is reached.</param>
/// <param name="Name">For a person.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Modified">When it was changed last.</param>
/// <param name="EntityTag">Without quotes; the same for the same content.</param>
/// <param name="Headers">To be set on the answer.</param>
public sealed record StoredFile(
    Stream Content, string Name, long Bytes, DateTimeOffset Modified, string EntityTag, DownloadHeaders Headers)
    : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

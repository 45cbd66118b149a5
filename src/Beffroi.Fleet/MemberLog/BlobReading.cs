using Beffroi.Vault;
using Beffroi.Vault.Stores;

namespace Beffroi.Fleet.MemberLog;

/// <summary>Reads small blobs whole.</summary>
internal static class BlobReading
{
    /// <summary>The whole blob, or <see langword="null"/> if there is none.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.BlobConflict"/>: it is longer than such a blob can
    /// be.</exception>
    internal static async Task<byte[]?> ReadWholeAsync(
        this IBlobStore blobs, BlobName name, int bytesMax, CancellationToken cancellationToken)
    {
        if (await blobs.GetLengthAsync(name, cancellationToken) is not { } length) return null;
        if (length > bytesMax)
            throw new VaultException(
                ErrorCode.BlobConflict, retryable: false,
                $"Blob '{name}' has {length} bytes, more than {bytesMax}: something else lies under this name.");

        var content = new byte[length];
        var count = await blobs.ReadAsync(name, 0, content, cancellationToken);
        return content[..count];
    }
}

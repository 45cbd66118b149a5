using System.Buffers;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Stores;

namespace Beffroi.Fleet.Records;

/// <summary>Looks at single copies of records where a record lies in several packs.</summary>
internal static class RecordCopies
{
    /// <summary>Whether the record lies soundly where the pack's list says.</summary>
    internal static async Task<bool> IsSoundAsync(
        IBlobStore blobs, VaultId vault, PackId pack, PackEntry entry, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(entry.Bytes);
        try
        {
            var record = buffer.AsMemory(0, entry.Bytes);
            var count = await blobs.ReadAsync(BlobNames.Pack(vault, pack), entry.Offset, record, cancellationToken);
            return count == entry.Bytes && PackVerifier.IsSound(entry, record.Span);
        }
        catch (VaultException exception) when (exception.Code
            is ErrorCode.BlobMissing or ErrorCode.BlobUnreadable)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

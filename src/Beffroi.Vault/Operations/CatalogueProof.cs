using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>Opens and reads each new part of the catalogue before it is sent: one that this program could not read back
/// would cost every file below it. For one thread at a time.</summary>
/// <remarks>Parts that the vault has are not read: a backup without changes pays nothing. A new segment of 2,000 files
/// takes a millisecond or so, where reading and sealing these files takes hundreds.</remarks>
internal sealed class CatalogueProof(BufferPool pool) : IDisposable
{
    private readonly RecordOpener _opener = new(pool);

    /// <exception cref="InvalidOperationException">The record does not follow docs/format.</exception>
    internal void Demand(SealedRecord record)
    {
        try
        {
            var copy = pool.Rent(record.Bytes); // Records are decrypted where they lie.
            record.Memory.CopyTo(copy);
            var opened = _opener.Open(copy, record.Bytes, record.Ref);
            SegmentCodec.Check(record.Type, new CataloguePlain(opened.Plain, opened.Header.References));
            pool.Return(opened.Buffer);
        }
        catch (VaultException exception)
        {
            throw new InvalidOperationException(
                $"Record {record.Ref.Id} of type {record.Type} was not written as docs/format says.", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _opener.Dispose();
}

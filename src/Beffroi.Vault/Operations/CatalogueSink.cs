using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Compression;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>Seals catalogue records one by one and hands them to the uploader. Safe for many threads; they take
/// turns.</summary>
public sealed class CatalogueSink(
    RecordUploader uploader, BufferPool pool, CodecProfile profile, ConvergenceSecret machine)
    : ICatalogueSink, IDisposable
{
    private readonly RecordSealer _sealer = new(profile, pool);
    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc/>
    public async ValueTask<StoredRecord> AddAsync(
        RecordType type, CataloguePlain plain, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        SealedRecord record;
        try
        {
            record = _sealer.Seal(type, machine, plain.Plain.Span, plain.References);
        }
        finally
        {
            _turn.Release();
        }
        var mark = await uploader.AddAsync(record, cancellationToken).ConfigureAwait(false);
        return new StoredRecord(record.Ref, mark);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sealer.Dispose();
        _turn.Dispose();
    }
}

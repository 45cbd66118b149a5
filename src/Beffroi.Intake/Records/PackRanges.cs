using System.Buffers;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Microsoft.Extensions.Logging;

namespace Beffroi.Intake.Records;

/// <summary>The bytes of a range; the buffer belongs to the shared pool of arrays.</summary>
/// <param name="Bytes">How many of the range were there.</param>
internal sealed record ReadRange(PackRange Range, byte[] Buffer, int Bytes)
{
    /// <summary>One of the range's records; empty where the pack ends before it does.</summary>
    internal ReadOnlyMemory<byte> BytesOf(RecordLocation record)
    {
        var start = record.Offset - Range.Offset;
        return start + record.Bytes <= Bytes ? Buffer.AsMemory(start, record.Bytes) : default;
    }
}

/// <summary>Reads ranges of packs, and quarantines a pack that is not what the index says.</summary>
internal sealed partial class PackRanges(IRecordIndex index, IBlobStore blobs, ILogger<PackRanges> logger)
{
    /// <summary>Reads a range; a pack that is gone gives no bytes.</summary>
    internal async Task<ReadRange> ReadAsync(VaultId vault, PackRange range, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(range.Bytes);
        try
        {
            var name = BlobNames.Pack(vault, range.Pack);
            var bytes = await blobs.ReadAsync(name, range.Offset, buffer.AsMemory(0, range.Bytes), cancellationToken);
            return new ReadRange(range, buffer, bytes);
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobMissing)
        {
            return new ReadRange(range, buffer, 0);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Notes the records that were not there, so that the next backup stores them again.</summary>
    internal async Task QuarantineIfShortAsync(VaultId vault, ReadRange read, CancellationToken cancellationToken)
    {
        if (read.Bytes >= read.Range.Bytes) return;

        var pack = read.Range.Pack;
        LogQuarantined(vault, pack, read.Range.Offset, read.Range.Bytes, read.Bytes);
        var isGone = await blobs.GetLengthAsync(BlobNames.Pack(vault, pack), cancellationToken) is null;
        var lost = read.Range.Records.Where(record => read.BytesOf(record).IsEmpty);
        await index.MarkDamagedAsync(
            vault, pack, isGone ? null : [.. lost.Select(record => record.Id)], cancellationToken);
    }

    [LoggerMessage(2020, LogLevel.Error,
        "Pack {Pack} of vault {Vault} is missing or too short: {Bytes} bytes at {Offset} gave {Found}; it is "
            + "quarantined")]
    private partial void LogQuarantined(VaultId vault, PackId pack, int offset, int bytes, int found);
}

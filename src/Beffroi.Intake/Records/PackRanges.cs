using System.Buffers;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Microsoft.Extensions.Logging;

namespace Beffroi.Intake.Records;

/// <summary>The bytes of a range; the buffer belongs to the shared pool of arrays.</summary>
/// <param name="Lost">Records whose bytes the store does not have, or cannot read.</param>
internal sealed record ReadRange(PackRange Range, byte[] Buffer, IReadOnlySet<RecordLocation> Lost)
{
    /// <summary>One of the range's records; empty where it is lost.</summary>
    internal ReadOnlyMemory<byte> BytesOf(RecordLocation record) =>
        Lost.Contains(record) ? default : Buffer.AsMemory(record.Offset - Range.Offset, record.Bytes);
}

/// <summary>Reads ranges of packs, and quarantines a pack that is not what the index says.</summary>
internal sealed partial class PackRanges(IRecordIndex index, IBlobStore blobs, ILogger<PackRanges> logger)
{
    /// <summary>Reads a range; of a pack that is gone, or on a bad sector, what can be had.</summary>
    internal async Task<ReadRange> ReadAsync(VaultId vault, PackRange range, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(range.Bytes);
        try
        {
            var name = BlobNames.Pack(vault, range.Pack);
            var bytes = await blobs.ReadAsync(name, range.Offset, buffer.AsMemory(0, range.Bytes), cancellationToken);
            return new ReadRange(range, buffer, range.Records.Where(each => EndOf(each, range) > bytes).ToHashSet());
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobMissing)
        {
            return new ReadRange(range, buffer, range.Records.ToHashSet());
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobUnreadable)
        {
            return new ReadRange(range, buffer, await ReadSinglyAsync(vault, range, buffer, cancellationToken));
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Notes the records that are lost, so that the next backup stores them again.</summary>
    internal async Task QuarantineIfShortAsync(VaultId vault, ReadRange read, CancellationToken cancellationToken)
    {
        if (read.Lost.Count == 0) return;

        var pack = read.Range.Pack;
        LogQuarantined(vault, pack, read.Lost.Count, read.Range.Records.Count, read.Range.Offset);
        var isGone = await IsGoneAsync(vault, pack, cancellationToken);
        await index.MarkDamagedAsync(
            vault, pack, isGone ? null : [.. read.Lost.Select(each => each.Id)], cancellationToken);
    }

    /// <summary>Reads the records of a range with a bad sector one by one, each to its place.</summary>
    /// <returns>Those that lie on it.</returns>
    private async Task<HashSet<RecordLocation>> ReadSinglyAsync(
        VaultId vault, PackRange range, byte[] buffer, CancellationToken cancellationToken)
    {
        HashSet<RecordLocation> lost = [];
        foreach (var record in range.Records)
        {
            try
            {
                var place = buffer.AsMemory(record.Offset - range.Offset, record.Bytes);
                var name = BlobNames.Pack(vault, range.Pack);
                if (await blobs.ReadAsync(name, record.Offset, place, cancellationToken) < record.Bytes)
                    lost.Add(record);
            }
            catch (VaultException exception) when (exception.Code == ErrorCode.BlobUnreadable)
            {
                lost.Add(record);
            }
        }
        return lost;
    }

    private async Task<bool> IsGoneAsync(VaultId vault, PackId pack, CancellationToken cancellationToken)
    {
        try
        {
            return await blobs.GetLengthAsync(BlobNames.Pack(vault, pack), cancellationToken) is null;
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobUnreadable)
        {
            return false;
        }
    }

    private static int EndOf(RecordLocation record, PackRange range) => record.Offset - range.Offset + record.Bytes;

    [LoggerMessage(2020, LogLevel.Error,
        "Pack {Pack} of vault {Vault} is quarantined: {Lost} of {Asked} records from byte {Offset} on are missing or "
            + "cannot be read")]
    private partial void LogQuarantined(VaultId vault, PackId pack, int lost, int asked, int offset);
}

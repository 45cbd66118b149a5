using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Beffroi.Intake.Limits;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Microsoft.Extensions.Logging;

namespace Beffroi.Intake.Records;

/// <summary>Writes records to a device: one look-up for all, few big reads, and the next read under way while the last
/// one is being sent. Two buffers are all the memory that a request takes, one where memory is scarce: many slow lines
/// at once wait for each other's memory only when all of it is in use.</summary>
internal sealed partial class RecordStream(
    IRecordIndex index, IBlobStore blobs, IntakeLimits limits, IntakeMetrics metrics, ILogger<RecordStream> logger)
{
    private const int FrameBytes = Digest256.Bytes + sizeof(uint);

    // Below this a flush costs more than it brings forward.
    private const int FlushBytes = 256 << 10;

    internal async Task WriteAsync(
        KnownDevice device, RecordId[] ids, PipeWriter output, CancellationToken cancellationToken)
    {
        using var place = limits.Reads.Take(device.Id);
        var locations = await index.FindAsync(device, ids, cancellationToken);
        PackRange[] ranges = [.. ReadPlan.Of(locations.Where(location => !location.IsDamaged))];
        var readsAhead = ranges.Length > 1 && limits.ReadMemory.IsAmple;
        using var memory = await limits.ReadMemory.ReserveAsync(
            ranges.Select(range => range.Bytes).DefaultIfEmpty().Max() * (readsAhead ? 2 : 1), cancellationToken);
        var found = locations.Select(location => location.Id).ToHashSet();
        foreach (var id in ids.Where(id => !found.Contains(id))) WriteFrame(output, id, 0);
        foreach (var damaged in locations.Where(location => location.IsDamaged))
            WriteFrame(output, damaged.Id, ProtocolConstants.DamagedRecordLength);

        try
        {
            await WriteAsync(device.Vault, ranges, readsAhead, output, cancellationToken);
        }
        catch when (output.UnflushedBytes > 0)
        {
            // An answer that has begun cannot become an error any more. Sent, it breaks off here, and the device asks
            // for the rest; kept, it would stand before the error's own text.
            await output.FlushAsync(CancellationToken.None);
            throw;
        }
        await output.FlushAsync(cancellationToken);
    }

    private async Task WriteAsync(
        VaultId vault, PackRange[] ranges, bool readsAhead, PipeWriter output, CancellationToken cancellationToken)
    {
        Task<ReadRange>? next = null;
        try
        {
            for (var i = 0; i < ranges.Length; i++)
            {
                var current = next ?? ReadAsync(vault, ranges[i], cancellationToken);
                next = null;
                if (readsAhead && i + 1 < ranges.Length)
                {
                    next = ReadAsync(vault, ranges[i + 1], cancellationToken);
                }
                await SendAsync(vault, await current, output, cancellationToken);
            }
        }
        finally
        {
            // A client that goes away leaves a read under way, whose buffer must come back.
            if (next is not null) await ReturnAsync(next);
        }
    }

    private async Task<ReadRange> ReadAsync(VaultId vault, PackRange range, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(range.Bytes);
        try
        {
            var name = BlobNames.Pack(vault, range.Pack);
            var bytes = await blobs.ReadAsync(name, range.Offset, buffer.AsMemory(0, range.Bytes), cancellationToken);
            return new ReadRange(range, buffer, [.. range.Records.Where(record => EndOf(record, range) > bytes)]);
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobMissing)
        {
            return new ReadRange(range, buffer, [.. range.Records]);
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

    private static int EndOf(RecordLocation record, PackRange range) => record.Offset - range.Offset + record.Bytes;

    private async Task SendAsync(VaultId vault, ReadRange read, PipeWriter output, CancellationToken cancellationToken)
    {
        try
        {
            if (read.Lost.Count > 0) await QuarantineAsync(vault, read, cancellationToken);
            foreach (var record in read.Range.Records)
            {
                var start = record.Offset - read.Range.Offset;
                if (read.Lost.Contains(record))
                {
                    WriteFrame(output, record.Id, ProtocolConstants.DamagedRecordLength);
                    continue;
                }
                WriteFrame(output, record.Id, (uint)record.Bytes);
                output.Write(read.Buffer.AsSpan(start, record.Bytes));
                metrics.Served(record.Bytes);
                if (output.UnflushedBytes < FlushBytes) continue;
                var result = await output.FlushAsync(cancellationToken);
                if (result.IsCompleted) throw new OperationCanceledException("The client went away.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(read.Buffer);
        }
    }

    private async Task QuarantineAsync(VaultId vault, ReadRange read, CancellationToken cancellationToken)
    {
        var pack = read.Range.Pack;
        LogQuarantined(vault, pack, read.Lost.Count, read.Range.Records.Count, read.Range.Offset);
        var isGone = await IsGoneAsync(vault, pack, cancellationToken);
        await index.MarkDamagedAsync(
            vault, pack, isGone ? null : [.. read.Lost.Select(each => each.Id)], cancellationToken);
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

    private static void WriteFrame(PipeWriter output, RecordId id, uint length)
    {
        var frame = output.GetSpan(FrameBytes);
        id.Value.CopyTo(frame);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[Digest256.Bytes..], length);
        output.Advance(FrameBytes);
    }

    private static async Task ReturnAsync(Task<ReadRange> read)
    {
        await ((Task)read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (read.IsCompletedSuccessfully) ArrayPool<byte>.Shared.Return((await read).Buffer);
    }

    /// <param name="Lost">Records whose bytes the store does not have, or cannot read.</param>
    private sealed record ReadRange(PackRange Range, byte[] Buffer, HashSet<RecordLocation> Lost);

    [LoggerMessage(2020, LogLevel.Error,
        "Pack {Pack} of vault {Vault} is quarantined: {Lost} of {Asked} records from byte {Offset} on are missing or "
            + "cannot be read")]
    private partial void LogQuarantined(VaultId vault, PackId pack, int lost, int asked, int offset);
}

using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Beffroi.Intake.Limits;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Intake.Records;

/// <summary>Writes records to a device: one look-up for all, few big reads, and the next read under way while the last
/// one is being sent. Two buffers are all the memory that a request takes, one where memory is scarce: many slow lines
/// at once wait for each other's memory only when all of it is in use.</summary>
internal sealed class RecordStream(IRecordIndex index, PackRanges packs, IntakeLimits limits, IntakeMetrics metrics)
{
    private const int FrameBytes = Digest256.Bytes + sizeof(uint);

    // Flushed in parts of this size, so that the device works while the rest is read.
    private const int FlushBytes = 256 << 10;

    /// <param name="reader">Who is answered.</param>
    /// <param name="owner">Whose secrets made the records: the reader, but under an order of another device's
    /// snapshot.</param>
    internal async Task WriteAsync(
        DeviceId reader, KnownDevice owner, RecordId[] ids, PipeWriter output, CancellationToken cancellationToken)
    {
        using var place = limits.Reads.Take(reader);
        var locations = await index.FindAsync(owner, ids, cancellationToken);
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
            await WriteAsync(owner.Vault, ranges, readsAhead, output, cancellationToken);
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
                var current = next ?? packs.ReadAsync(vault, ranges[i], cancellationToken);
                next = null;
                if (readsAhead && i + 1 < ranges.Length)
                {
                    next = packs.ReadAsync(vault, ranges[i + 1], cancellationToken);
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

    private async Task SendAsync(VaultId vault, ReadRange read, PipeWriter output, CancellationToken cancellationToken)
    {
        try
        {
            await packs.QuarantineIfShortAsync(vault, read, cancellationToken);
            foreach (var record in read.Range.Records)
            {
                var bytes = read.BytesOf(record);
                if (bytes.IsEmpty)
                {
                    WriteFrame(output, record.Id, ProtocolConstants.DamagedRecordLength);
                    continue;
                }
                WriteFrame(output, record.Id, (uint)record.Bytes);
                output.Write(bytes.Span);
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
}

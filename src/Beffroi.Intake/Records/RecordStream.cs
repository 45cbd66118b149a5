using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Intake.Records;

/// <summary>Writes records to a device: one look-up for all, few big reads, and the next read under way while the last
/// one is being sent. Two buffers of <see cref="ReadPlan.RangeBytesMax"/> are all the memory that a request
/// takes.</summary>
internal sealed class RecordStream(IRecordIndex index, PackRanges packs, IntakeMetrics metrics)
{
    private const int FrameBytes = Digest256.Bytes + sizeof(uint);

    // Below this a flush costs more than it brings forward.
    private const int FlushBytes = 256 << 10;

    internal async Task WriteAsync(
        KnownDevice device, RecordId[] ids, PipeWriter output, CancellationToken cancellationToken)
    {
        var locations = await index.FindAsync(device, ids, cancellationToken);
        var found = locations.Select(location => location.Id).ToHashSet();
        foreach (var id in ids.Where(id => !found.Contains(id))) WriteFrame(output, id, 0);
        foreach (var damaged in locations.Where(location => location.IsDamaged))
            WriteFrame(output, damaged.Id, ProtocolConstants.DamagedRecordLength);

        Task<ReadRange>? next = null;
        try
        {
            foreach (var range in ReadPlan.Of(locations.Where(location => !location.IsDamaged)))
            {
                var current = next;
                next = packs.ReadAsync(device.Vault, range, cancellationToken);
                if (current is not null) await SendAsync(device.Vault, await current, output, cancellationToken);
            }
            var last = next;
            next = null;
            if (last is not null) await SendAsync(device.Vault, await last, output, cancellationToken);
        }
        catch when (output.UnflushedBytes > 0)
        {
            // An answer that has begun cannot become an error any more. Sent, it breaks off here, and the device asks
            // for the rest; kept, it would stand before the error's own text.
            await output.FlushAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            // A client that goes away leaves a read under way, whose buffer must come back.
            if (next is not null) await ReturnAsync(next);
        }
        await output.FlushAsync(cancellationToken);
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

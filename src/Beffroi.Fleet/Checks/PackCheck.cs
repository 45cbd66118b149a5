using System.Buffers;
using System.Collections.Concurrent;
using Beffroi.Fleet.Records;
using Beffroi.Intake;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Fleet.Checks;

/// <summary>Checks the packs that the index lists.</summary>
internal sealed class PackCheck(NpgsqlDataSource database, IBlobStore blobs, IRecordIndex index)
{
    private const int ReadsAtOnce = 2; // Two packs of 32 MiB in memory; the disk is the limit, not the processors.
    private const int PageRows = 1000;

    internal async Task<IReadOnlyCollection<UnusablePack>> RunAsync(
        VaultId vault, bool readData, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var unusable = new ConcurrentQueue<UnusablePack>();
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = ReadsAtOnce,
            CancellationToken = cancellationToken,
        };
        var (after, count, bytes) = (0L, 0L, 0L);
        while (await ListAsync(vault, after, cancellationToken) is { Count: > 0 } page)
        {
            await Parallel.ForEachAsync(page, options, async (pack, cancelled) =>
            {
                var reason = readData
                    ? await ReadAsync(vault, pack, cancelled)
                    : await MeasureAsync(vault, pack, cancelled);
                if (reason is not null) unusable.Enqueue(new UnusablePack(vault, pack.Id, reason));
            });
            after = page[^1].Ordinal;
            (count, bytes) = (count + page.Count, bytes + page.Sum(pack => (long)pack.Bytes));
            progress.Report(
                $"Vault {vault}: {count} packs, {bytes / 1_000_000} MB checked, {unusable.Count} unusable.");
        }
        return unusable;
    }

    /// <summary>Whether the blob is there with its length.</summary>
    private async Task<string?> MeasureAsync(VaultId vault, ListedBlob pack, CancellationToken cancellationToken)
    {
        var reason = await DifferenceAsync(vault, pack, cancellationToken);
        if (reason is not null) await index.MarkDamagedAsync(vault, pack.Id, records: null, cancellationToken);
        return reason;
    }

    private async Task<string?> DifferenceAsync(VaultId vault, ListedBlob pack, CancellationToken cancellationToken)
    {
        try
        {
            var length = await blobs.GetLengthAsync(BlobNames.Pack(vault, pack.Id), cancellationToken);
            if (length == pack.Bytes) return null;
            return length is null ? "it is not in the blob store" : $"it has {length} bytes instead of {pack.Bytes}";
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobUnreadable)
        {
            return exception.Message;
        }
    }

    private async Task<string?> ReadAsync(VaultId vault, ListedBlob pack, CancellationToken cancellationToken)
    {
        if (await MeasureAsync(vault, pack, cancellationToken) is { } reason) return reason;

        var buffer = ArrayPool<byte>.Shared.Rent(pack.Bytes);
        try
        {
            var bytes = buffer.AsMemory(0, pack.Bytes);
            await blobs.ReadAsync(BlobNames.Pack(vault, pack.Id), 0, bytes, cancellationToken);
            return await VerifyAsync(vault, pack, bytes, cancellationToken);
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.BlobUnreadable)
        {
            var lost = await FindLostAsync(vault, pack, buffer, cancellationToken);
            await index.MarkDamagedAsync(vault, pack.Id, lost, cancellationToken);
            return exception.Message;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The records of a pack with a bad sector that lie on it: the others can be read, and may exist nowhere
    /// else any more.</summary>
    private async Task<List<RecordId>> FindLostAsync(
        VaultId vault, ListedBlob pack, byte[] buffer, CancellationToken cancellationToken)
    {
        List<RecordId> lost = [];
        foreach (var (id, offset, bytes) in await ListRecordsAsync(vault, pack, cancellationToken))
        {
            try
            {
                var record = buffer.AsMemory(0, bytes);
                var name = BlobNames.Pack(vault, pack.Id);
                var count = await blobs.ReadAsync(name, offset, record, cancellationToken);
                if (count < bytes || Digest256.Of(record.Span) != id.Value) lost.Add(id);
            }
            catch (VaultException exception) when (exception.Code == ErrorCode.BlobUnreadable)
            {
                lost.Add(id);
            }
        }
        return lost;
    }

    private async Task<List<(RecordId Id, int Offset, int Bytes)>> ListRecordsAsync(
        VaultId vault, ListedBlob pack, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select id, "offset", length from {RecordsTable.PartitionOf(vault)}
            where vault_id = $1 and pack_ordinal = $2 order by "offset"
            """);
        command.CommandTimeout = 0; // No index leads from packs to records; packs with bad sectors are few.
        command.Parameters.Add(new NpgsqlParameter { Value = vault.Value });
        command.Parameters.Add(new NpgsqlParameter { Value = pack.Ordinal });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(RecordId, int, int)> records = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = new RecordId(new Digest256(reader.GetFieldValue<byte[]>(0)));
            records.Add((id, reader.GetInt32(1), reader.GetInt32(2)));
        }
        return records;
    }

    private async Task<string?> VerifyAsync(
        VaultId vault, ListedBlob pack, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            var footer = PackVerifier.VerifyFrame(bytes, pack.Id, vault);
            var damaged = PackVerifier.FindDamaged(bytes, footer);
            if (damaged.Count == 0) await ClearAsync(vault, pack, cancellationToken);
            else await index.MarkDamagedAsync(
                vault, pack.Id, [.. damaged.Select(each => each.Entry.Id)], cancellationToken);
            return null;
        }
        catch (VaultException exception)
        {
            // Records may be sound in a pack whose frame is not; each would have to be found by its magic. Agents that
            // still have the files send them again, which is simpler and surer.
            await index.MarkDamagedAsync(vault, pack.Id, records: null, cancellationToken);
            return exception.Message;
        }
    }

    /// <summary>Takes the marks away from a pack that is whole again, after a disk was mended or a copy put
    /// back.</summary>
    private async Task ClearAsync(VaultId vault, ListedBlob pack, CancellationToken cancellationToken)
    {
        if (!pack.IsQuarantined) return;

        await using var batch = database.CreateBatch();
        foreach (var sql in new[]
        {
            $"update {RecordsTable.PartitionOf(vault)} set damaged = false where vault_id = $2 and pack_ordinal = $1 "
                + "and damaged",
            "update fleet.packs set quarantined_at = null where ordinal = $1 and vault_id = $2",
        })
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter { Value = pack.Ordinal });
            command.Parameters.Add(new NpgsqlParameter { Value = vault.Value });
            batch.BatchCommands.Add(command);
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<List<ListedBlob>> ListAsync(VaultId vault, long after, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select ordinal, pack_id, bytes, quarantined_at is not null from fleet.packs
            where vault_id = $1 and ordinal > $2 order by ordinal limit $3
            """);
        foreach (var value in new object[] { vault.Value, after, PageRows })
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<ListedBlob> page = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = new PackId(new Digest256(reader.GetFieldValue<byte[]>(1)));
            page.Add(new ListedBlob(reader.GetInt64(0), id, reader.GetInt32(2), reader.GetBoolean(3)));
        }
        return page;
    }

    private sealed record ListedBlob(long Ordinal, PackId Id, int Bytes, bool IsQuarantined);
}

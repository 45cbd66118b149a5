using System.Runtime.CompilerServices;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Packs;

namespace Beffroi.Testing;

/// <summary>A server without network, disk or database: it checks what a server must check and keeps the packs in
/// memory.</summary>
/// <remarks>A fake, for tests of what runs on the agent's side; the real server has its own tests.</remarks>
public sealed class MemoryVault(VaultId id) : IVaultRemote, IRecordSource
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RecordId, byte[]> _records = [];

    /// <summary>Called before each pack is taken: may throw, to cut an upload.</summary>
    public Action<BuiltPack>? BeforePack { get; set; }

    /// <summary>Draws how long each data pack is under way before it is stored, so that packs overlap and overtake each
    /// other as they do on a line; null stores each at once.</summary>
    public Random? Delays { get; init; }

    /// <summary>Ids of the packs, in the order in which they came.</summary>
    public IList<BuiltPack> Packs { get; } = [];

    /// <summary>Whole packs by id, as they lie on a disk.</summary>
    public Dictionary<PackId, byte[]> Blobs { get; } = [];

    /// <summary>How many records are stored.</summary>
    public int RecordCount
    {
        get { lock (_gate) return _records.Count; }
    }

    /// <summary>Ids of all records.</summary>
    public IReadOnlyList<RecordId> RecordIds
    {
        get { lock (_gate) return [.. _records.Keys]; }
    }

    /// <summary>Takes a record away, as a lost disk would.</summary>
    public void Lose(RecordId record)
    {
        lock (_gate) _records.Remove(record);
    }

    /// <summary>Flips one bit of a stored record.</summary>
    public void Damage(RecordId record, int at)
    {
        lock (_gate) _records[record][at % _records[record].Length] ^= 1;
    }

    /// <inheritdoc/>
    public ValueTask<bool[]> HaveAsync(IReadOnlyList<RecordId> ids, CancellationToken cancellationToken)
    {
        lock (_gate) return ValueTask.FromResult(ids.Select(_records.ContainsKey).ToArray());
    }

    /// <inheritdoc/>
    public async ValueTask PutPackAsync(BuiltPack pack, CancellationToken cancellationToken)
    {
        BeforePack?.Invoke(pack);
        if (Delays is not null && pack.Kind == PackKind.Data) await Task.Delay(NextDelay(Delays), cancellationToken);
        var bytes = pack.ToArray();
        var verified = PackVerifier.Verify(bytes, pack.Id, id);
        lock (_gate)
        {
            Packs.Add(pack);
            Blobs[pack.Id] = bytes;
            for (var i = 0; i < verified.Headers.Count; i++)
            {
                var missing = verified.Headers[i].References.FirstOrDefault(
                    reference => !_records.ContainsKey(reference));
                if (missing != default)
                    throw new VaultException(
                        ErrorCode.ReferencesMissing, retryable: false,
                        $"Record {missing} is referred to and not stored.");
                var entry = verified.Footer.Entries[i];
                _records.TryAdd(entry.Id, bytes.AsSpan(entry.Offset, entry.Bytes).ToArray());
            }
        }
    }

    private TimeSpan NextDelay(Random delays)
    {
        lock (_gate) return TimeSpan.FromMilliseconds(delays.Next(30)); // Longer than a catalogue pack takes to build.
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FetchedRecord> FetchAsync(
        IReadOnlyList<RecordId> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var record in ids)
        {
            await Task.CompletedTask;
            byte[]? bytes;
            lock (_gate) _records.TryGetValue(record, out bytes);
            if (bytes is null)
            {
                yield return new FetchedRecord(record, FetchOutcome.Missing, null, 0);
                continue;
            }
            var buffer = new byte[bytes.Length + BufferPool.FramingBytes];
            bytes.CopyTo(buffer, 0);
            yield return new FetchedRecord(record, FetchOutcome.Found, buffer, bytes.Length);
        }
    }
}

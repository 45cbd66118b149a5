using System.Runtime.CompilerServices;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Stores;

namespace Beffroi.Vault.Operations;

/// <summary>Reads records straight from packs, without server or database: the way of the recovery kit.</summary>
/// <remarks>The list of records is made from the packs' footers, some 80 bytes of memory a record. A pack whose footer
/// is damaged is reported and left out; its records count as missing unless another pack has them. Of a record that
/// several packs hold, the first sound copy is read. No failure of a read stops it, not even one that the store calls
/// worth a retry: a bad sector is one, and the rest of the disk may be all that is left of the vault.</remarks>
public sealed class PackFolderSource : IRecordSource
{
    private readonly IBlobStore _store;
    private readonly BufferPool _pool;
    private readonly Dictionary<RecordId, Place> _index = [];
    private readonly Dictionary<RecordId, List<Place>> _copies = []; // Beyond the first; few records have any.
    private readonly List<BlobName> _packs = [];
    private readonly HashSet<BlobName> _unreadable = [];
    private readonly Action<BlobName, VaultException> _damaged;

    private PackFolderSource(IBlobStore store, BufferPool pool, Action<BlobName, VaultException> damaged) =>
        (_store, _pool, _damaged) = (store, pool, damaged);

    /// <summary>How many records were found.</summary>
    public int RecordCount => _index.Count;

    /// <summary>Reads the footer of every pack.</summary>
    /// <param name="store">Where the blobs are.</param>
    /// <param name="packPrefix">Start of the packs' names.</param>
    /// <param name="pool">Where buffers come from.</param>
    /// <param name="damaged">Called with each pack that cannot be used, or read in all places: once for each, by one
    /// caller at a time.</param>
    /// <param name="cancellationToken">Stops between packs.</param>
    public static async Task<PackFolderSource> OpenAsync(
        IBlobStore store, string packPrefix, BufferPool pool, Action<BlobName, VaultException> damaged,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(damaged);
        var source = new PackFolderSource(store, pool, damaged);
        await foreach (var blob in store.ListAsync(packPrefix, startAfter: null, cancellationToken)
            .ConfigureAwait(false))
        {
            try
            {
                source.Add(blob.Name, await ReadFooterAsync(store, blob, cancellationToken).ConfigureAwait(false));
            }
            catch (VaultException exception)
            {
                source.Report(blob.Name, exception);
            }
        }
        return source;
    }

    /// <summary>Reads the footer of one pack, in one read where it is short.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.PackMalformed"/>, <see cref="ErrorCode.PackLengthWrong"/>
    /// or <see cref="ErrorCode.PackDamaged"/> when the footer's digest is not the pack's name.</exception>
    public static async ValueTask<PackFooter> ReadFooterAsync(
        IBlobStore store, BlobEntry blob, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        const int usualTailBytes = 64 << 10; // 1,400 records.
        var tail = await ReadTailAsync(store, blob, usualTailBytes, cancellationToken).ConfigureAwait(false);
        if (tail.Length < PackLimits.EndBytes) throw PackFooter.WrongLength(blob.Bytes, "it is too short");
        var footerBytes = PackFooter.ParseEnd(tail.AsSpan(tail.Length - PackLimits.EndBytes), blob.Bytes);
        if (footerBytes + PackLimits.EndBytes > tail.Length)
            tail = await ReadTailAsync(store, blob, footerBytes + PackLimits.EndBytes, cancellationToken)
                .ConfigureAwait(false);
        var footer = tail.AsMemory(tail.Length - PackLimits.EndBytes - footerBytes, footerBytes);
        if (!blob.Name.Value.EndsWith(Digest256.Of(footer.Span).ToString(), StringComparison.Ordinal))
            throw new VaultException(ErrorCode.PackDamaged, retryable: false,
                $"Pack {blob.Name} is damaged: its list of records is not the one its name stands for. Its records are "
                + "looked for elsewhere.");
        return PackFooter.Parse(footer, blob.Bytes);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FetchedRecord> FetchAsync(
        IReadOnlyList<RecordId> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var found = ids.Where(_index.ContainsKey).OrderBy(id => _index[id].Pack).ThenBy(id => _index[id].Offset)
            .ToList();
        foreach (var id in ids.Where(id => !_index.ContainsKey(id)))
            yield return new FetchedRecord(id, FetchOutcome.Missing, null, 0);
        foreach (var id in found) yield return await FetchAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a record that is listed. Who asked for it verifies it; only where there is a choice of copies,
    /// that is done here as well.</summary>
    private async ValueTask<FetchedRecord> FetchAsync(RecordId id, CancellationToken cancellationToken)
    {
        var fetched = await ReadAsync(id, _index[id], cancellationToken).ConfigureAwait(false);
        foreach (var copy in _copies.GetValueOrDefault(id, []))
        {
            if (IsSound(fetched)) break;
            if (fetched.Buffer is not null) _pool.Return(fetched.Buffer);
            fetched = await ReadAsync(id, copy, cancellationToken).ConfigureAwait(false);
        }
        return fetched;
    }

    private async ValueTask<FetchedRecord> ReadAsync(RecordId id, Place place, CancellationToken cancellationToken)
    {
        var (pack, buffer) = (_packs[place.Pack], _pool.Rent(place.Bytes));
        try
        {
            var read = await _store
                .ReadAsync(pack, place.Offset, buffer.AsMemory(0, place.Bytes), cancellationToken)
                .ConfigureAwait(false);
            return new FetchedRecord(id, FetchOutcome.Found, buffer, read);
        }
        catch (VaultException exception)
        {
            _pool.Return(buffer);
            Report(pack, exception);
            return new FetchedRecord(id, FetchOutcome.Damaged, null, 0);
        }
    }

    private void Report(BlobName pack, VaultException failure)
    {
        lock (_unreadable) // Records are fetched in several requests at once.
        {
            if (_unreadable.Add(pack)) _damaged(pack, failure);
        }
    }

    private static bool IsSound(FetchedRecord fetched) =>
        fetched.Buffer is not null && Digest256.Of(fetched.Buffer.AsSpan(0, fetched.Bytes)) == fetched.Id.Value;

    private void Add(BlobName name, PackFooter footer)
    {
        var pack = _packs.Count;
        _packs.Add(name);
        foreach (var entry in footer.Entries)
        {
            var place = new Place(pack, entry.Offset, entry.Bytes);
            if (_index.TryAdd(entry.Id, place)) continue;
            if (!_copies.TryGetValue(entry.Id, out var copies)) _copies.Add(entry.Id, copies = []);
            copies.Add(place);
        }
    }

    private static async ValueTask<byte[]> ReadTailAsync(
        IBlobStore store, BlobEntry blob, int bytes, CancellationToken cancellationToken)
    {
        var tail = new byte[Math.Min(bytes, blob.Bytes)];
        var read = await store.ReadAsync(blob.Name, blob.Bytes - tail.Length, tail, cancellationToken)
            .ConfigureAwait(false);
        return read == tail.Length
            ? tail
            : throw PackFooter.WrongLength(blob.Bytes, "it became shorter while it was read");
    }

    private readonly record struct Place(int Pack, int Offset, int Bytes);
}

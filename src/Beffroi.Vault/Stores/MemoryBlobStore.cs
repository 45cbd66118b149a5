using System.Runtime.CompilerServices;

namespace Beffroi.Vault.Stores;

/// <summary>Keeps blobs in memory, for tests and for the simulation: what it calls durable lasts as long as the
/// object.</summary>
public sealed class MemoryBlobStore : IBlobStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<bool> PutAsync(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobStoreLimits.ThrowIfRefused(content);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_blobs.TryGetValue(name.Value, out var stored))
            {
                _blobs.Add(name.Value, content.ToArray());
                return ValueTask.FromResult(true);
            }
            if (stored.Length != content.Length) throw BlobStoreErrors.Conflict(name, stored.Length, content.Length);
            return ValueTask.FromResult(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReplaceAsync(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlobStoreLimits.ThrowIfRefused(content);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) _blobs[name.Value] = content.ToArray();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<long?>(Find(name)?.Length);
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(
        BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellationToken.ThrowIfCancellationRequested();
        var blob = Find(name) ?? throw BlobStoreErrors.Missing(name);
        var wanted = blob.AsSpan((int)Math.Min(offset, blob.Length));
        if (wanted.Length > destination.Length) wanted = wanted[..destination.Length];
        wanted.CopyTo(destination.Span);
        return ValueTask.FromResult(wanted.Length);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobEntry> ListAsync(
        string prefix, BlobName? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in Snapshot(prefix, startAfter?.Value))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
        await ValueTask.CompletedTask.ConfigureAwait(false); // An async iterator must await; nothing here has to wait.
    }

    private byte[]? Find(BlobName name)
    {
        lock (_lock) return _blobs.GetValueOrDefault(name.Value);
    }

    private List<BlobEntry> Snapshot(string prefix, string? startAfter)
    {
        lock (_lock)
            return [.. _blobs
                .Where(blob => blob.Key.StartsWith(prefix, StringComparison.Ordinal)
                    && string.CompareOrdinal(blob.Key, startAfter) > 0)
                .Select(blob => new BlobEntry(new BlobName(blob.Key), blob.Value.Length))];
    }
}

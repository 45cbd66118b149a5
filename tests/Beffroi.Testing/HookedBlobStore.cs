using Beffroi.Vault.Stores;

namespace Beffroi.Testing;

/// <summary>A store that calls the test on its way, so that the test can fail there: a full disk before a blob is put,
/// a server that is killed after, an agent that goes away while blobs are listed.</summary>
public sealed class HookedBlobStore(IBlobStore inner) : IBlobStore
{
    /// <summary>Called with each name before the blob is stored.</summary>
    public Action<BlobName>? BeforePut { get; set; }

    /// <summary>Called with each name when the blob is durable.</summary>
    public Action<BlobName>? AfterPut { get; set; }

    /// <summary>Called with each name before the blob is read.</summary>
    public Action<BlobName>? BeforeRead { get; set; }

    /// <summary>The sector of a blob that cannot be read: its name and a byte of it.</summary>
    public (BlobName Name, long Offset)? BadSector { get; set; }

    /// <summary>Called with the prefix before blobs are listed.</summary>
    public Action<string>? BeforeList { get; set; }

    public async ValueTask<bool> PutAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BeforePut?.Invoke(name);
        var isNew = await inner.PutAsync(name, content, cancellationToken);
        AfterPut?.Invoke(name);
        return isNew;
    }

    public ValueTask ReplaceAsync(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        inner.ReplaceAsync(name, content, cancellationToken);

    public ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken) =>
        inner.GetLengthAsync(name, cancellationToken);

    public ValueTask<int> ReadAsync(
        BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        BeforeRead?.Invoke(name);
        if (BadSector is { } bad && bad.Name == name && bad.Offset >= offset
            && bad.Offset < offset + destination.Length)
            throw BlobStoreErrors.Unreadable(name.Value, new IOException("Input/output error"));
        return inner.ReadAsync(name, offset, destination, cancellationToken);
    }

    public IAsyncEnumerable<BlobEntry> ListAsync(
        string prefix, BlobName? startAfter, CancellationToken cancellationToken)
    {
        BeforeList?.Invoke(prefix);
        return inner.ListAsync(prefix, startAfter, cancellationToken);
    }

    /// <summary>Turns one bit of a blob, as a disk does that fails quietly.</summary>
    public async Task FlipBitAsync(BlobName name, int offset)
    {
        var bytes = new byte[await inner.GetLengthAsync(name, CancellationToken.None) ?? 0];
        await inner.ReadAsync(name, 0, bytes, CancellationToken.None);
        bytes[offset] ^= 1;
        await inner.ReplaceAsync(name, bytes, CancellationToken.None);
    }

    /// <summary>Cuts a blob, as a disk does that was full.</summary>
    public async Task TruncateAsync(BlobName name, int length)
    {
        var bytes = new byte[length];
        await inner.ReadAsync(name, 0, bytes, CancellationToken.None);
        await inner.ReplaceAsync(name, bytes, CancellationToken.None);
    }
}

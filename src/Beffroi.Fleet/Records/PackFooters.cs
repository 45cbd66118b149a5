using System.Runtime.CompilerServices;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Beffroi.Vault.Stores;

namespace Beffroi.Fleet.Records;

/// <summary>A pack as its own last bytes describe it.</summary>
/// <param name="Footer">Its list of records; none when it cannot be read.</param>
/// <param name="Reason">Why it cannot be read.</param>
internal sealed record FoundPack(BlobName Name, PackId Id, int Bytes, PackFooter? Footer, string? Reason);

/// <summary>Reads the lists of records at the ends of a vault's packs.</summary>
internal sealed class PackFooters(IBlobStore blobs)
{
    // Holds the list of nearly every pack; the longest has 1.4 MiB and takes a second read.
    private const int TailBytes = 64 << 10;

    internal async IAsyncEnumerable<FoundPack> ReadAsync(
        VaultId vault, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in blobs.ListAsync(BlobNames.PackPrefix(vault), startAfter: null, cancellationToken))
        {
            var name = entry.Name.Value[(entry.Name.Value.LastIndexOf('/') + 1)..];
            if (!Digest256.TryParse(name, out var id)) continue;

            yield return await ReadAsync(entry, new PackId(id), cancellationToken);
        }
    }

    private async Task<FoundPack> ReadAsync(BlobEntry entry, PackId id, CancellationToken cancellationToken)
    {
        try
        {
            if (entry.Bytes > PackLimits.BytesMax(PackKind.Data)
                || entry.Bytes < PackLimits.HeaderBytes + PackLimits.EndBytes)
                return new FoundPack(entry.Name, id, 0, null, $"it has {entry.Bytes} bytes, which no pack has");

            var footer = await ReadFooterAsync(entry, cancellationToken);
            return Digest256.Of(footer.Span) == id.Value
                ? new FoundPack(entry.Name, id, (int)entry.Bytes, PackFooter.Parse(footer, entry.Bytes), null)
                : new FoundPack(entry.Name, id, 0, null, "its list of records is not the one its name stands for");
        }
        catch (VaultException exception) when (exception.Code
            is ErrorCode.PackMalformed or ErrorCode.PackLengthWrong or ErrorCode.BlobUnreadable)
        {
            return new FoundPack(entry.Name, id, 0, null, exception.Message);
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadFooterAsync(BlobEntry entry, CancellationToken cancellationToken)
    {
        var tail = await ReadTailAsync(entry, TailBytes, cancellationToken);
        var footerBytes = PackFooter.ParseEnd(tail.AsSpan(tail.Length - PackLimits.EndBytes), entry.Bytes);
        if (footerBytes + PackLimits.EndBytes > tail.Length)
            tail = await ReadTailAsync(entry, footerBytes + PackLimits.EndBytes, cancellationToken);
        return tail.AsMemory(tail.Length - PackLimits.EndBytes - footerBytes, footerBytes);
    }

    private async Task<byte[]> ReadTailAsync(BlobEntry entry, int bytesMax, CancellationToken cancellationToken)
    {
        var tail = new byte[Math.Min(bytesMax, entry.Bytes)];
        await blobs.ReadAsync(entry.Name, entry.Bytes - tail.Length, tail, cancellationToken);
        return tail;
    }
}

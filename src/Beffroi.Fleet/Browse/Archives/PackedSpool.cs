using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Bytes that are needed again at the end, compressed in memory: entries of one folder begin alike.</summary>
internal sealed class PackedSpool : IDisposable
{
    private const int ReadBytes = 64 << 10;

    private readonly MemoryStream _packed = new();
    private readonly DeflateStream _deflate;

    internal PackedSpool() => _deflate = new DeflateStream(_packed, CompressionLevel.Fastest, leaveOpen: true);

    internal void Write(ReadOnlySpan<byte> bytes) => _deflate.Write(bytes);

    /// <summary>Ends the writing, and gives all of it.</summary>
    internal async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _deflate.DisposeAsync();
        _packed.Position = 0;
        await using var inflate = new DeflateStream(_packed, CompressionMode.Decompress, leaveOpen: true);
        var buffer = new byte[ReadBytes];
        int count;
        while ((count = await inflate.ReadAsync(buffer, cancellationToken)) > 0) yield return buffer.AsMemory(0, count);
    }

    public void Dispose()
    {
        _deflate.Dispose();
        _packed.Dispose();
    }
}

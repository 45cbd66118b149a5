using System.IO.Compression;

namespace Beffroi.Vault.Compression;

/// <summary>Compresses the content of one record after the other in one profile.</summary>
/// <remarks>Keeps its working memory between calls; one thread at a time, so each worker has its own.</remarks>
public sealed class Compressor : IDisposable
{
    // 4 MiB, the window that every Brotli reader must allow, is also the largest chunk.
    private const int BrotliWindowBits = 22;

    // Below 1/64 (1.6 %) of gain a reader would pay for decompression and the store would hardly notice.
    private const int GainDivisor = 64;

    private readonly ZstdCompressionContext? _zstd;

    /// <summary>Prepares a profile.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The codec is unknown or the level out of its range.</exception>
    /// <exception cref="VaultException"><see cref="ErrorCode.LibraryMissing"/>: zstd is asked for and
    /// absent.</exception>
    public Compressor(CodecProfile profile)
    {
        if (!profile.IsValid)
            throw new ArgumentOutOfRangeException(nameof(profile), profile, "No such codec or level.");
        Profile = profile;
        if (profile.Id != CodecId.Zstd) return;
        Zstd.Require();
        _zstd = ZstdNative.CreateCompressionContext();
        if (_zstd.IsInvalid) throw new InsufficientMemoryException("libzstd could not allocate a compression context.");
    }

    /// <summary>What this one writes.</summary>
    public CodecProfile Profile { get; }

    /// <summary>Compresses <paramref name="plain"/> into the start of <paramref name="destination"/>.</summary>
    /// <param name="plain">The content.</param>
    /// <param name="destination">Room for the payload. Give as many bytes as the content has: the same content then
    /// always gives the same payload, which deduplication needs.</param>
    /// <returns>Length of the payload; 0 when it does not fit or saves less than 1/64: store the content as it is
    /// then.</returns>
    public int Compress(ReadOnlySpan<byte> plain, Span<byte> destination)
    {
        var lengthMax = plain.Length - plain.Length / GainDivisor - 1;
        if (lengthMax <= 0) return 0;
        var target = destination[..Math.Min(destination.Length, lengthMax)];
        return Profile.Id switch
        {
            CodecId.Zstd => CompressZstd(plain, target),
            CodecId.Brotli => CompressBrotli(plain, target),
            CodecId.Deflate => DeflateCodec.Compress(plain, target, Profile.Level),
            _ => 0,
        };
    }

    /// <summary>Whether samples of <paramref name="plain"/> look like what is compressed or encrypted already. Costs
    /// under 20 µs, whatever the length; below 16 KiB the answer is always no. A guess: wrong either way only costs
    /// room or time.</summary>
    public static bool LooksIncompressible(ReadOnlySpan<byte> plain) => Incompressibility.IsLikely(plain);

    /// <summary>Gives the working memory back.</summary>
    public void Dispose() => _zstd?.Dispose();

    private unsafe int CompressZstd(ReadOnlySpan<byte> plain, Span<byte> target)
    {
        ObjectDisposedException.ThrowIf(_zstd is null || _zstd.IsClosed, this);
        fixed (byte* source = plain, destination = target)
        {
            var written = ZstdNative.Compress(
                _zstd, destination, (nuint)target.Length, source, (nuint)plain.Length, Profile.Level);
            // The only error of a valid call is "destination too small".
            return ZstdNative.IsError(written) != 0 ? 0 : (int)written;
        }
    }

    private int CompressBrotli(ReadOnlySpan<byte> plain, Span<byte> target) =>
        BrotliEncoder.TryCompress(plain, target, out var written, Profile.Level, BrotliWindowBits) ? written : 0;
}

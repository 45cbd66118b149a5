using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Beffroi.Vault.Compression;

/// <summary>Brings the content of one record after the other back. Payloads may be hostile: nothing is written outside
/// the given span, and nothing is allocated in proportion to what a payload claims.</summary>
/// <remarks>Keeps its working memory between calls; one thread at a time, so each worker has its own.</remarks>
public sealed class Decompressor : IDisposable
{
    private const uint ZstdMagic = 0xFD2FB528;

    private ZstdDecompressionContext? _zstd;
    private bool _isDisposed;

    /// <summary>Fills <paramref name="plain"/> with the content of <paramref name="payload"/>.</summary>
    /// <param name="codec">How the payload was compressed.</param>
    /// <param name="payload">One whole stream of that codec.</param>
    /// <param name="plain">Exactly as long as the content. What it holds after a failure is undefined.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.RecordMalformed"/>: the payload is no such stream, or
    /// gives more or fewer bytes. <see cref="ErrorCode.RecordUnsupported"/>: this program does not know the codec.
    /// <see cref="ErrorCode.LibraryMissing"/>: it needs libzstd. A retry is useless.</exception>
    public void Decompress(CodecId codec, ReadOnlySpan<byte> payload, Span<byte> plain)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var isWhole = codec switch
        {
            CodecId.Stored => TryCopy(payload, plain),
            CodecId.Zstd => TryZstd(payload, plain),
            CodecId.Brotli => TryBrotli(payload, plain),
            CodecId.Deflate => TryDeflate(payload, plain),
            _ => throw Unsupported(codec),
        };
        if (!isWhole) throw Malformed(codec, payload.Length, plain.Length);
    }

    /// <summary>Gives the working memory back.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _zstd?.Dispose();
    }

    private static bool TryCopy(ReadOnlySpan<byte> payload, Span<byte> plain) =>
        payload.Length == plain.Length && payload.TryCopyTo(plain);

    private unsafe bool TryZstd(ReadOnlySpan<byte> payload, Span<byte> plain)
    {
        Zstd.Require();
        // The magic first: the library may also know the obsolete formats before 0.8, whose decoders nobody hardens.
        if (payload.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(payload) != ZstdMagic) return false;
        _zstd ??= ZstdNative.CreateDecompressionContext();
        if (_zstd.IsInvalid)
            throw new InsufficientMemoryException("libzstd could not allocate a decompression context.");
        fixed (byte* source = payload, destination = plain)
        {
            if (!IsOneFrame(source, payload.Length, plain.Length)) return false;
            var written = ZstdNative.Decompress(
                _zstd, destination, (nuint)plain.Length, source, (nuint)payload.Length);
            return ZstdNative.IsError(written) == 0 && written == (nuint)plain.Length;
        }
    }

    /// <summary>One frame that states the expected content size and nothing behind it: a bomb fails here, before any
    /// work.</summary>
    private static unsafe bool IsOneFrame(byte* source, int length, int plainLength)
    {
        var contentSize = ZstdNative.FrameContentSize(source, (nuint)length);
        if (contentSize >= ZstdNative.ContentSizeMax || contentSize != (ulong)plainLength) return false;
        var frame = ZstdNative.FrameCompressedSize(source, (nuint)length);
        return ZstdNative.IsError(frame) == 0 && frame == (nuint)length;
    }

    private static bool TryBrotli(ReadOnlySpan<byte> payload, Span<byte> plain)
    {
        using var decoder = new BrotliDecoder();
        var status = decoder.Decompress(payload, plain, out var consumed, out var written);
        return status == OperationStatus.Done && consumed == payload.Length && written == plain.Length;
    }

    private static bool TryDeflate(ReadOnlySpan<byte> payload, Span<byte> plain)
    {
        try
        {
            return DeflateCodec.TryDecompress(payload, plain);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static VaultException Malformed(CodecId codec, int payloadBytes, int plainBytes) => new(
        ErrorCode.RecordMalformed, retryable: false,
        $"A record's payload of {payloadBytes} bytes ({codec}) does not decompress to the {plainBytes} bytes that its "
        + "header announces. It was written so, or damaged before it was sealed; other records are not affected. Run "
        + "'beffroi verify' to see which files need it.");

    private static VaultException Unsupported(CodecId codec) => new(
        ErrorCode.RecordUnsupported, retryable: false,
        $"A record is compressed with codec {(byte)codec}, which this program does not know. A newer version wrote "
        + "it: update beffroi on this computer, then run the command again.");
}

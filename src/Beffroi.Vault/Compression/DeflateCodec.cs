using System.IO.Compression;

namespace Beffroi.Vault.Compression;

/// <summary>Raw Deflate between spans; .NET 10 has it only between streams.</summary>
internal static unsafe class DeflateCodec
{
    /// <summary>Returns the length written, or 0 when it does not fit.</summary>
    internal static int Compress(ReadOnlySpan<byte> plain, Span<byte> destination, int level)
    {
        fixed (byte* target = destination)
        {
            using var sink = new BoundedSink(target, destination.Length);
            var options = new ZLibCompressionOptions { CompressionLevel = level };
            using (var deflate = new DeflateStream(sink, options, leaveOpen: true)) deflate.Write(plain);
            return sink.HasOverflowed ? 0 : sink.Written;
        }
    }

    /// <summary>Fills <paramref name="plain"/> exactly. Never writes more, whatever the payload would expand
    /// to.</summary>
    /// <exception cref="InvalidDataException">The payload is no Deflate stream.</exception>
    internal static bool TryDecompress(ReadOnlySpan<byte> payload, Span<byte> plain)
    {
        if (payload.IsEmpty) return false;
        fixed (byte* source = payload)
        {
            using var input = new LastByteApart(source, payload.Length);
            using var inflate = new DeflateStream(input, CompressionMode.Decompress, leaveOpen: true);
            return inflate.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false) == plain.Length
                && inflate.ReadByte() < 0
                && input.Position == payload.Length;
        }
    }

    /// <summary>Gives its last byte in a read of its own: a stream that ends before never asks for it, which is the
    /// only sign of bytes behind it that DeflateStream gives.</summary>
    private sealed class LastByteApart(byte* source, int length) : UnmanagedMemoryStream(source, length)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, (int)Math.Min(count, Math.Max(1, Length - 1 - Position)));
    }

    /// <summary>Writes into a span and drops what does not fit: incompressible data is no exception.</summary>
    private sealed class BoundedSink(byte* target, int capacity) : Stream
    {
        internal int Written { get; private set; }

        internal bool HasOverflowed { get; private set; }

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            HasOverflowed |= buffer.Length > capacity - Written;
            if (HasOverflowed) return;
            buffer.CopyTo(new Span<byte>(target + Written, capacity - Written));
            Written += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

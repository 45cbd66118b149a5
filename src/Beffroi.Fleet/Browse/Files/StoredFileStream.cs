using System.Runtime.CompilerServices;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Fleet.Browse.Files;

/// <summary>A file's bytes, holes included, from any place on. Reads ahead while it is read in order; a jump starts
/// anew.</summary>
/// <param name="reader">Disposed of with the stream.</param>
/// <param name="ended">Ends reading ahead when the request is over.</param>
internal sealed class StoredFileStream(SnapshotReader reader, Entry entry, CancellationToken ended) : Stream
{
    private IAsyncEnumerator<ReadPiece<bool>>? _pieces;
    private ReadOnlyMemory<byte> _piece;
    private long _contentAt; // Place in the content of the first byte of _piece, or of what comes next.
    private long _position;
    private bool _isClosed;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => entry.Bytes;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position >= Length) return 0;
        var (contentOffset, runBytes) = RunAt(_position);
        var wanted = buffer[..(int)Math.Min(buffer.Length, runBytes)];
        var count = contentOffset is { } offset
            ? await ReadContentAsync(offset, wanted, cancellationToken)
            : Clear(wanted);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Stored files are read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is written.
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed) reader.Dispose();
        _isClosed = true;
        base.Dispose(disposing);
    }

    private static int Clear(Memory<byte> hole)
    {
        hole.Span.Clear();
        return hole.Length;
    }

    /// <summary>The data or hole at a place of the file, and how long it goes on.</summary>
    private (long? ContentOffset, long Bytes) RunAt(long position)
    {
        if (entry.Content.Kind == ContentKind.Empty) return (null, Length - position);
        if (entry.Extents.Count == 0) return (position, Length - position);
        var before = 0L;
        foreach (var extent in entry.Extents)
        {
            if (position < extent.Offset) return (null, extent.Offset - position);
            var inside = position - extent.Offset;
            if (inside < extent.Bytes) return (before + inside, extent.Bytes - inside);
            before += extent.Bytes;
        }
        return (null, Length - position);
    }

    private async ValueTask<int> ReadContentAsync(
        long contentOffset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // Within what is here, or right behind it: else the pieces are asked for anew.
        var isHere = contentOffset >= _contentAt && contentOffset <= _contentAt + _piece.Length;
        if (_pieces is null || !isHere) await StartAsync(contentOffset);
        while (contentOffset == _contentAt + _piece.Length || _piece.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await _pieces!.MoveNextAsync()) return 0; // Set by StartAsync. Lengths add up, so this is the end.
            var next = _pieces.Current;
            if (next.Failure is { } failure) throw failure;
            (_contentAt, _piece) = (next.Offset, next.Bytes);
        }
        var part = _piece[(int)(contentOffset - _contentAt)..];
        var count = Math.Min(part.Length, buffer.Length);
        part[..count].CopyTo(buffer);
        return count;
    }

    private async ValueTask StartAsync(long contentOffset)
    {
        await StopAsync();
        (_contentAt, _piece) = (contentOffset, default);
        _pieces = new ReadAhead(reader.Source, reader.Pool)
            .ReadAsync(AskAsync(contentOffset, ended), ended).GetAsyncEnumerator(ended);
    }

    private async IAsyncEnumerable<AskedPiece<bool>> AskAsync(
        long contentOffset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (offset, piece) in reader.Catalogue.PiecesFromAsync(
            entry.Content, contentOffset, cancellationToken))
            yield return new AskedPiece<bool>(true, offset, piece);
    }

    private async ValueTask StopAsync()
    {
        if (_pieces is not null) await _pieces.DisposeAsync();
        _pieces = null;
    }
}

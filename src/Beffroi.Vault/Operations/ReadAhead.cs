using System.Runtime.CompilerServices;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Vault.Operations;

/// <summary>A step of a reading in order.</summary>
/// <param name="Tag">Whatever the caller wants back with it.</param>
/// <param name="Offset">Place of the piece in its content.</param>
/// <param name="Piece">What to read; null for a step that only keeps its place in the order.</param>
public readonly record struct AskedPiece<T>(T Tag, long Offset, Piece? Piece);

/// <summary>A step as it comes back.</summary>
/// <param name="Tag">The caller's.</param>
/// <param name="Offset">Place of the piece in its content.</param>
/// <param name="Bytes">The piece's bytes, valid until the next step is asked for; empty when it failed.</param>
/// <param name="Failure">Why there are no bytes.</param>
public readonly record struct ReadPiece<T>(T Tag, long Offset, ReadOnlyMemory<byte> Bytes, VaultException? Failure);

/// <summary>Reads pieces of any number of contents in the order in which they are asked for: for who writes a stream
/// and cannot put them at their place.</summary>
/// <remarks>
/// <code>
/// steps ─▶ window: fetched at once, each record once ─▶ handed out in order
///          next window: fetched meanwhile
/// </code>
/// <para>Memory: two windows, whatever the contents' length. The first one is small, so that the first bytes come soon
/// and a short range costs little.</para>
/// </remarks>
/// <param name="source">Where records come from.</param>
/// <param name="pool">Where their buffers come from.</param>
/// <param name="windowBytesMax">Plain bytes of a full window, above which at most one piece more.</param>
public sealed class ReadAhead(IRecordSource source, BufferPool pool, int windowBytesMax = 8 << 20)
{
    private const int FirstWindowBytes = 512 << 10;
    private const int WindowStepsMax = 4096;

    /// <summary>Reads the steps. A piece that cannot be read is told in its place; the others follow.</summary>
    /// <exception cref="VaultException">The source as a whole failed.</exception>
    public async IAsyncEnumerable<ReadPiece<T>> ReadAsync<T>(
        IAsyncEnumerable<AskedPiece<T>> asked, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(asked);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var steps = asked.GetAsyncEnumerator(stop.Token);
        await using var _ = steps.ConfigureAwait(false);
        var (current, next) = (new Window<T>(), new Window<T>());
        var bytesMax = Math.Min(FirstWindowBytes, windowBytesMax);
        await current.FillAsync(steps, bytesMax, source, pool, stop.Token).ConfigureAwait(false);
        while (current.Steps.Count > 0)
        {
            bytesMax = Math.Min(bytesMax * 2, windowBytesMax);
            var filling = next.FillAsync(steps, bytesMax, source, pool, stop.Token);
            var isWhole = false;
            try
            {
                for (var i = 0; i < current.Steps.Count; i++) yield return current.Read(i);
                isWhole = true;
            }
            finally
            {
                if (!isWhole) // The reader went away; the steps must not be disposed of while they are read.
                {
                    await stop.CancelAsync().ConfigureAwait(false);
                    await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            await filling.ConfigureAwait(false);
            (current, next) = (next, current);
        }
    }

    private sealed class Window<T>
    {
        private byte[] _buffer = [];
        private int _bytes;

        internal List<Step> Steps { get; } = [];

        internal async Task FillAsync(
            IAsyncEnumerator<AskedPiece<T>> steps, int bytesMax, IRecordSource source, BufferPool pool,
            CancellationToken cancellationToken)
        {
            await Task.Yield(); // What the source does before its first wait would hold up who hands out.
            Steps.Clear();
            _bytes = 0;
            var fetch = new FetchWindow();
            while (_bytes < bytesMax && Steps.Count < WindowStepsMax && !fetch.IsFull
                && await steps.MoveNextAsync().ConfigureAwait(false))
            {
                Add(fetch, steps.Current);
            }
            if (_bytes > _buffer.Length) _buffer = GC.AllocateUninitializedArray<byte>(_bytes);
            await fetch.ExecuteAsync(source, pool, cancellationToken).ConfigureAwait(false);
        }

        internal ReadPiece<T> Read(int index)
        {
            var step = Steps[index];
            var bytes = step.Failure is null ? _buffer.AsMemory(step.Start, step.Bytes) : default;
            return new ReadPiece<T>(step.Asked.Tag, step.Asked.Offset, bytes, step.Failure);
        }

        private void Add(FetchWindow fetch, AskedPiece<T> asked)
        {
            var bytes = asked.Piece is { Bytes: <= Records.RecordLimits.PlainBytesMax } piece ? (int)piece.Bytes : 0;
            var step = new Step(this, asked, _bytes, bytes);
            Steps.Add(step);
            _bytes += bytes;
            // A range that is asked for may begin or end within a chunk.
            if (asked.Piece is { } wanted) fetch.Add(step, stream: null, asked.Offset, wanted, isSlice: true);
        }

        internal sealed class Step(Window<T> window, AskedPiece<T> asked, int start, int bytes) : IPieceReceiver
        {
            internal AskedPiece<T> Asked => asked;
            internal int Start => start;
            internal int Bytes => bytes;
            internal VaultException? Failure { get; private set; }

            public void Write(string? stream, long contentOffset, ReadOnlySpan<byte> content) =>
                content.CopyTo(window._buffer.AsSpan(start, bytes));

            public void Fail(VaultException cause) => Failure = cause;
        }
    }
}

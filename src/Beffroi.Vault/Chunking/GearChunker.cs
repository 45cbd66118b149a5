using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Beffroi.Vault.Chunking;

/// <summary>Finds where the chunk at the start of a content ends, while the content is still being read.</summary>
/// <remarks>Chunker 1 of docs/format/chunking.md: keyed gear hash, normalised chunking level 2, hashing from the
/// minimum on. One instance per reader; not for several threads.</remarks>
public sealed class GearChunker(GearTable table, ChunkSizes sizes)
{
    private readonly ulong[] _table = table.Values;
    private readonly ulong _strict = sizes.StrictMask;
    private readonly ulong _loose = sizes.LooseMask;

    private int _scanned;
    private ulong _hash;

    /// <summary>The sizes it cuts to.</summary>
    public ChunkSizes Sizes => sizes;

    /// <summary>Looks for the end of the chunk that starts at the first byte of <paramref name="chunk"/>.</summary>
    /// <param name="chunk">All bytes known of it so far: what the call before saw, and perhaps more.</param>
    /// <param name="isComplete">Whether the content ends with these bytes.</param>
    /// <returns>Length of the chunk, or 0 if more bytes are needed. After a length, the next call starts a new
    /// chunk.</returns>
    public int FindEnd(ReadOnlySpan<byte> chunk, bool isComplete)
    {
        var end = Scan(chunk);
        if (end == 0 && isComplete) end = chunk.Length;
        if (end > 0) (_scanned, _hash) = (0, 0);
        return end;
    }

    private int Scan(ReadOnlySpan<byte> chunk)
    {
        var limit = Math.Min(chunk.Length, sizes.Max);
        var from = Math.Max(_scanned, sizes.Min);
        if (limit <= from) return 0;
        var hash = _hash;
        var end = Roll(_table, chunk, from, Math.Min(limit, sizes.Normal), _strict, ref hash);
        if (end == 0) end = Roll(_table, chunk, Math.Max(from, sizes.Normal), limit, _loose, ref hash);
        (_scanned, _hash) = (limit, hash);
        return end == 0 && limit == sizes.Max ? limit : end;
    }

    // Bounds are checked once: the loop is a shift, an addition, a load and a test per byte.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Roll(ulong[] table, ReadOnlySpan<byte> chunk, int from, int to, ulong mask, ref ulong state)
    {
        if (from >= to) return 0;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, chunk.Length);
        ref var bytes = ref MemoryMarshal.GetReference(chunk);
        ref var gear = ref MemoryMarshal.GetArrayDataReference(table);
        var hash = state;
        for (var i = from; i < to; i++)
        {
            hash = (hash << 1) + Unsafe.Add(ref gear, Unsafe.Add(ref bytes, i));
            if ((hash & mask) != 0) continue;
            state = hash;
            return i + 1;
        }
        state = hash;
        return 0;
    }
}

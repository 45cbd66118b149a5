using System.Numerics;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Vault.Chunking;

/// <summary>Smallest, usual and largest chunk of a class (docs/format/chunking.md §1).</summary>
public readonly record struct ChunkSizes(int Min, int Normal, int Max)
{
    /// <summary>For most files: 256 KiB, 1 MiB, 4 MiB.</summary>
    public static ChunkSizes Standard { get; } = new(256 << 10, 1 << 20, 4 << 20);

    /// <summary>For big files that change in place: 16 KiB, 64 KiB, 256 KiB.</summary>
    public static ChunkSizes Fine { get; } = new(16 << 10, 64 << 10, 256 << 10);

    /// <summary>The sizes of a class.</summary>
    public static ChunkSizes Of(ChunkClass chunkClass) => chunkClass == ChunkClass.Fine ? Fine : Standard;

    /// <summary>Mask until <see cref="Normal"/>: a quarter as likely to cut as the usual size would ask.</summary>
    internal ulong StrictMask => OnesBelowTop(BitOperations.Log2((uint)Normal) + 2);

    /// <summary>Mask after <see cref="Normal"/>: four times as likely.</summary>
    internal ulong LooseMask => OnesBelowTop(BitOperations.Log2((uint)Normal) - 2);

    // Bit 63 stays out, so that an implementation that takes two bytes a step can use a table shifted by one bit.
    private static ulong OnesBelowTop(int count) => ((1UL << count) - 1) << (63 - count);
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Beffroi.Vault.Crypto;

/// <summary>Eight lanes, with AVX2.</summary>
internal readonly struct Sha256Vector256 : ISha256Vector<Vector256<uint>>
{
    /// <summary>Whether this processor and runtime have the instructions.</summary>
    internal static bool IsSupported => Avx2.IsSupported;

    /// <inheritdoc/>
    public static int Lanes => Vector256<uint>.Count;

    /// <inheritdoc/>
    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    /// <inheritdoc/>
    public static Vector256<uint> Add(Vector256<uint> x, Vector256<uint> y) => Avx2.Add(x, y);

    /// <inheritdoc/>
    public static Vector256<uint> Xor(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => x ^ y ^ z;

    /// <inheritdoc/>
    public static Vector256<uint> Choose(Vector256<uint> mask, Vector256<uint> x, Vector256<uint> y) =>
        (mask & (x ^ y)) ^ y;

    /// <inheritdoc/>
    public static Vector256<uint> Majority(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) =>
        (x & y) | (z & (x | y));

    /// <inheritdoc/>
    public static Vector256<uint> RotateRight(Vector256<uint> x, [ConstantExpected] byte count) =>
        (x >>> count) | (x << (32 - count));

    /// <inheritdoc/>
    public static Vector256<uint> ShiftRight(Vector256<uint> x, [ConstantExpected] byte count) =>
        Avx2.ShiftRightLogical(x, count);

    /// <inheritdoc/>
    /// <remarks>As for sixteen lanes, but a block is two vectors: each half is transposed by itself.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void LoadBlocks(byte** sources, nint offset, Vector256<uint>* words)
    {
        LoadHalf(sources, offset, words);
        LoadHalf(sources, offset + 32, words + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void LoadHalf(byte** sources, nint offset, Vector256<uint>* words)
    {
        LoadFourLanes(sources, offset, words);
        LoadFourLanes(sources + 4, offset, words + 4);
        for (var word = 0; word < 4; word++)
        {
            var (lanes0, lanes4) = (words[word], words[word + 4]);
            words[word] = Avx2.Permute2x128(lanes0, lanes4, 0x20);
            words[word + 4] = Avx2.Permute2x128(lanes0, lanes4, 0x31);
        }
    }

    /// <summary>Makes <c>words[k]</c> hold words k and 4+k, each of the four lanes side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void LoadFourLanes(byte** sources, nint offset, Vector256<uint>* words)
    {
        var (row0, row1) = (LoadRow(sources[0] + offset), LoadRow(sources[1] + offset));
        var (row2, row3) = (LoadRow(sources[2] + offset), LoadRow(sources[3] + offset));
        var low01 = Avx2.UnpackLow(row0, row1).AsUInt64();
        var low23 = Avx2.UnpackLow(row2, row3).AsUInt64();
        var high01 = Avx2.UnpackHigh(row0, row1).AsUInt64();
        var high23 = Avx2.UnpackHigh(row2, row3).AsUInt64();
        words[0] = Avx2.UnpackLow(low01, low23).AsUInt32();
        words[1] = Avx2.UnpackHigh(low01, low23).AsUInt32();
        words[2] = Avx2.UnpackLow(high01, high23).AsUInt32();
        words[3] = Avx2.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Half a block of one lane, its words turned from big endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<uint> LoadRow(byte* half)
    {
        const ulong low = 0x04050607_00010203, high = 0x0c0d0e0f_08090a0b;
        var order = Vector256.Create(low, high, low, high).AsByte();
        return Avx2.Shuffle(Vector256.Load(half), order).AsUInt32();
    }
}

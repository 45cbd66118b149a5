using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Beffroi.Vault.Crypto;

/// <summary>Sixteen lanes, with AVX-512.</summary>
internal readonly struct Sha256Vector512 : ISha256Vector<Vector512<uint>>
{
    /// <summary>Whether this processor and runtime have the instructions.</summary>
    internal static bool IsSupported => Avx512F.IsSupported && Avx512BW.IsSupported;

    /// <inheritdoc/>
    public static int Lanes => Vector512<uint>.Count;

    /// <inheritdoc/>
    public static Vector512<uint> Broadcast(uint word) => Vector512.Create(word);

    /// <inheritdoc/>
    public static Vector512<uint> Add(Vector512<uint> x, Vector512<uint> y) => Avx512F.Add(x, y);

    // The control byte of a ternary operation is its truth table: bit 4x + 2y + z is the result for those inputs.

    /// <inheritdoc/>
    public static Vector512<uint> Xor(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) =>
        Avx512F.TernaryLogic(x, y, z, 0x96);

    /// <inheritdoc/>
    public static Vector512<uint> Choose(Vector512<uint> mask, Vector512<uint> x, Vector512<uint> y) =>
        Avx512F.TernaryLogic(mask, x, y, 0xCA);

    /// <inheritdoc/>
    public static Vector512<uint> Majority(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) =>
        Avx512F.TernaryLogic(x, y, z, 0xE8);

    /// <inheritdoc/>
    public static Vector512<uint> RotateRight(Vector512<uint> x, [ConstantExpected] byte count) =>
        Avx512F.RotateRight(x, count);

    /// <inheritdoc/>
    public static Vector512<uint> ShiftRight(Vector512<uint> x, [ConstantExpected] byte count) =>
        Avx512F.ShiftRightLogical(x, count);

    /// <inheritdoc/>
    /// <remarks>A transposition of 16 by 16 words in two steps, in place: first each 4 by 4 square within four lanes,
    /// then the squares among the four groups of lanes.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void LoadBlocks(byte** sources, nint offset, Vector512<uint>* words)
    {
        for (var lane = 0; lane < 16; lane += 4) LoadFourLanes(sources + lane, offset, words + lane);
        for (var word = 0; word < 4; word++) GatherGroups(words + word);
    }

    /// <summary>Makes <c>words[k]</c> hold words k, 4+k, 8+k and 12+k, each of the four lanes side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void LoadFourLanes(byte** sources, nint offset, Vector512<uint>* words)
    {
        var (row0, row1) = (LoadRow(sources[0] + offset), LoadRow(sources[1] + offset));
        var (row2, row3) = (LoadRow(sources[2] + offset), LoadRow(sources[3] + offset));
        var low01 = Avx512F.UnpackLow(row0, row1).AsUInt64();
        var low23 = Avx512F.UnpackLow(row2, row3).AsUInt64();
        var high01 = Avx512F.UnpackHigh(row0, row1).AsUInt64();
        var high23 = Avx512F.UnpackHigh(row2, row3).AsUInt64();
        words[0] = Avx512F.UnpackLow(low01, low23).AsUInt32();
        words[1] = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        words[2] = Avx512F.UnpackLow(high01, high23).AsUInt32();
        words[3] = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Brings together the four groups of lanes of four words: those at 0, 4, 8 and 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void GatherGroups(Vector512<uint>* words)
    {
        var low01 = Avx512F.Shuffle4x128(words[0], words[4], 0b01_00_01_00);
        var low23 = Avx512F.Shuffle4x128(words[8], words[12], 0b01_00_01_00);
        var high01 = Avx512F.Shuffle4x128(words[0], words[4], 0b11_10_11_10);
        var high23 = Avx512F.Shuffle4x128(words[8], words[12], 0b11_10_11_10);
        words[0] = Avx512F.Shuffle4x128(low01, low23, 0b10_00_10_00);
        words[4] = Avx512F.Shuffle4x128(low01, low23, 0b11_01_11_01);
        words[8] = Avx512F.Shuffle4x128(high01, high23, 0b10_00_10_00);
        words[12] = Avx512F.Shuffle4x128(high01, high23, 0b11_01_11_01);
    }

    /// <summary>One block of one lane, its words turned from big endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<uint> LoadRow(byte* block)
    {
        const ulong low = 0x04050607_00010203, high = 0x0c0d0e0f_08090a0b;
        // Written in full, it is one constant in memory; from a Vector128 it was put together again in the loop.
        var order = Vector512.Create(low, high, low, high, low, high, low, high).AsByte();
        return Avx512BW.Shuffle(Vector512.Load(block), order).AsUInt32();
    }
}

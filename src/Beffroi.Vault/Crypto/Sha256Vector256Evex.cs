using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Beffroi.Vault.Crypto;

/// <summary>Eight lanes, with what AVX-512 brings to 256 bits: rotation and functions of three inputs.</summary>
internal readonly struct Sha256Vector256Evex : ISha256Vector<Vector256<uint>>
{
    /// <summary>Whether this processor and runtime have the instructions.</summary>
    internal static bool IsSupported => Avx512F.VL.IsSupported && Avx2.IsSupported;

    /// <inheritdoc/>
    public static int Lanes => Vector256<uint>.Count;

    /// <inheritdoc/>
    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    /// <inheritdoc/>
    public static Vector256<uint> Add(Vector256<uint> x, Vector256<uint> y) => Avx2.Add(x, y);

    // The control bytes are the truth tables of Sha256Vector512.

    /// <inheritdoc/>
    public static Vector256<uint> Xor(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) =>
        Avx512F.VL.TernaryLogic(x, y, z, 0x96);

    /// <inheritdoc/>
    public static Vector256<uint> Choose(Vector256<uint> mask, Vector256<uint> x, Vector256<uint> y) =>
        Avx512F.VL.TernaryLogic(mask, x, y, 0xCA);

    /// <inheritdoc/>
    public static Vector256<uint> Majority(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) =>
        Avx512F.VL.TernaryLogic(x, y, z, 0xE8);

    /// <inheritdoc/>
    public static Vector256<uint> RotateRight(Vector256<uint> x, [ConstantExpected] byte count) =>
        Avx512F.VL.RotateRight(x, count);

    /// <inheritdoc/>
    public static Vector256<uint> ShiftRight(Vector256<uint> x, [ConstantExpected] byte count) =>
        Avx2.ShiftRightLogical(x, count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void LoadBlocks(byte** sources, nint offset, Vector256<uint>* words) =>
        Sha256Vector256.LoadBlocks(sources, offset, words);
}

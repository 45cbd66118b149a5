using System.Runtime.CompilerServices;

namespace Beffroi.Vault.Crypto;

/// <summary>The compression function of SHA-256 (FIPS 180-4, section 6.2.2) on a message per lane.</summary>
/// <remarks>Everything is inlined into <see cref="Absorb"/>, one loop that keeps the eight variables in registers.
/// </remarks>
internal static unsafe class Sha256Compression<TLanes, TVector>
    where TLanes : ISha256Vector<TVector>
    where TVector : unmanaged
{
    private const int Rounds = 64;

    /// <summary>Absorbs <paramref name="blockCount"/> consecutive blocks of each lane.</summary>
    /// <param name="state">A row of <see cref="Sha256Workspace.LanesMax"/> lanes for each of its eight words.</param>
    /// <param name="sources">One pointer per lane, to that many blocks; left unchanged.</param>
    /// <param name="blockCount">Blocks per lane.</param>
    /// <param name="schedule">Room for 64 vectors.</param>
    /// <remarks>Optimised at once, not by tiers: the first call may be the only one and last a second.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Absorb(uint* state, byte** sources, int blockCount, TVector* schedule)
    {
        var end = (nint)blockCount * Sha256Workspace.BlockBytes;
        for (nint offset = 0; offset < end; offset += Sha256Workspace.BlockBytes)
        {
            TLanes.LoadBlocks(sources, offset, schedule);
            Compress(state, schedule);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compress(uint* state, TVector* w)
    {
        var (a, b, c, d) = (*Row(state, 0), *Row(state, 1), *Row(state, 2), *Row(state, 3));
        var (e, f, g, h) = (*Row(state, 4), *Row(state, 5), *Row(state, 6), *Row(state, 7));
        fixed (uint* k = Sha256Constants.Rounds)
        {
            var t = 0;
            for (; t < Rounds - 16; t += 8)
                EightRounds(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h, w + t, k + t, expand: true);
            for (; t < Rounds; t += 8)
                EightRounds(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h, w + t, k + t, expand: false);
        }

        Accumulate(Row(state, 0), a);
        Accumulate(Row(state, 1), b);
        Accumulate(Row(state, 2), c);
        Accumulate(Row(state, 3), d);
        Accumulate(Row(state, 4), e);
        Accumulate(Row(state, 5), f);
        Accumulate(Row(state, 6), g);
        Accumulate(Row(state, 7), h);
    }

    /// <summary>Eight rounds: instead of moving along, each variable takes the next one's part, at last its own again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EightRounds(
        ref TVector a, ref TVector b, ref TVector c, ref TVector d, ref TVector e, ref TVector f, ref TVector g,
        ref TVector h, TVector* w, uint* k, bool expand)
    {
        Round(a, b, c, ref d, e, f, g, ref h, w + 0, k[0], expand);
        Round(h, a, b, ref c, d, e, f, ref g, w + 1, k[1], expand);
        Round(g, h, a, ref b, c, d, e, ref f, w + 2, k[2], expand);
        Round(f, g, h, ref a, b, c, d, ref e, w + 3, k[3], expand);
        Round(e, f, g, ref h, a, b, c, ref d, w + 4, k[4], expand);
        Round(d, e, f, ref g, h, a, b, ref c, w + 5, k[5], expand);
        Round(c, d, e, ref f, g, h, a, ref b, w + 6, k[6], expand);
        Round(b, c, d, ref e, f, g, h, ref a, w + 7, k[7], expand);
    }

    /// <summary>One round, and one word of the schedule for the sixteenth round after.</summary>
    /// <remarks>The schedule is computed among the rounds, not before them: their operations fill each other's gaps
    /// (2.8 instead of 2.6 GB/s with 16 lanes).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        TVector a, TVector b, TVector c, ref TVector d, TVector e, TVector f, TVector g, ref TVector h,
        TVector* w, uint k, bool expand)
    {
        var input = TLanes.Add(h, TLanes.Add(w[0], TLanes.Broadcast(k)));
        var sigma1 = TLanes.Xor(TLanes.RotateRight(e, 6), TLanes.RotateRight(e, 11), TLanes.RotateRight(e, 25));
        var sigma0 = TLanes.Xor(TLanes.RotateRight(a, 2), TLanes.RotateRight(a, 13), TLanes.RotateRight(a, 22));
        var first = TLanes.Add(input, TLanes.Add(sigma1, TLanes.Choose(e, f, g)));
        d = TLanes.Add(d, first);
        h = TLanes.Add(first, TLanes.Add(sigma0, TLanes.Majority(a, b, c)));
        if (expand) w[16] = TLanes.Add(TLanes.Add(w[0], w[9]), TLanes.Add(SmallSigma0(w[1]), SmallSigma1(w[14])));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SmallSigma0(TVector x) =>
        TLanes.Xor(TLanes.RotateRight(x, 7), TLanes.RotateRight(x, 18), TLanes.ShiftRight(x, 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SmallSigma1(TVector x) =>
        TLanes.Xor(TLanes.RotateRight(x, 17), TLanes.RotateRight(x, 19), TLanes.ShiftRight(x, 10));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector* Row(uint* state, int word) => (TVector*)(state + word * Sha256Workspace.LanesMax);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(TVector* row, TVector value) => *row = TLanes.Add(*row, value);
}

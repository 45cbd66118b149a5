using System.Buffers;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Beffroi.Vault.Crypto;

/// <summary>SHA-256 of several messages at once. Thread-safe.</summary>
/// <remarks>
/// A processor with SHA instructions hashes one message after the other, through the platform. Without them the
/// platform is slow (0.4 GB/s per core on a Cascade Lake at 2.5 GHz), but a vector holds the same word of 8 or 16
/// messages, and one instruction serves them all: 1.2 GB/s with AVX2, 2.8 with AVX-512, if messages fill the lanes.
/// </remarks>
public static class Sha256Batch
{
    private static readonly Sha256Path BestPath = ChooseBestPath();

    /// <summary>How many messages at once make good use of the processor: 16, 8 or 1. More is as good, and better if
    /// their lengths differ, for the lanes then even out; 1 says that batches bring nothing.</summary>
    public static int LanesPreferred => LanesOf(BestPath);

    /// <summary>Hashes each of <paramref name="messages"/> into the same place of <paramref name="digests"/>.</summary>
    /// <param name="messages">Any number, of any lengths. Long bodies are pinned while they are read, not copied. They
    /// must not change during the call.</param>
    /// <param name="digests">As long as <paramref name="messages"/>.</param>
    /// <exception cref="ArgumentException">The two spans differ in length.</exception>
    public static void HashMany(ReadOnlySpan<Sha256Message> messages, Span<Digest256> digests) =>
        HashMany(messages, digests, BestPath);

    /// <summary>As the public method, but on a path of the caller's choice, for the tests.</summary>
    internal static void HashMany(ReadOnlySpan<Sha256Message> messages, Span<Digest256> digests, Sha256Path path)
    {
        if (messages.Length != digests.Length)
        {
            throw new ArgumentException(
                $"{messages.Length} messages need as many digests, not {digests.Length}.", nameof(digests));
        }

        var order = ArrayPool<int>.Shared.Rent(messages.Length);
        var blocks = ArrayPool<long>.Shared.Rent(messages.Length);
        try
        {
            var longestFirst = order.AsSpan(0, messages.Length);
            var longestFirstBlocks = blocks.AsSpan(0, messages.Length);
            SortLongestFirst(messages, longestFirst, longestFirstBlocks);
            var alone = CountAlone(longestFirstBlocks, path);
            HashOneByOne(messages, digests, longestFirst[..alone]);
            if (alone < messages.Length) Sha256Lanes.Hash(messages, digests, longestFirst[alone..], path);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(blocks);
            ArrayPool<int>.Shared.Return(order);
        }
    }

    /// <summary>Whether this processor and runtime can take a path.</summary>
    internal static bool IsSupported(Sha256Path path) => path switch
    {
        Sha256Path.Avx512 => Sha256Vector512.IsSupported && Sha256Vector256Evex.IsSupported,
        Sha256Path.Avx2 => Sha256Vector256.IsSupported,
        _ => true,
    };

    private static Sha256Path ChooseBestPath()
    {
        if (HasShaInstructions()) return Sha256Path.OneByOne;
        if (IsSupported(Sha256Path.Avx512)) return Sha256Path.Avx512;
        return IsSupported(Sha256Path.Avx2) ? Sha256Path.Avx2 : Sha256Path.OneByOne;
    }

    /// <summary>Leaf 7 of CPUID, bit 29 of EBX: the runtime has no property for it.</summary>
    private static bool HasShaInstructions() =>
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ebx & (1 << 29)) != 0;

    private static int LanesOf(Sha256Path path) => path switch
    {
        Sha256Path.Avx512 => 16,
        Sha256Path.Avx2 => 8,
        _ => 1,
    };

    private static void SortLongestFirst(ReadOnlySpan<Sha256Message> messages, Span<int> order, Span<long> blocks)
    {
        for (var i = 0; i < messages.Length; i++)
        {
            order[i] = i;
            blocks[i] = messages[i].Bytes / Sha256Workspace.BlockBytes + 1; // Or two: near enough.
        }
        blocks.Sort(order);
        blocks.Reverse(); // Sorting the other way round would cost an object, the comparer, at each call.
        order.Reverse();
    }

    /// <summary>How many of the longest messages are best hashed alone: those that would keep on a lane long after the
    /// others have ended. A lone message, always.</summary>
    internal static int CountAlone(ReadOnlySpan<long> longestFirstBlocks, Sha256Path path)
    {
        if (path == Sha256Path.OneByOne) return longestFirstBlocks.Length;

        // What the lanes take for a block each, eight of them and all of them, if the platform takes 1 for a block:
        // 230 and 360 ns with AVX-512, 430 without, OpenSSL 3.0 165 (Cascade Lake at 2.5 GHz).
        var (narrowStep, wideStep) = path == Sha256Path.Avx512 ? (1.4, 2.2) : (2.6, 2.6);
        var total = Sum(longestFirstBlocks);
        var (best, bestTime, rest) = (longestFirstBlocks.Length, (double)total, total);
        for (var alone = 0; alone < longestFirstBlocks.Length; alone++)
        {
            var longestTime = narrowStep * longestFirstBlocks[alone];
            var sharedTime = wideStep * rest / LanesOf(path);
            var time = total - rest + Math.Max(longestTime, sharedTime);
            if (time < bestTime) (best, bestTime) = (alone, time);
            if (sharedTime >= longestTime) break; // From here on, no message costs less alone than in the lanes.

            rest -= longestFirstBlocks[alone];
        }
        return best;
    }

    private static long Sum(ReadOnlySpan<long> values)
    {
        long sum = 0;
        foreach (var value in values) sum += value;
        return sum;
    }

    private static void HashOneByOne(
        ReadOnlySpan<Sha256Message> messages, Span<Digest256> digests, ReadOnlySpan<int> which)
    {
        if (which.IsEmpty) return;

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[Digest256.Bytes];
        foreach (var i in which)
        {
            hash.AppendData(messages[i].Prefix.Span);
            hash.AppendData(messages[i].Body.Span);
            hash.GetHashAndReset(digest);
            digests[i] = new Digest256(digest);
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Beffroi.Vault.Crypto;

/// <summary>Hashes messages side by side: each lane takes the next message as soon as its own has ended.</summary>
/// <remarks>
/// <para>The lanes in use are always the first ones. A lane advances by <em>runs</em> of consecutive blocks, read in
/// place from a long body, or from the lane's stage, where prefix, ends and padding are put together. All lanes absorb
/// as many blocks as the shortest run has; then those whose run is over take their next one.</para>
/// <para>A started message stays in the lanes: the platform's SHA-256 accepts no state half-way.</para>
/// </remarks>
internal unsafe ref struct Sha256Lanes
{
    private const int NarrowLanes = 8;

    private readonly ReadOnlySpan<Sha256Message> _messages;
    private readonly Span<Digest256> _digests;
    private readonly Sha256Path _path;
    private readonly Sha256Workspace _workspace;
    private ReadOnlySpan<int> _waiting;
    private LaneArray _lanes;
    private int _active;

    private Sha256Lanes(
        ReadOnlySpan<Sha256Message> messages, Span<Digest256> digests, ReadOnlySpan<int> order, Sha256Path path,
        Sha256Workspace workspace)
    {
        _messages = messages;
        _digests = digests;
        _waiting = order;
        _path = path;
        _workspace = workspace;
    }

    /// <summary>Puts the digest of each message that <paramref name="order"/> names at the same index.</summary>
    /// <param name="order">Indexes of messages, best longest first: a long one started late ends alone.</param>
    [SkipLocalsInit]
    internal static void Hash(
        ReadOnlySpan<Sha256Message> messages, Span<Digest256> digests, ReadOnlySpan<int> order, Sha256Path path)
    {
        var memory = stackalloc byte[Sha256Workspace.Bytes];
        var lanes = new Sha256Lanes(messages, digests, order, path, new Sha256Workspace(memory));
        try
        {
            lanes.Run();
        }
        finally
        {
            lanes.Unpin(); // Pins are left only if a body's owner refused to pin.
        }
    }

    private void Run()
    {
        var laneCount = _path == Sha256Path.Avx512 ? Sha256Workspace.LanesMax : NarrowLanes;
        while (_active < laneCount && TryStart(_active)) _active++;

        while (_active > 0)
        {
            var blocks = ShortestRun();
            Absorb(blocks);
            // Downwards: the lane that fills a gap has then advanced already.
            for (var lane = _active - 1; lane >= 0; lane--) Advance(lane, blocks);
        }
    }

    private readonly int ShortestRun()
    {
        var blocks = int.MaxValue;
        for (var lane = 0; lane < _active; lane++) blocks = Math.Min(blocks, _lanes[lane].BlocksLeft);
        return blocks;
    }

    private readonly void Absorb(int blocks)
    {
        var isWide = _active > NarrowLanes;
        // The idle lanes must read something: the first lane's blocks, in vain.
        var width = isWide ? Sha256Workspace.LanesMax : NarrowLanes;
        var state = _workspace.State;
        var sources = _workspace.Sources;
        var schedule = _workspace.Schedule;
        for (var lane = _active; lane < width; lane++) sources[lane] = sources[0];

        if (isWide)
            Sha256Compression<Sha256Vector512, Vector512<uint>>.Absorb(
                state, sources, blocks, (Vector512<uint>*)schedule);
        else if (_path == Sha256Path.Avx512)
            Sha256Compression<Sha256Vector256Evex, Vector256<uint>>.Absorb(
                state, sources, blocks, (Vector256<uint>*)schedule);
        else
            Sha256Compression<Sha256Vector256, Vector256<uint>>.Absorb(
                state, sources, blocks, (Vector256<uint>*)schedule);
    }

    private void Advance(int lane, int blocks)
    {
        _workspace.Sources[lane] += (nint)blocks * Sha256Workspace.BlockBytes;
        _lanes[lane].BlocksLeft -= blocks;
        if (_lanes[lane].BlocksLeft > 0) return;
        if (!_lanes[lane].IsPadded)
        {
            TakeRun(lane);
            return;
        }
        Finish(lane);
        if (!TryStart(lane)) Close(lane);
    }

    private bool TryStart(int lane)
    {
        if (_waiting.IsEmpty) return false;

        _lanes[lane] = new Lane { Message = _waiting[0], Stage = _workspace.Stage(lane) };
        _waiting = _waiting[1..];
        for (var word = 0; word < 8; word++) StateWord(lane, word) = Sha256Constants.InitialState[word];
        TakeRun(lane);
        return true;
    }

    /// <summary>Gives a lane its message's next blocks: in place where a body is long enough, else staged.</summary>
    private void TakeRun(int lane)
    {
        ref var own = ref _lanes[lane];
        var message = _messages[own.Message];
        if (own.Taken < message.Prefix.Length || message.Bytes - own.Taken < Sha256Workspace.StageBytes)
        {
            Stage(lane, message);
            return;
        }
        own.Pin = message.Body.Pin();
        own.BlocksLeft = (int)((message.Bytes - own.Taken) / Sha256Workspace.BlockBytes);
        _workspace.Sources[lane] = (byte*)own.Pin.Pointer + (own.Taken - message.Prefix.Length);
        own.Taken += (long)own.BlocksLeft * Sha256Workspace.BlockBytes;
    }

    /// <summary>Copies what comes next, as much as the stage takes; after the last byte, the padding.</summary>
    private void Stage(int lane, Sha256Message message)
    {
        ref var own = ref _lanes[lane];
        var bytes = (int)Math.Min(message.Bytes - own.Taken, Sha256Workspace.StageBytes);
        message.CopyTo(own.Taken, new Span<byte>(own.Stage, bytes));
        own.Taken += bytes;
        own.IsPadded = own.Taken == message.Bytes;
        if (own.IsPadded) bytes = Pad(own.Stage, bytes, message.Bytes);

        Debug.Assert(bytes > 0 && bytes % Sha256Workspace.BlockBytes == 0);
        own.BlocksLeft = bytes / Sha256Workspace.BlockBytes;
        _workspace.Sources[lane] = own.Stage;
    }

    /// <summary>Adds a one bit, zeros to the end of a block, and in its last eight bytes the length in bits.</summary>
    /// <returns>Bytes in the stage then: whole blocks.</returns>
    private static int Pad(byte* stage, int bytes, long messageBytes)
    {
        const int overhead = 1 + sizeof(ulong);
        var padded = (bytes + overhead + Sha256Workspace.BlockBytes - 1) & -Sha256Workspace.BlockBytes;
        var padding = new Span<byte>(stage + bytes, padded - bytes);
        padding.Clear();
        padding[0] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padding[^sizeof(ulong)..], (ulong)messageBytes * 8);
        return padded;
    }

    private void Finish(int lane)
    {
        Span<byte> digest = stackalloc byte[Digest256.Bytes];
        for (var word = 0; word < 8; word++)
            BinaryPrimitives.WriteUInt32BigEndian(digest[(word * sizeof(uint))..], StateWord(lane, word));
        _digests[_lanes[lane].Message] = new Digest256(digest);
        _lanes[lane].Pin.Dispose();
        _lanes[lane].Pin = default;
    }

    /// <summary>Moves the last lane in use, with its stage, to the place of one that has nothing left to do.</summary>
    private void Close(int lane)
    {
        var last = --_active;
        _lanes[lane] = _lanes[last];
        _lanes[last] = default;
        _workspace.Sources[lane] = _workspace.Sources[last];
        for (var word = 0; word < 8; word++) StateWord(lane, word) = StateWord(last, word);
    }

    private void Unpin()
    {
        foreach (ref var lane in (Span<Lane>)_lanes) lane.Pin.Dispose();
    }

    private readonly ref uint StateWord(int lane, int word) =>
        ref _workspace.State[word * Sha256Workspace.LanesMax + lane];

    private struct Lane
    {
        internal int Message;      // Index.
        internal long Taken;       // Bytes of the message that are in the current run or in earlier ones.
        internal int BlocksLeft;   // In the current run.
        internal bool IsPadded;    // The current run is the message's last.
        internal MemoryHandle Pin; // Of the body, from its run in place to the end of the message.
        internal byte* Stage;
    }

    [InlineArray(Sha256Workspace.LanesMax)]
    private struct LaneArray
    {
        private Lane _first;
    }
}

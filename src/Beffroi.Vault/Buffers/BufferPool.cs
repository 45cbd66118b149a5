using System.Collections.Concurrent;

namespace Beffroi.Vault.Buffers;

/// <summary>Lends byte arrays in a few sizes and takes them back, so that a backup of any volume uses the same
/// memory.</summary>
/// <remarks>
/// <para>The shared pool of the platform rounds up to powers of two (a 4 MiB chunk with its header would take 8 MiB)
/// and keeps arrays per thread; here the largest size is exactly a chunk and its framing, and idle arrays are
/// bounded.</para>
/// <para>It also counts what it has lent: <see cref="WaitForRoomAsync"/> is where producers wait while consumers catch
/// up. Only those who bring new work in wait there; whoever finishes work rents without waiting, so that nothing can
/// lock up.</para>
/// <para>Safe for use by many threads. A buffer lost to an exception is collected, but stays counted: lose few.</para>
/// </remarks>
/// <param name="lentBytesMax">Above this many bytes lent, producers wait.</param>
public sealed class BufferPool(long lentBytesMax = long.MaxValue)
{
    /// <summary>Room that a buffer has beyond its nominal size: the header of a record without references, and the
    /// tag.</summary>
    public const int FramingBytes = 64;

    // Steps of at most a half above 64 KiB, so that little of an array is empty: fine chunks average 70 KiB, standard
    // ones 1.2 MiB.
    private static readonly int[] Sizes =
    [
        16 << 10, 64 << 10, 96 << 10, 128 << 10, 192 << 10, 256 << 10, 384 << 10, 512 << 10, 768 << 10,
        1 << 20, 3 << 19, 2 << 20, 3 << 20, 4 << 20,
    ];

    // Idle arrays wait for their next user: a large array that is dropped is garbage that only a full collection
    // takes away.
    private const long IdleBytesMax = 16 << 20;

    // Arrays that found no room among the idle ones are garbage of the large object heap, which the runtime lets
    // grow to several times what lives: 465 MB were seen for 56 MiB lent. Collecting a heap of few arrays without
    // pointers takes a millisecond or two.
    private const long DroppedBytesMax = 24 << 20;

    private readonly ConcurrentStack<byte[]>[] _idle = [.. Sizes.Select(_ => new ConcurrentStack<byte[]>())];
    private readonly Lock _roomLock = new();
    private TaskCompletionSource? _room;
    private long _idleBytes;
    private long _lentBytes;
    private long _droppedBytes;

    /// <summary>Bytes that are lent now.</summary>
    public long LentBytes => Interlocked.Read(ref _lentBytes);

    /// <summary>Waits until less than the maximum is lent.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (LentBytes >= lentBytesMax)
        {
            Task room;
            lock (_roomLock)
            {
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }
            // Return subtracts and then looks for a waiter; a waiter shows itself and then looks at what is lent. With
            // a full fence between the two steps of each, one of them sees the other.
            Interlocked.MemoryBarrier();
            if (LentBytes < lentBytesMax) return; // A task that is left behind ends with the next Return.
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>An array of at least <paramref name="bytes"/> + <see cref="FramingBytes"/> bytes, with any
    /// content.</summary>
    /// <param name="bytes">0 to 4 MiB; more is allocated and not kept.</param>
    public byte[] Rent(int bytes)
    {
        var size = SizeFor(bytes);
        var array = size < 0 ? null : TakeIdle(size);
        array ??= GC.AllocateUninitializedArray<byte>((size < 0 ? bytes : Sizes[size]) + FramingBytes);
        Interlocked.Add(ref _lentBytes, array.Length);
        return array;
    }

    /// <summary>Takes back an array that <see cref="Rent"/> lent. The caller must not touch it afterwards.</summary>
    public void Return(byte[] array)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (Interlocked.Add(ref _lentBytes, -array.Length) < lentBytesMax) SignalRoom(); // The Add is a full fence.
        var size = Array.IndexOf(Sizes, array.Length - FramingBytes);
        if (size < 0 || Interlocked.Read(ref _idleBytes) + array.Length > IdleBytesMax)
        {
            Drop(array.Length);
            return;
        }
        Interlocked.Add(ref _idleBytes, array.Length);
        _idle[size].Push(array);
    }

    private void Drop(int bytes)
    {
        if (Interlocked.Add(ref _droppedBytes, bytes) < DroppedBytesMax) return;
        Interlocked.Exchange(ref _droppedBytes, 0);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
    }

    /// <summary>An idle array of the size, or of one up to twice as large: better half empty than new.</summary>
    private byte[]? TakeIdle(int size)
    {
        for (var candidate = size; candidate < Sizes.Length && Sizes[candidate] <= 2 * Sizes[size]; candidate++)
        {
            if (!_idle[candidate].TryPop(out var array)) continue;
            Interlocked.Add(ref _idleBytes, -array.Length);
            return array;
        }
        return null;
    }

    private void SignalRoom()
    {
        if (Volatile.Read(ref _room) is null) return;
        lock (_roomLock)
        {
            _room?.SetResult();
            _room = null;
        }
    }

    private static int SizeFor(int bytes)
    {
        for (var size = 0; size < Sizes.Length; size++)
        {
            if (bytes <= Sizes[size]) return size;
        }
        return -1;
    }
}

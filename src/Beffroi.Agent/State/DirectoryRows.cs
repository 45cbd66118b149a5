using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Agent.State;

/// <summary>What the state remembers of the files of one directory. Loaded whole, decoded name by name.</summary>
/// <remarks>Few arrays whatever the number of files, about 200 bytes a file of one chunk: a directory of 200,000 files
/// stays under 50 MB. One thread at a time.</remarks>
internal sealed class DirectoryRows
{
    private const int BlockBytesMin = 4 * 1024;
    private const int BlockBytesMax = 1024 * 1024;

    private readonly List<Slot> _slots = [];
    private byte[] _block = []; // Full blocks live on in their slots: nothing is copied when one is full.
    private int _used;
    private int _next;
    private int _seen;

    internal DirectoryRows(long directory) => Directory = directory;

    /// <summary>Number of the directory in the state; 0 when nothing is known of it.</summary>
    internal long Directory { get; }

    /// <summary>How many files are known.</summary>
    internal int Count => _slots.Count;

    /// <summary>What is known of the file of that name; the name counts as present in the source from now on.</summary>
    /// <remarks>Asking in the order of the bytes of the names finds each one at once; another order costs a binary
    /// search.</remarks>
    internal bool TryGet(ReadOnlySpan<byte> name, [NotNullWhen(true)] out StateRow? row)
    {
        row = null;
        if (Find(name) is not (>= 0 and var index)) return false;
        var slot = _slots[index];
        if (!slot.IsSeen) _seen++;
        _slots[index] = slot with { IsSeen = true };
        _next = index + 1;
        row = RowCodec.Read(NameOf(slot).ToArray(), slot.Device, slot.Inode, slot.Run, BodyOf(slot));
        return row is not null;
    }

    /// <summary>Adds a row; rows come in the order of their names.</summary>
    internal void Add(ReadOnlySpan<byte> name, ulong device, ulong inode, long run, ReadOnlySpan<byte> body)
    {
        var length = name.Length + body.Length;
        if (length > _block.Length - _used)
        {
            _block = new byte[Math.Max(length, Math.Clamp(_block.Length * 2, BlockBytesMin, BlockBytesMax))];
            _used = 0;
        }
        name.CopyTo(_block.AsSpan(_used));
        body.CopyTo(_block.AsSpan(_used + name.Length));
        _slots.Add(new Slot(_block, _used, name.Length, body.Length, device, inode, run, IsSeen: false));
        _used += length;
    }

    /// <summary>Whether there are names that nobody has asked for.</summary>
    internal bool HasUnseen => _seen < _slots.Count;

    /// <summary>How many.</summary>
    internal int UnseenCount => _slots.Count - _seen;

    /// <summary>Names that nobody has asked for.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Unseen() =>
        from slot in _slots
        where !slot.IsSeen
        select (ReadOnlyMemory<byte>)slot.Block.AsMemory(slot.At, slot.NameBytes);

    private int Find(ReadOnlySpan<byte> name)
    {
        if (_next < _slots.Count && NameOf(_slots[_next]).SequenceEqual(name)) return _next;
        var (low, high) = (0, _slots.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = NameOf(_slots[middle]).SequenceCompareTo(name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }

    private static ReadOnlySpan<byte> NameOf(Slot slot) => slot.Block.AsSpan(slot.At, slot.NameBytes);

    private static ReadOnlySpan<byte> BodyOf(Slot slot) =>
        slot.Block.AsSpan(slot.At + slot.NameBytes, slot.BodyBytes);

    private readonly record struct Slot(
        byte[] Block, int At, int NameBytes, int BodyBytes, ulong Device, ulong Inode, long Run, bool IsSeen);
}

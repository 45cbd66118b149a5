namespace Beffroi.Vault.Operations;

/// <summary>The ids last seen, in a table of fixed size: a new one takes the place of an old one. Forgetting costs a
/// question.</summary>
/// <remarks>Half of an id is kept. That two ids agree in 128 bits is out of reach; and if they did, the server, which
/// is asked for every reference of the catalogue, would refuse the pack rather than lose a record.</remarks>
internal sealed class RecentIds(int slots)
{
    private readonly UInt128[] _ids = new UInt128[slots]; // 1 MiB for 65,536.

    internal void Add(RecordId id) => _ids[SlotOf(id)] = HalfOf(id);

    internal bool Contains(RecordId id) => _ids[SlotOf(id)] == HalfOf(id);

    private int SlotOf(RecordId id) => (int)(id.Value.Prefix % (ulong)_ids.Length);

    private static UInt128 HalfOf(RecordId id)
    {
        Span<byte> bytes = stackalloc byte[Digest256.Bytes];
        id.Value.CopyTo(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[..16]);
    }
}

using Beffroi.Vault.Wire;

namespace Beffroi.Vault.Catalogue;

/// <summary>The records that one catalogue record points at, in the order of its references (docs/format/catalogue.md
/// §1).</summary>
internal sealed class ChildTable
{
    private readonly Dictionary<RecordId, int> _positions = [];
    private readonly RecordRef[] _children;
    private readonly bool[] _used;

    /// <summary>Sorts and numbers the children of a record that is being written.</summary>
    internal ChildTable(IEnumerable<RecordRef> children)
    {
        _children = [.. children.DistinctBy(child => child.Id).OrderBy(child => child.Id.Value)];
        _used = new bool[_children.Length];
        for (var i = 0; i < _children.Length; i++) _positions.Add(_children[i].Id, i);
    }

    private ChildTable(RecordRef[] children)
    {
        _children = children;
        _used = new bool[children.Length];
    }

    internal IReadOnlyList<RecordId> References => [.. _children.Select(child => child.Id)];

    internal void WriteKeys(ByteWriter writer)
    {
        foreach (var child in _children) writer.Digest(child.Key);
    }

    internal void Write(ByteWriter writer, RecordRef child) => writer.Varint((ulong)_positions[child.Id]);

    /// <summary>Reads the keys of a record that is being read, beside the references of its header.</summary>
    internal static ChildTable Read(ref ByteReader reader, IReadOnlyList<RecordId> references)
    {
        var children = new RecordRef[references.Count];
        for (var i = 0; i < children.Length; i++) children[i] = new RecordRef(references[i], reader.Digest());
        return new ChildTable(children);
    }

    internal RecordRef Read(ref ByteReader reader)
    {
        var position = reader.Varint();
        if (position >= (ulong)_children.Length)
            throw Mismatch($"it points at reference {position} of {_children.Length}");
        _used[(int)position] = true;
        return _children[(int)position];
    }

    /// <summary>Refuses a record that lists a reference which nothing points at: the two lists must be one.</summary>
    internal void CheckAllUsed()
    {
        var unused = Array.IndexOf(_used, false);
        if (unused >= 0) throw Mismatch($"nothing points at reference {unused}");
    }

    private static VaultException Mismatch(string why) => new(ErrorCode.ReferencesMismatch, retryable: false,
        $"A catalogue record's references are not those of its content: {why}. It is refused, because a server that "
        + "follows its references would keep the wrong records. It was written by a faulty program.");
}

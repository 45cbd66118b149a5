using Beffroi.Vault.Records;

namespace Beffroi.Vault.Packs;

/// <summary>A finished pack, still in the pieces it was made of, so that 32 MiB need not be copied to be
/// sent.</summary>
/// <param name="Id">SHA-256 of the footer.</param>
/// <param name="Kind">Data or catalogue.</param>
/// <param name="Bytes">Length of the whole pack.</param>
/// <param name="Parts">Header, records, footer and end, in order.</param>
/// <param name="Records">The records, whose buffers belong to the pack's owner.</param>
public sealed record BuiltPack(
    PackId Id, PackKind Kind, int Bytes, IReadOnlyList<ReadOnlyMemory<byte>> Parts, IReadOnlyList<SealedRecord> Records)
{
    /// <summary>The pack as one array, for stores that want it whole.</summary>
    public byte[] ToArray()
    {
        var whole = new byte[Bytes];
        var offset = 0;
        foreach (var part in Parts)
        {
            part.Span.CopyTo(whole.AsSpan(offset));
            offset += part.Length;
        }
        return whole;
    }
}

/// <summary>Collects records until they fill a pack. For one thread at a time.</summary>
/// <param name="vault">Vault that the pack is for.</param>
/// <param name="kind">Data or catalogue; records of the other sort are refused.</param>
public sealed class PackBuilder(VaultId vault, PackKind kind)
{
    private readonly List<SealedRecord> _records = [];
    private readonly HashSet<RecordId> _ids = [];
    private readonly HashSet<SecretId> _secrets = [];
    private int _recordBytes;

    /// <summary>How many records are waiting.</summary>
    public int Count => _records.Count;

    /// <summary>Length of the pack if it were finished now.</summary>
    public int Bytes => PackLimits.HeaderBytes + _recordBytes + PackLimits.FooterFixedBytes + _secrets.Count * 16
        + _records.Count * PackLimits.EntryBytes + PackLimits.EndBytes;

    /// <summary>Whether <paramref name="record"/> still fits into the limits of a pack.</summary>
    public bool Fits(SealedRecord record) =>
        Bytes + 16 + record.Bytes + PackLimits.EntryBytes <= PackLimits.BytesMax(kind)
        && _records.Count < PackLimits.RecordsMax
        && (_secrets.Contains(record.Secret) || _secrets.Count < PackLimits.SecretsMax);

    /// <summary>Adds a record. A record that is in the pack already is left out.</summary>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="ArgumentException">It does not fit or is of the other sort.</exception>
    public bool Add(SealedRecord record)
    {
        if (!Fits(record))
            throw new ArgumentException($"Record {record.Ref.Id} does not fit into this pack.", nameof(record));
        if (record.Type.IsCatalogue() != (kind == PackKind.Catalogue))
            throw new ArgumentException(
                $"A record of type {record.Type} does not go into a pack of {kind}.", nameof(record));
        if (!_ids.Add(record.Ref.Id)) return false;
        _records.Add(record);
        _secrets.Add(record.Secret);
        _recordBytes += record.Bytes;
        return true;
    }

    /// <summary>Finishes the pack and starts the next one.</summary>
    /// <exception cref="InvalidOperationException">There is no record.</exception>
    public BuiltPack Complete()
    {
        if (_records.Count == 0) throw new InvalidOperationException("A pack without records cannot be finished.");
        var header = PackFooter.WriteHeader(kind, vault);
        var entries = new PackEntry[_records.Count];
        var offset = PackLimits.HeaderBytes;
        for (var i = 0; i < entries.Length; i++)
        {
            var record = _records[i];
            entries[i] = new PackEntry(record.Ref.Id, offset, record.Bytes, record.Type, record.Secret);
            offset += record.Bytes;
        }
        var footer = new PackFooter(kind, Digest256.Of(header), entries).Write();
        var pack = Assemble(header, footer);
        Clear();
        return pack;
    }

    /// <summary>Gives up the pack in the making.</summary>
    /// <returns>The records that were waiting, whose buffers are the caller's again.</returns>
    public IReadOnlyList<SealedRecord> Abandon()
    {
        IReadOnlyList<SealedRecord> records = [.. _records];
        Clear();
        return records;
    }

    private BuiltPack Assemble(byte[] header, byte[] footer)
    {
        ReadOnlyMemory<byte>[] parts =
            [header, .. _records.Select(record => record.Memory), footer, PackFooter.WriteEnd(footer.Length)];
        // A pack that this program could not read back must never leave it.
        PackFooter.Parse(footer, Bytes);
        return new BuiltPack(new PackId(Digest256.Of(footer)), kind, Bytes, parts, [.. _records]);
    }

    private void Clear()
    {
        _records.Clear();
        _ids.Clear();
        _secrets.Clear();
        _recordBytes = 0;
    }
}

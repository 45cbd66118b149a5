using System.Runtime.CompilerServices;
using Beffroi.Fleet.Records;
using Beffroi.Vault;
using Beffroi.Vault.Records;
using Beffroi.Vault.Stores;
using Npgsql;

namespace Beffroi.Fleet.Checks;

/// <summary>Which record of a vault's catalogue mentions which, from the clear references in the records'
/// headers.</summary>
/// <remarks>Headers are read when they are first reached, and of their references only the catalogue's own and the
/// wanted ones are kept: what stays in memory is the catalogue's shape, not the ids of all chunks.</remarks>
internal sealed class CatalogueGraph
{
    private readonly IBlobStore _blobs;
    private readonly VaultId _vault;
    private readonly Dictionary<RecordId, (PackId Pack, int Offset, int Bytes)> _places;
    private readonly Dictionary<RecordId, RecordId[]> _children = [];

    private CatalogueGraph(
        IBlobStore blobs, VaultId vault, Dictionary<RecordId, (PackId Pack, int Offset, int Bytes)> places) =>
        (_blobs, _vault, _places) = (blobs, vault, places);

    internal static async Task<CatalogueGraph> LoadAsync(
        NpgsqlDataSource database, IBlobStore blobs, VaultId vault, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select r.id, p.pack_id, r."offset", r.length from {RecordsTable.PartitionOf(vault)} r
            join fleet.packs p on p.ordinal = r.pack_ordinal
            where r.vault_id = $1 and r.type in ($2, $3) and not r.damaged
            """);
        command.CommandTimeout = 0; // Reads the whole partition, once, when damage was found.
        foreach (var value in new object[] { vault.Value, (short)RecordType.ChunkList, (short)RecordType.Segment })
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<RecordId, (PackId, int, int)> places = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = new RecordId(new Digest256(reader.GetFieldValue<byte[]>(0)));
            var pack = new PackId(new Digest256(reader.GetFieldValue<byte[]>(1)));
            places.Add(id, (pack, reader.GetInt32(2), reader.GetInt32(3)));
        }
        return new CatalogueGraph(blobs, vault, places);
    }

    /// <summary>The wanted records at or below a root, each once. <paramref name="isWanted"/> must be the same for all
    /// calls.</summary>
    internal async IAsyncEnumerable<RecordId> ReachAsync(
        RecordId root, Func<RecordId, bool> isWanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<RecordId> seen = [root];
        var pending = new Stack<RecordId>([root]);
        while (pending.TryPop(out var next))
        {
            if (isWanted(next)) yield return next;
            foreach (var child in await ChildrenOfAsync(next, isWanted, cancellationToken))
            {
                if (seen.Add(child)) pending.Push(child);
            }
        }
    }

    private async ValueTask<RecordId[]> ChildrenOfAsync(
        RecordId id, Func<RecordId, bool> isWanted, CancellationToken cancellationToken)
    {
        if (_children.TryGetValue(id, out var known)) return known;

        var references = _places.TryGetValue(id, out var place)
            ? await ReadReferencesAsync(place, cancellationToken)
            : [];
        RecordId[] children = [.. references.Where(each => _places.ContainsKey(each) || isWanted(each))];
        _children.Add(id, children);
        return children;
    }

    private async Task<IReadOnlyList<RecordId>> ReadReferencesAsync(
        (PackId Pack, int Offset, int Bytes) place, CancellationToken cancellationToken)
    {
        try
        {
            var record = new byte[place.Bytes];
            await _blobs.ReadAsync(BlobNames.Pack(_vault, place.Pack), place.Offset, record, cancellationToken);
            return RecordHeader.Parse(record).References;
        }
        catch (VaultException exception) when (!exception.IsRetryable)
        {
            return []; // Damaged since it was checked: the next check of the data says so.
        }
    }
}

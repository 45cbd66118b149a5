using Beffroi.Agent.Commands;
using Beffroi.Agent.Tests.State;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Tests.Commands;

public sealed class DiffCommandTests
{
    [Fact]
    public async Task A_small_file_that_shares_a_record_with_a_neighbour_that_changed_is_the_same()
    {
        var older = new[] { File("a", 100, 1, record: 1), File("b", 200, 1, record: 1), File("c", 300, 1, record: 1) };
        var newer = new[] { File("a", 100, 2, record: 2), File("b", 200, 1, record: 2), File("c", 301, 1, record: 2) };
        Assert.Equal(["M a", "M c"], await CompareAsync(older, newer));
    }

    [Fact]
    public async Task A_file_with_records_of_its_own_is_judged_by_them()
    {
        var older = new[] { File("a", 100_000, 1, record: 1), File("b", 100_000, 1, record: 2) };
        var newer = new[] { File("a", 100_000, 1, record: 3), File("b", 100_000, 2, record: 2) };
        Assert.Equal(["M a", "U b"], await CompareAsync(older, newer));
    }

    private static async Task<List<string>> CompareAsync(Entry[] older, Entry[] newer)
    {
        var changes = new List<string>();
        await foreach (var (change, path) in DiffCommand.CompareAsync(
            older.ToAsyncEnumerable(), newer.ToAsyncEnumerable()))
            changes.Add($"{change} {path}");
        return changes;
    }

    private static Entry File(string name, long bytes, long modified, byte record) => new()
    {
        Path = StateSamples.Path(name),
        Kind = EntryKind.File,
        Bytes = bytes,
        ModifiedNs = modified,
        Content = new Content(ContentKind.Slice, ChunkClass.Standard,
            [new Piece(new RecordRef(new RecordId(Digest256.Of([record])), Digest256.Of([record])), 0, bytes)]),
    };
}

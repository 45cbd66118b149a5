using Beffroi.Vault;
using Beffroi.Vault.Stores;

namespace Beffroi.Conformance.BlobStores;

/// <summary>The laws of <see cref="IBlobStore"/>. A new store derives one class from this and says how it is
/// opened.</summary>
public abstract class BlobStoreConformance : IAsyncLifetime
{
    private IBlobStore? _store;

    /// <summary>The store under test, empty at first.</summary>
    protected IBlobStore Store => _store ?? throw new InvalidOperationException("The store is not open.");

    /// <summary>Opens an empty store that no other test uses, or skips the test with the reason.</summary>
    protected abstract ValueTask<IBlobStore> OpenAsync();

    /// <summary>Removes what <see cref="OpenAsync"/> made.</summary>
    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public ValueTask DisposeAsync() => CloseAsync();

    [Fact]
    public async Task What_was_put_is_read_again()
    {
        var name = new BlobName("t/one/p/4f/4f09");
        var content = Bytes(seed: 1, count: 300_001);

        Assert.True(await PutAsync(name, content));
        Assert.Equal(content, await ReadAllAsync(name));
        Assert.Equal(content.Length, await Store.GetLengthAsync(name, Token));
    }

    [Fact]
    public async Task Every_byte_value_survives()
    {
        var content = Enumerable.Range(0, 1024).Select(i => (byte)i).ToArray();
        await PutAsync(new BlobName("bytes"), content);
        Assert.Equal(content, await ReadAllAsync(new BlobName("bytes")));
    }

    [Fact]
    public async Task One_byte_is_a_blob()
    {
        Assert.True(await PutAsync(new BlobName("one"), [0]));
        Assert.Equal([0], await ReadAllAsync(new BlobName("one")));
    }

    [Fact]
    public async Task The_largest_blob_is_stored_whole()
    {
        var name = new BlobName("large/blob");
        var content = Bytes(seed: 2, count: BlobStoreLimits.BlobBytesMax);

        Assert.True(await PutAsync(name, content));
        var read = await ReadAllAsync(name);
        Assert.True(content.AsSpan().SequenceEqual(read), "The blob came back changed.");
    }

    [Fact]
    public async Task Empty_and_too_large_blobs_are_refused()
    {
        var name = new BlobName("refused");
        var large = new byte[BlobStoreLimits.BlobBytesMax + 1];

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PutAsync(name, []));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PutAsync(name, large));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReplaceAsync(name, []));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReplaceAsync(name, large));
        Assert.Null(await Store.GetLengthAsync(name, Token));
        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task Putting_again_stores_nothing_and_says_so()
    {
        var name = new BlobName("twice");
        var content = Bytes(seed: 3, count: 5_000);

        Assert.True(await PutAsync(name, content));
        Assert.False(await PutAsync(name, content));
        Assert.Equal(content, await ReadAllAsync(name));
        Assert.Single(await ListAsync(""));
    }

    [Fact]
    public async Task Another_length_under_the_same_name_is_a_conflict()
    {
        var name = new BlobName("conflict");
        var content = Bytes(seed: 4, count: 5_000);
        await PutAsync(name, content);

        foreach (var length in (int[])[1, 4_999, 5_001])
            await AssertFailsAsync(ErrorCode.BlobConflict, () => PutAsync(name, Bytes(seed: 5, length)));
        Assert.Equal(content, await ReadAllAsync(name));
    }

    [Fact]
    public async Task A_missing_blob_has_no_length_and_cannot_be_read()
    {
        var beside = new BlobName("folder/there");
        await PutAsync(beside, [1]);

        foreach (var name in (string[])["missing", "folder/missing", "no/such/folder", "folder"])
        {
            Assert.Null(await Store.GetLengthAsync(new BlobName(name), Token));
            foreach (var asked in (int[])[1, 0])
                await AssertFailsAsync(ErrorCode.BlobMissing,
                    () => Store.ReadAsync(new BlobName(name), 0, new byte[asked], Token).AsTask());
        }
    }

    [Fact]
    public async Task Any_range_reads_as_that_slice()
    {
        var name = new BlobName("ranges");
        var content = Bytes(seed: 6, count: 10_000);
        await PutAsync(name, content);
        var random = new Random(7);

        for (var round = 0; round < 60; round++)
        {
            var offset = random.Next(content.Length + 10);
            var asked = random.Next(content.Length + 10);
            await AssertSliceAsync(name, content, offset, asked);
        }
        foreach (var offset in (int[])[0, 1, 9_999, 10_000, 10_001])
            foreach (var asked in (int[])[0, 1, 2, 9_999, 10_000, 10_001])
                await AssertSliceAsync(name, content, offset, asked);
        Assert.Equal(0, await Store.ReadAsync(name, long.MaxValue - 5, new byte[5], Token));
    }

    [Fact]
    public async Task A_negative_offset_is_refused()
    {
        await PutAsync(new BlobName("there"), [1]);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Store.ReadAsync(new BlobName("there"), -1, new byte[1], Token).AsTask());
    }

    [Fact]
    public async Task A_read_leaves_the_rest_of_the_buffer_alone()
    {
        await PutAsync(new BlobName("short"), [1, 2, 3]);
        byte[] buffer = [9, 9, 9, 9, 9];
        Assert.Equal(2, await Store.ReadAsync(new BlobName("short"), 1, buffer.AsMemory(1), Token));
        Assert.Equal([9, 2, 3, 9, 9], buffer);
    }

    [Fact]
    public async Task The_caller_may_use_its_buffer_again_after_a_put()
    {
        var buffer = Bytes(seed: 8, count: 4_096);
        var content = buffer.ToArray();
        await PutAsync(new BlobName("mine"), buffer);
        Array.Clear(buffer);
        Assert.Equal(content, await ReadAllAsync(new BlobName("mine")));
    }

    [Fact]
    public async Task Part_of_an_array_is_stored_as_that_part()
    {
        var array = Bytes(seed: 9, count: 1_000);
        Assert.True(await Store.PutAsync(new BlobName("part"), array.AsMemory(100, 50), Token));
        Assert.Equal(array[100..150], await ReadAllAsync(new BlobName("part")));
    }

    [Fact]
    public async Task Of_many_puts_of_one_name_at_once_one_stores()
    {
        for (var round = 0; round < 5; round++)
        {
            var name = new BlobName($"race/{round}");
            var content = Bytes(seed: round, count: 200_000);
            var stored = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(_ => Task.Run(() => PutAsync(name, content))));

            Assert.Equal(1, stored.Count(now => now));
            Assert.Equal(content, await ReadAllAsync(name));
        }
        Assert.Equal(5, (await ListAsync("race/")).Count);
    }

    [Fact]
    public async Task Puts_of_many_names_at_once_all_store()
    {
        var blobs = Enumerable.Range(0, 60)
            .ToDictionary(i => new BlobName($"p/{i % 7}/{i}"), i => Bytes(seed: i, count: 1_000 + i));
        var stored = await Task.WhenAll(blobs.Select(blob => Task.Run(() => PutAsync(blob.Key, blob.Value))));

        Assert.All(stored, Assert.True);
        foreach (var (name, content) in blobs) Assert.Equal(content, await ReadAllAsync(name));
        Assert.Equal(blobs.Count, (await ListAsync("p/")).Count);
    }

    [Fact]
    public async Task An_empty_store_lists_nothing()
    {
        Assert.Empty(await ListAsync(""));
        Assert.Empty(await ListAsync("t/"));
        Assert.Empty(await ListAsync("", new BlobName("a")));
    }

    [Fact]
    public async Task A_listing_is_in_byte_order_of_the_full_names()
    {
        var expected = await PutNamesAsync();
        var listed = await ListAsync("");

        Assert.Equal(expected, listed.Select(entry => entry.Name.Value));
        Assert.All(listed, entry => Assert.Equal(entry.Name.Value.Length, entry.Bytes));
    }

    [Fact]
    public async Task A_prefix_lists_what_starts_with_it()
    {
        var names = await PutNamesAsync();
        string[] others = ["", "a/b/c/d/e", "zz", "a//", "/", ".", "../", "A", "a/.", "é"];

        foreach (var prefix in names.SelectMany(Starts).Concat(others).Distinct())
            Assert.Equal(
                names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)),
                (await ListAsync(prefix)).Select(entry => entry.Name.Value));
    }

    [Fact]
    public async Task A_listing_starts_after_the_given_name()
    {
        var names = await PutNamesAsync();
        string[] between = ["0", "a/b", "a/b/0", "a0/y", "b/zz", "a/b/c-", "t", "zzz"];

        foreach (var start in names.Concat(between))
            foreach (var prefix in (string[])["", "a", "a/b/", "b/"])
                Assert.Equal(
                    names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)
                        && string.CompareOrdinal(name, start) > 0),
                    (await ListAsync(prefix, new BlobName(start))).Select(entry => entry.Name.Value));
    }

    [Fact]
    public async Task A_listing_can_be_left_early()
    {
        var names = await PutNamesAsync();
        await foreach (var entry in Store.ListAsync("", null, Token))
        {
            Assert.Equal(names[0], entry.Name.Value);
            break;
        }
        Assert.Equal(names.Count, (await ListAsync("")).Count);
    }

    [Fact]
    public async Task Names_may_be_as_long_as_the_limits_say()
    {
        var part = new string('n', BlobStoreLimits.NamePartCharactersMax);
        var name = new BlobName($"{part}/{part[1..]}/x");
        Assert.Equal(BlobStoreLimits.NameCharactersMax, name.Value.Length);

        Assert.True(await PutAsync(name, [1, 2]));
        Assert.Equal([1, 2], await ReadAllAsync(name));
        Assert.Equal([new BlobEntry(name, 2)], await ListAsync(part));
    }

    [Fact]
    public async Task Replacing_puts_other_bytes_in_the_place_of_the_old()
    {
        var name = new BlobName("p/replaced");
        await PutAsync(name, Bytes(seed: 10, count: 2_000));

        foreach (var length in (int[])[2_000, 10, 3_000])
        {
            var content = Bytes(seed: length + 1, length);
            await ReplaceAsync(name, content);
            Assert.Equal(content, await ReadAllAsync(name));
            Assert.Equal([new BlobEntry(name, length)], await ListAsync("p/"));
        }
    }

    [Fact]
    public async Task Replacing_stores_where_nothing_was()
    {
        await ReplaceAsync(new BlobName("new/place"), [1, 2, 3]);
        Assert.Equal([1, 2, 3], await ReadAllAsync(new BlobName("new/place")));
        Assert.False(await PutAsync(new BlobName("new/place"), [1, 2, 3]));
    }

    [Fact]
    public async Task Readers_see_the_old_blob_or_the_new_one_whole()
    {
        var name = new BlobName("swap");
        await PutAsync(name, Filled(0));
        var replacing = Task.Run(async () =>
        {
            for (byte value = 1; value <= 20; value++) await ReplaceAsync(name, Filled(value));
        });
        var reads = 0;
        while (!replacing.IsCompleted || reads == 0)
        {
            if (await TryReadAllAsync(name) is not { } seen) continue;
            reads++;
            Assert.Equal(100_000, seen.Length);
            Assert.True(seen.AsSpan().IndexOfAnyExcept(seen[0]) < 0, "A reader saw parts of two blobs.");
        }
        await replacing;
        Assert.Equal(Filled(20), await ReadAllAsync(name));

        static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, 100_000)];
    }

    [Fact]
    public async Task A_call_cancelled_before_its_start_does_nothing()
    {
        await PutAsync(new BlobName("there"), [1]);
        var cancelled = new CancellationToken(canceled: true);
        var name = new BlobName("cancelled");

        await AssertCancelledAsync(() => Store.PutAsync(name, new byte[10], cancelled).AsTask());
        await AssertCancelledAsync(() => Store.ReplaceAsync(name, new byte[10], cancelled).AsTask());
        await AssertCancelledAsync(() => Store.GetLengthAsync(name, cancelled).AsTask());
        await AssertCancelledAsync(() => Store.ReadAsync(new BlobName("there"), 0, new byte[1], cancelled).AsTask());
        await AssertCancelledAsync(async () =>
        {
            await foreach (var _ in Store.ListAsync("", null, cancelled)) { }
        });
        Assert.Equal(["there"], (await ListAsync("")).Select(entry => entry.Name.Value));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<bool> PutAsync(BlobName name, byte[] content) => Store.PutAsync(name, content, Token).AsTask();

    private Task ReplaceAsync(BlobName name, byte[] content) => Store.ReplaceAsync(name, content, Token).AsTask();

    private async Task<byte[]> ReadAllAsync(BlobName name)
    {
        var buffer = new byte[BlobStoreLimits.BlobBytesMax + 1];
        return buffer[..await Store.ReadAsync(name, 0, buffer, Token)];
    }

    /// <summary>The blob, or null where the store asks to try again; Ceph does when it meets a replacement.</summary>
    private async Task<byte[]?> TryReadAllAsync(BlobName name)
    {
        try
        {
            return await ReadAllAsync(name);
        }
        catch (VaultException exception) when (exception.IsRetryable)
        {
            return null;
        }
    }

    private async Task<List<BlobEntry>> ListAsync(string prefix, BlobName? startAfter = null)
    {
        var entries = new List<BlobEntry>();
        await foreach (var entry in Store.ListAsync(prefix, startAfter, Token)) entries.Add(entry);
        return entries;
    }

    /// <summary>Stores blobs whose names a directory would sort another way than their bytes do; content as long as the
    /// name.</summary>
    private async Task<List<string>> PutNamesAsync()
    {
        List<string> names =
        [
            "a-b", "a.b", "a/b/c", "a/b/c-d", "a/b/c.d", "a/b/c0", "a/b-", "a/b.x", "a/b0", "a/b_", "a0/x", "a_/x",
            "a-/x", "b", "b-/z", "b0", "t/1/p/00/x", "t/1/p/0f/y", "t/1/s/d/0001-x", "t/1-2", "t/10", "z",
        ];
        await Task.WhenAll(names.Select(name => PutAsync(new BlobName(name), new byte[name.Length])));
        names.Sort(string.CompareOrdinal);
        return names;
    }

    private static IEnumerable<string> Starts(string name) =>
        Enumerable.Range(1, name.Length).Select(length => name[..length]);

    private async Task AssertSliceAsync(BlobName name, byte[] content, int offset, int asked)
    {
        var buffer = new byte[asked];
        var read = await Store.ReadAsync(name, offset, buffer, Token);
        var expected = content.Skip(offset).Take(asked).ToArray();
        Assert.Equal(expected, buffer[..read]);
    }

    private static async Task AssertFailsAsync(ErrorCode code, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<VaultException>(call);
        Assert.Equal(code, exception.Code);
        Assert.False(exception.IsRetryable);
    }

    private static Task AssertCancelledAsync(Func<Task> call) =>
        Assert.ThrowsAnyAsync<OperationCanceledException>(call);

    private static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

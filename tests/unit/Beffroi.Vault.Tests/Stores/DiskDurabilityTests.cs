using Beffroi.Vault.Stores;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Vault.Tests.Stores;

/// <summary>Invariant I7: durable means flushed file and flushed folder; a failed flush means that the blob is
/// lost.</summary>
public sealed class DiskDurabilityTests : IDisposable
{
    private const int InputOutputError = 5;
    private const int NoSpace = 28;

    private readonly DiskFolder _folder = new();
    private readonly RecordingDurability _durability;
    private readonly DiskBlobStore _store;

    public DiskDurabilityTests()
    {
        _durability = new RecordingDurability(_folder.Path);
        _store = new DiskBlobStore(_folder.Path, reserve: default, _durability);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_file_is_flushed_before_it_is_published_and_its_folder_after()
    {
        Assert.True(await PutAsync("a/b/c", [1]));
        Assert.Equal(
            ["create a", "flush .", "create a/b", "flush a", "flush file", "publish a/b/c", "flush a/b"],
            _durability.Calls);
    }

    [Fact]
    public async Task A_folder_known_to_be_durable_is_not_flushed_again()
    {
        await PutAsync("a/b/c", [1]);
        _durability.Calls.Clear();
        await PutAsync("a/b/d", [1]);
        Assert.Equal(["flush file", "publish a/b/d", "flush a/b"], _durability.Calls);
    }

    [Fact]
    public async Task A_folder_that_another_process_made_is_made_durable_here()
    {
        // That process may have died between making the folder and flushing its parent.
        Directory.CreateDirectory(_folder.PathOf("a/b"));
        await PutAsync("a/b/c", [1]);
        Assert.Contains("flush .", _durability.Calls);
        Assert.Contains("flush a", _durability.Calls);
    }

    [Fact]
    public async Task A_blob_that_is_there_already_is_made_durable_before_that_is_said()
    {
        File.WriteAllBytes(_folder.PathOf("x"), [1]);
        Assert.False(await PutAsync("x", [1]));
        Assert.Equal(["flush ."], _durability.Calls);
    }

    [Fact]
    public async Task A_blob_published_by_another_process_meanwhile_is_kept()
    {
        _durability.Fault = call =>
        {
            if (call == "flush file") File.WriteAllBytes(_folder.PathOf("x"), [7]);
            return null;
        };
        Assert.False(await PutAsync("x", [1]));
        Assert.Equal([7], await DiskFolder.ReadAsync(_store, "x"));
        Assert.Equal(["x"], _folder.Files());
    }

    [Fact]
    public async Task A_replacement_is_flushed_before_and_its_folder_after()
    {
        await PutAsync("x", [1]);
        _durability.Calls.Clear();
        await _store.ReplaceAsync(new BlobName("x"), new byte[] { 2 }, Token);
        Assert.Equal(["flush file", "replace x", "flush ."], _durability.Calls);
    }

    [Theory]
    [InlineData("create a")]
    [InlineData("flush .")]
    [InlineData("flush file")]
    [InlineData("publish a/x")]
    [InlineData("flush a")]
    public async Task A_call_that_fails_loses_the_blob_and_is_not_repeated(string failing)
    {
        _durability.Fault = call => call == failing ? new IOException("Simulated.", InputOutputError) : null;
        var exception = await Assert.ThrowsAsync<VaultException>(() => PutAsync("a/x", [1, 2, 3]));

        Assert.Equal(ErrorCode.StoreUnavailable, exception.Code);
        Assert.True(exception.IsRetryable);
        Assert.Contains("a/x", exception.Message, StringComparison.Ordinal);
        Assert.Single(_durability.Calls, failing);
        Assert.Empty(_folder.Files());
        Assert.Null(await _store.GetLengthAsync(new BlobName("a/x"), Token));

        _durability.Fault = _ => null;
        Assert.True(await PutAsync("a/x", [1, 2, 3]));
        Assert.Equal([1, 2, 3], await DiskFolder.ReadAsync(_store, "a/x"));
    }

    [Fact]
    public async Task A_folder_whose_parent_could_not_be_flushed_is_made_again_by_the_next_put()
    {
        _durability.Fault = call => call == "flush ." ? new IOException("Simulated.", InputOutputError) : null;
        await Assert.ThrowsAsync<VaultException>(() => PutAsync("a/x", [1]));
        Assert.False(Directory.Exists(_folder.PathOf("a")));
        _durability.Fault = _ => null;
        _durability.Calls.Clear();

        await PutAsync("a/x", [1]);
        Assert.Equal(["create a", "flush .", "flush file", "publish a/x", "flush a"], _durability.Calls);
    }

    [Fact]
    public async Task A_disk_found_full_while_flushing_is_a_full_store()
    {
        _durability.Fault = call => call == "flush file" ? new IOException("Simulated.", NoSpace) : null;
        var exception = await Assert.ThrowsAsync<VaultException>(() => PutAsync("x", [1]));
        Assert.Equal(ErrorCode.StoreFull, exception.Code);
        Assert.False(exception.IsRetryable);
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task Nobody_builds_on_a_blob_that_is_being_taken_back()
    {
        Task<bool>? second = null;
        _durability.Fault = call =>
        {
            if (call != "flush ." || second is not null) return null;
            second = Task.Run(() => PutAsync("x", [1]), Token);
            // The first call's blob is visible by now; the second must not answer before its fate is decided.
            Assert.False(second.Wait(TimeSpan.FromMilliseconds(300), Token));
            return new IOException("Simulated.", InputOutputError);
        };
        await Assert.ThrowsAsync<VaultException>(() => PutAsync("x", [1]));

        Assert.NotNull(second);
        Assert.True(await second);
        Assert.Equal([1], await DiskFolder.ReadAsync(_store, "x"));
    }

    [Fact]
    public async Task Whatever_fails_acknowledged_blobs_stay_and_the_others_leave_nothing()
    {
        var random = new Random(20_260_101);
        _durability.Fault = _ => random.Next(8) == 0 ? new IOException("Simulated.", InputOutputError) : null;
        var acknowledged = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);

        for (var round = 0; round < 300; round++)
        {
            var name = $"{random.Next(3)}/{random.Next(3)}/{random.Next(12)}";
            var content = new byte[1 + name[^1]];
            Array.Fill(content, (byte)name[0]);
            try
            {
                Assert.Equal(!acknowledged.ContainsKey(name), await PutAsync(name, content));
                acknowledged[name] = content;
            }
            catch (VaultException exception) when (exception.IsRetryable)
            {
            }
            Assert.Equal(acknowledged.Keys, _folder.Files());
        }
        Assert.True(acknowledged.Count > 50, $"Only {acknowledged.Count} blobs were stored.");
        foreach (var (name, content) in acknowledged) Assert.Equal(content, await DiskFolder.ReadAsync(_store, name));
    }

    [Fact]
    public async Task A_put_cancelled_before_it_is_published_leaves_nothing()
    {
        using var source = new CancellationTokenSource();
        _durability.Fault = call =>
        {
            if (call == "flush file") source.Cancel();
            return null;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _store.PutAsync(new BlobName("x"), new byte[9], source.Token).AsTask());
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task A_put_cancelled_after_it_is_published_completes()
    {
        using var source = new CancellationTokenSource();
        _durability.Fault = call =>
        {
            if (call == "publish x") source.Cancel();
            return null;
        };
        Assert.True(await _store.PutAsync(new BlobName("x"), new byte[9], source.Token));
        Assert.Equal(["x"], _folder.Files());
    }

    [Fact]
    public async Task The_reserve_stops_puts_and_nothing_else()
    {
        var store = new DiskBlobStore(_folder.Path, new DiskReserve(1_000, BlobNames.IsLogEntry), _durability);
        _durability.FreeBytes = 1_100;
        Assert.True(await store.PutAsync(new BlobName("fits"), new byte[100], Token));

        var exception = await Assert.ThrowsAsync<VaultException>(
            () => store.PutAsync(new BlobName("touches"), new byte[101], Token).AsTask());
        Assert.Equal(ErrorCode.StoreFull, exception.Code);
        Assert.Contains("1000", exception.Message, StringComparison.Ordinal);

        Assert.False(await store.PutAsync(new BlobName("fits"), new byte[100], Token));
        await store.ReplaceAsync(new BlobName("fits"), new byte[200], Token);
        Assert.Equal(200, (await DiskFolder.ReadAsync(store, "fits")).Length);
        Assert.Equal(["fits"], await DiskFolder.NamesAsync(store));
    }

    [Fact]
    public async Task Entries_of_a_members_log_may_use_the_reserve()
    {
        var store = new DiskBlobStore(_folder.Path, new DiskReserve(1_000, BlobNames.IsLogEntry), _durability);
        var vault = VaultId.New();
        _durability.FreeBytes = 600;
        Assert.True(await store.PutAsync(BlobNames.LogEntry(vault, 7), new byte[400], Token));

        var exception = await Assert.ThrowsAsync<VaultException>(
            () => store.PutAsync(BlobNames.Key(vault, "service"), new byte[1], Token).AsTask());
        Assert.Equal(ErrorCode.StoreFull, exception.Code);
    }

    [Fact]
    public void A_new_root_is_flushed_into_its_parents()
    {
        var root = _folder.PathOf("new/store");
        _ = new DiskBlobStore(root, reserve: default, _durability);
        Assert.Equal(["create new", "flush .", "create new/store", "flush new"], _durability.Calls);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<bool> PutAsync(string name, byte[] content) =>
        _store.PutAsync(new BlobName(name), content, Token).AsTask();
}

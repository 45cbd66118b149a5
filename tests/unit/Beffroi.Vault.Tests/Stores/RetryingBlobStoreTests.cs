using Beffroi.Testing;
using Beffroi.Vault.Stores;

namespace Beffroi.Vault.Tests.Stores;

public sealed class RetryingBlobStoreTests
{
    private static readonly BlobName Name = new("a/b");

    private readonly MemoryBlobStore _memory = new();
    private readonly ImmediateTime _time = new();

    [Fact]
    public async Task Waits_double_up_to_their_bound_and_are_drawn_from_its_upper_half()
    {
        var limits = new RetryLimits
        {
            AttemptsMax = 7, FirstDelay = TimeSpan.FromMilliseconds(100), DelayMax = TimeSpan.FromMilliseconds(1_000),
        };
        var faulty = new FaultyBlobStore(_memory, seed: 1, new FaultRates { LostCallPercent = 100 });
        var store = new RetryingBlobStore(faulty, limits, _time, new Random(1));

        await Assert.ThrowsAsync<VaultException>(() => store.PutAsync(Name, new byte[1], Token).AsTask());
        Assert.Equal(7, faulty.FaultCount);
        double[] bounds = [100, 200, 400, 800, 1_000, 1_000];
        Assert.Equal(bounds.Length, _time.Waits.Count);
        Assert.All(bounds.Zip(_time.Waits), pair =>
            Assert.InRange(pair.Second.TotalMilliseconds, pair.First / 2 - 1, pair.First));
        Assert.Equal(_time.Waits.Count, _time.Waits.Distinct().Count()); // Jitter: not even the last two are the same.
    }

    [Fact]
    public async Task What_cannot_help_is_not_tried_again()
    {
        var store = Retrying(new RefusingStore(ErrorCode.StoreFull));
        var exception = await Assert.ThrowsAsync<VaultException>(
            () => store.PutAsync(Name, new byte[1], Token).AsTask());
        Assert.Equal(ErrorCode.StoreFull, exception.Code);
        await Assert.ThrowsAsync<VaultException>(() => store.ReplaceAsync(Name, new byte[1], Token).AsTask());
        await Assert.ThrowsAsync<VaultException>(() => store.GetLengthAsync(Name, Token).AsTask());
        await Assert.ThrowsAsync<VaultException>(() => store.ReadAsync(Name, 0, new byte[1], Token).AsTask());
        await Assert.ThrowsAsync<VaultException>(() => DiskFolder.NamesAsync(store));
        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task A_put_whose_answer_was_lost_is_there_once()
    {
        var faulty = new FaultyBlobStore(_memory, seed: 3, new FaultRates { LostAnswerPercent = 100, InARowMax = 2 });
        Assert.False(await Retrying(faulty).PutAsync(Name, new byte[] { 1, 2 }, Token)); // The first attempt stored it.
        Assert.Equal(2, faulty.FaultCount);
        Assert.Equal([1, 2], await DiskFolder.ReadAsync(_memory, Name.Value));
    }

    [Fact]
    public async Task Any_mix_of_faults_that_ends_leaves_the_right_answers()
    {
        var rates = new FaultRates { LostCallPercent = 30, LostAnswerPercent = 30, InARowMax = 4 };
        for (var seed = 0; seed < 50; seed++)
        {
            var inner = new MemoryBlobStore();
            var store = Retrying(new FaultyBlobStore(inner, seed, rates));
            for (var i = 0; i < 10; i++) await store.PutAsync(new BlobName($"n/{i}"), new byte[i + 1], Token);
            await store.ReplaceAsync(new BlobName("n/3"), new byte[30], Token);

            Assert.Equal(30, await store.GetLengthAsync(new BlobName("n/3"), Token));
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"n/{i}"), await DiskFolder.NamesAsync(store, "n/"));
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"n/{i}"), await DiskFolder.NamesAsync(inner));
        }
    }

    [Fact]
    public async Task A_listing_that_breaks_more_often_than_the_attempts_goes_on_as_long_as_it_advances()
    {
        for (var i = 10; i < 60; i++) await _memory.PutAsync(new BlobName($"{i}"), new byte[1], Token);
        var faulty = new FaultyBlobStore(_memory, seed: 4, new FaultRates { LostCallPercent = 100, InARowMax = 1 });
        var store = new RetryingBlobStore(faulty, new RetryLimits { AttemptsMax = 2 }, _time, new Random(1));

        Assert.Equal(Enumerable.Range(10, 50).Select(i => $"{i}"), await DiskFolder.NamesAsync(store));
        Assert.Equal(50, faulty.FaultCount);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var faulty = new FaultyBlobStore(_memory, seed: 1, new FaultRates { LostCallPercent = 100 });
        var limits = new RetryLimits { FirstDelay = TimeSpan.FromHours(1), DelayMax = TimeSpan.FromHours(1) };
        var put = new RetryingBlobStore(faulty, limits, TimeProvider.System, new Random(1))
            .PutAsync(Name, new byte[1], source.Token).AsTask();

        Assert.False(put.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RetryingBlobStore Retrying(IBlobStore inner) => new(inner, new RetryLimits(), _time, new Random(1));

    /// <summary>Each wait is over at once, and written down.</summary>
    private sealed class ImmediateTime : TimeProvider
    {
        internal List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    /// <summary>Refuses everything for good.</summary>
    private sealed class RefusingStore(ErrorCode code) : IBlobStore
    {
        public ValueTask<bool> PutAsync(
            BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => throw Refusal();

        public ValueTask ReplaceAsync(
            BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => throw Refusal();

        public ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken) => throw Refusal();

        public ValueTask<int> ReadAsync(
            BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            throw Refusal();

        public IAsyncEnumerable<BlobEntry> ListAsync(
            string prefix, BlobName? startAfter, CancellationToken cancellationToken) =>
            AsyncEnumerable.Repeat(default(BlobEntry), 1).Select(BlobEntry (_) => throw Refusal());

        private VaultException Refusal() => new(code, retryable: false, "Refused by the test.");
    }
}

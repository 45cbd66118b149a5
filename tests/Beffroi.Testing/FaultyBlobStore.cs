using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Beffroi.Vault;
using Beffroi.Vault.Stores;

namespace Beffroi.Testing;

/// <summary>How often <see cref="FaultyBlobStore"/> fails.</summary>
public sealed record FaultRates
{
    /// <summary>Calls in a hundred that never reach the store.</summary>
    public int LostCallPercent { get; init; }

    /// <summary>Calls in a hundred that the store carried out, and whose answer is lost.</summary>
    public int LostAnswerPercent { get; init; }

    /// <summary>The call after that many faults in a row, for one blob, goes through.</summary>
    public int InARowMax { get; init; } = int.MaxValue;
}

/// <summary>A store behind a bad line: fails with a retryable error as a seeded draw says.</summary>
/// <remarks>The same seed and order of calls give the same faults. A listing can break at every entry.</remarks>
public sealed class FaultyBlobStore(IBlobStore inner, int seed, FaultRates rates) : IBlobStore
{
    private enum Fault
    {
        None,
        LostCall,
        LostAnswer,
    }

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<string, int> _inARow = new(StringComparer.Ordinal);

    /// <summary>How many faults there were.</summary>
    public int FaultCount { get; private set; }

    public ValueTask<bool> PutAsync(BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        CallAsync($"put {name}", () => inner.PutAsync(name, content, cancellationToken));

    public async ValueTask ReplaceAsync(
        BlobName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await CallAsync($"replace {name}", async () =>
        {
            await inner.ReplaceAsync(name, content, cancellationToken);
            return true;
        });

    public ValueTask<long?> GetLengthAsync(BlobName name, CancellationToken cancellationToken) =>
        CallAsync($"length {name}", () => inner.GetLengthAsync(name, cancellationToken));

    public ValueTask<int> ReadAsync(
        BlobName name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        CallAsync($"read {name}", () => inner.ReadAsync(name, offset, destination, cancellationToken));

    public async IAsyncEnumerable<BlobEntry> ListAsync(
        string prefix, BlobName? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = $"list {prefix}";
        await foreach (var entry in inner.ListAsync(prefix, startAfter, cancellationToken))
        {
            if (Draw(call) != Fault.None) throw Failure(call);
            yield return entry;
        }
    }

    private async ValueTask<T> CallAsync<T>(string call, Func<ValueTask<T>> work)
    {
        var fault = Draw(call);
        if (fault == Fault.LostCall) throw Failure(call);
        var result = await work();
        return fault == Fault.LostAnswer ? throw Failure(call) : result;
    }

    private Fault Draw(string call)
    {
        lock (_lock)
        {
            var draw = _random.Next(100);
            var fault = draw < rates.LostCallPercent ? Fault.LostCall
                : draw < rates.LostCallPercent + rates.LostAnswerPercent ? Fault.LostAnswer
                : Fault.None;
            var inARow = _inARow.GetValueOrDefault(call);
            if (inARow >= rates.InARowMax) fault = Fault.None;
            _inARow[call] = fault == Fault.None ? 0 : inARow + 1;
            if (fault != Fault.None) FaultCount++;
            return fault;
        }
    }

    private static VaultException Failure(string call) => new(
        ErrorCode.StoreUnavailable, retryable: true, $"The simulated store lost '{call}'. Try again.");
}

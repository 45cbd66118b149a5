using Beffroi.Protocol.Client;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>When the client tries again, and when it gives up. On a clock whose waits pass at once.</summary>
public sealed class RetryPolicyTests
{
    private readonly HurriedTime _time = new();
    private readonly List<RetryWait> _waits = [];

    [Fact]
    public async Task Pauses_grow_from_half_a_second_to_a_minute_and_are_spread()
    {
        var began = _time.GetUtcNow();
        var failure = await Assert.ThrowsAsync<VaultException>(() => AlwaysAsync(Broken, TimeSpan.FromMinutes(15)));
        Assert.Equal(ErrorCode.ServerUnreachable, failure.Code);
        Assert.Contains("15 minutes", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the cable", failure.Message, StringComparison.Ordinal);
        for (var i = 0; i < _waits.Count; i++)
        {
            var longest = Math.Min(60, Math.Pow(2, i));
            Assert.InRange(_waits[i].Delay.TotalSeconds, longest / 2, longest);
            Assert.Equal(i + 1, _waits[i].Attempt);
        }
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        Assert.Distinct(_waits.Select(wait => wait.Delay.TotalSeconds / Math.Min(60, Math.Pow(2, wait.Attempt - 1))));
    }

    [Fact]
    public async Task What_says_that_waiting_is_useless_is_not_repeated()
    {
        var failure = new VaultException(ErrorCode.QuotaExceeded, retryable: false, "Full.");
        Assert.Same(failure, await Assert.ThrowsAsync<VaultException>(
            () => AlwaysAsync(failure, TimeSpan.FromMinutes(15))));
        Assert.Empty(_waits);
    }

    [Fact]
    public async Task The_server_may_ask_for_a_longer_pause()
    {
        var attempts = 0;
        var policy = Policy(TimeSpan.FromMinutes(15));
        Assert.Equal(3, await policy.RunAsync(
            _ => ++attempts < 3 ? throw Busy(90) : new ValueTask<int>(attempts), default));
        Assert.All(_waits, wait => Assert.Equal(90, wait.Delay.TotalSeconds));
    }

    [Fact]
    public async Task A_pause_beyond_the_patience_is_not_begun()
    {
        await Assert.ThrowsAsync<VaultException>(() => AlwaysAsync(Busy(61), TimeSpan.FromMinutes(1)));
        Assert.Empty(_waits);
    }

    [Fact]
    public async Task Too_many_openings_of_keys_stay_what_they_are()
    {
        var failure = new ServerFailureException(
            ErrorCode.RateLimited, retryable: true, "Too many.", 429, TimeSpan.FromHours(1));
        Assert.Same(failure, await Assert.ThrowsAsync<ServerFailureException>(
            () => AlwaysAsync(failure, TimeSpan.FromMinutes(1))));
    }

    private static VaultException Broken =>
        new(ErrorCode.ServerUnreachable, retryable: true, "Somebody pulled the cable.");

    private static ServerFailureException Busy(int seconds) =>
        new(ErrorCode.ServerFailed, retryable: true, "Busy.", 503, TimeSpan.FromSeconds(seconds));

    private RetryPolicy Policy(TimeSpan patience) => new(patience, _time, new Random(1), _waits.Add);

    private Task AlwaysAsync(VaultException failure, TimeSpan patience) =>
        Policy(patience).RunAsync<int>(_ => throw failure, default).AsTask();
}

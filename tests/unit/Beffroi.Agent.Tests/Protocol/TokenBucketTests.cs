using Beffroi.Protocol.Client;
using Beffroi.Testing.FakeServer;

namespace Beffroi.Agent.Tests.Protocol;

/// <summary>The rate of transfers, on clocks of the test's own.</summary>
public sealed class TokenBucketTests
{
    [Theory]
    [InlineData(1 << 10)]
    [InlineData(1_000_000)]
    [InlineData(125_000_000)]
    public async Task What_passes_takes_as_long_as_the_rate_says(int bytesPerSecond)
    {
        var time = new HurriedTime();
        var bucket = new TokenBucket(bytesPerSecond, time);
        var began = time.GetUtcNow();
        var random = new Random(5);
        var total = 0L;
        while (total < 20L * bytesPerSecond)
        {
            var bytes = random.Next(1, bucket.SliceBytesMax + 1);
            await bucket.TakeAsync(bytes, default);
            total += bytes;
        }
        var seconds = (time.GetUtcNow() - began).TotalSeconds;
        // Ahead by the burst at most, and by what timers of whole milliseconds leave out.
        Assert.InRange((double)total / bytesPerSecond - seconds, -0.001, 0.102);
    }

    [Fact]
    public async Task A_quiet_line_saves_up_a_tenth_of_a_second_and_no_more()
    {
        var time = new ManualTime();
        var bucket = new TokenBucket(10_000, time);
        time.Advance(TimeSpan.FromHours(1));
        var first = bucket.TakeAsync(1000, default).AsTask();
        Assert.True(first.IsCompleted);
        await first;
        var next = bucket.TakeAsync(1000, default).AsTask();
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(2));
        await next;
    }

    [Fact]
    public async Task Two_transfers_share_one_rate()
    {
        var time = new ManualTime();
        var bucket = new TokenBucket(10_000, time);
        var both = new[] { TakeTenAsync(bucket), TakeTenAsync(bucket) };
        var seconds = 0.0;
        while (!Task.WhenAll(both).IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            seconds += 0.01;
            await Task.Yield();
            Assert.InRange(seconds, 0, 60);
        }
        Assert.InRange(seconds, 1.9, 60); // 20,000 bytes less the burst.
    }

    private static async Task TakeTenAsync(TokenBucket bucket)
    {
        for (var i = 0; i < 10; i++) await bucket.TakeAsync(1000, default);
    }
}

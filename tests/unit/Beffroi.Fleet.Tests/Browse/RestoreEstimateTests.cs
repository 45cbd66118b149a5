using Beffroi.Fleet.Browse;

namespace Beffroi.Fleet.Tests.Browse;

/// <summary>The worked examples of the operator's table: 90 s a gigabyte at 90 Mb/s.</summary>
public sealed class RestoreEstimateTests
{
    [Theory]
    [InlineData(10, 90, "00:15:00")]
    [InlineData(100, 90, "02:30:00")]
    [InlineData(1000, 90, "1.01:00:00")]
    [InlineData(250, 90, "06:15:00")]
    [InlineData(250, 1000, "00:33:45")]
    [InlineData(250, 40, "14:03:45")]
    [InlineData(0, 90, "00:00:00")]
    public void An_estimate_is_the_tables(int gigabytes, int megabits, string expected)
    {
        var estimate = RestoreEstimate.Of(gigabytes * 1_000_000_000L, new LineSpeed(megabits, IsMeasured: true));
        Assert.Equal(TimeSpan.Parse(expected, null), estimate.Duration);
        Assert.True(estimate.Speed.IsMeasured);
    }

    [Fact]
    public void Without_a_measured_speed_the_documents_speed_is_assumed()
    {
        var estimate = RestoreEstimate.Of(10_000_000_001, speed: null);
        Assert.Equal((LineSpeed.Assumed, TimeSpan.FromSeconds(901)), (estimate.Speed, estimate.Duration));
        Assert.Throws<ArgumentOutOfRangeException>(() => RestoreEstimate.Of(-1, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => RestoreEstimate.Of(1, new LineSpeed(0, true)));
        Assert.True(RestoreEstimate.Of(long.MaxValue, new LineSpeed(0.0001m, true)).Duration > TimeSpan.Zero);
    }
}

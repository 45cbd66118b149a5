using Beffroi.Fleet.Stock;

namespace Beffroi.Fleet.Tests.Stock;

public sealed class CapacityForecastTests
{
    private static readonly DateOnly Today = new(2026, 3, 31);

    [Fact]
    public void A_steady_growth_says_the_day_and_on_which_days_it_is_based()
    {
        var forecast = CapacityForecast.Of(Daily(40, 10), freeBytes: 1000, Today);

        Assert.Equal(
            new CapacityForecast(new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 30), 10, Today.AddDays(100)),
            forecast);
    }

    [Fact]
    public void A_first_backup_of_long_ago_and_the_day_that_is_not_over_count_for_nothing()
    {
        IReadOnlyList<DayGrowth> growth =
            [new(Today.AddDays(-31), 1_000_000), .. Daily(30, 10), new(Today, 5_000_000)];

        Assert.Equal(10, CapacityForecast.Of(growth, 1000, Today)!.BytesPerDay);
    }

    [Fact]
    public void Days_without_backups_count_as_nothing()
    {
        IReadOnlyList<DayGrowth> growth = [new(Today.AddDays(-10), 100)];

        var forecast = CapacityForecast.Of(growth, 1000, Today);

        Assert.Equal((Today.AddDays(-10), 10L), (forecast!.From, forecast.BytesPerDay));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void Too_few_days_say_nothing(int days) =>
        Assert.Null(CapacityForecast.Of(Daily(days, 10), 1000, Today));

    [Fact]
    public void Seven_days_are_enough() => Assert.NotNull(CapacityForecast.Of(Daily(7, 10), 1000, Today));

    [Theory]
    [InlineData(10L, null)] // A store that does not say what is free.
    [InlineData(0L, 1000L)] // Nothing comes in.
    [InlineData(1L, 1_000_000L)] // More than ten years.
    public void No_day_is_named_where_none_is_known_or_near(long perDay, long? free) =>
        Assert.Null(CapacityForecast.Of(Daily(30, perDay), free, Today)!.FullOn);

    [Fact]
    public void A_store_that_is_full_is_full_today() =>
        Assert.Equal(Today, CapacityForecast.Of(Daily(30, 10), freeBytes: 0, Today)!.FullOn);

    private static List<DayGrowth> Daily(int days, long bytes) =>
        [.. Enumerable.Range(1, days).Select(back => new DayGrowth(Today.AddDays(-back), bytes))];
}

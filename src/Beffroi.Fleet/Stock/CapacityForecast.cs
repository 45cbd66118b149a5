namespace Beffroi.Fleet.Stock;

/// <summary>When a store will be full if it goes on growing as it did.</summary>
/// <param name="From">First of the days that it is based on; the last is yesterday, the last whole one.</param>
/// <param name="FullOn">None if nothing comes in, or not within ten years.</param>
public sealed record CapacityForecast(DateOnly From, DateOnly Until, long BytesPerDay, DateOnly? FullOn)
{
    /// <summary>Fewer days say nothing: a first backup is a hundred times a usual one.</summary>
    public const int DaysMin = 7;

    private const int DaysMax = 30;
    private const int HorizonDays = 3650;

    /// <summary>The forecast by the mean of the last whole days, at most thirty; none before there are
    /// <see cref="DaysMin"/>.</summary>
    /// <param name="growth">Days on which something came in; others count as nothing.</param>
    /// <param name="freeBytes">Room that is left; none where the store does not say.</param>
    public static CapacityForecast? Of(IReadOnlyList<DayGrowth> growth, long? freeBytes, DateOnly today)
    {
        if (growth.Count == 0) return null;

        var first = growth.Min(day => day.Day);
        var from = first > today.AddDays(-DaysMax) ? first : today.AddDays(-DaysMax);
        var count = today.DayNumber - from.DayNumber;
        if (count < DaysMin) return null;

        var perDay = growth.Where(day => day.Day >= from && day.Day < today).Sum(day => day.Bytes) / count;
        var left = perDay > 0 && freeBytes is { } free ? free / perDay : long.MaxValue;
        return new CapacityForecast(
            from, today.AddDays(-1), perDay, left <= HorizonDays ? today.AddDays((int)left) : null);
    }
}

using Beffroi.Fleet.Browse;

namespace Beffroi.Fleet.Orders;

/// <summary>How fast a site's line is, by what restores to its devices took. Pure.</summary>
public static class MeasuredSpeed
{
    // Below this, opening files and waiting for answers takes longer than the line.
    private const long BytesMin = 50_000_000;
    private const int RestoresMax = 3;

    /// <summary>The middle one of the newest restores that are long enough; none without any.</summary>
    /// <param name="orders">Newest first.</param>
    public static LineSpeed? Of(IEnumerable<OrderSummary> orders)
    {
        var speeds = orders.Where(order => order is { Kind: OrderKind.Restore, State: OrderState.Done })
            .Select(SpeedOf).OfType<decimal>().Take(RestoresMax).Order().ToList();
        return speeds.Count == 0 ? null : new LineSpeed(speeds[speeds.Count / 2], IsMeasured: true);
    }

    private static decimal? SpeedOf(OrderSummary order)
    {
        if (order.Numbers.Bytes < BytesMin || order.EndedAt - order.StartedAt is not { TotalSeconds: >= 1 } took)
            return null;
        return decimal.Round(order.Numbers.Bytes * 8m / 1_000_000m / (decimal)took.TotalSeconds, 1);
    }
}

namespace Beffroi.Fleet.Orders;

/// <summary>The names of an order's members, in the database and on the wire.</summary>
internal static class OrderText
{
    internal static string Of(OrderKind kind) => kind == OrderKind.Backup ? "backup" : "restore";

    internal static OrderKind Kind(string text) => text switch
    {
        "backup" => OrderKind.Backup,
        "restore" => OrderKind.Restore,
        _ => throw new FormatException($"'{text}' is no kind of an order."),
    };

    internal static string Of(OrderState state) => state switch
    {
        OrderState.Asked => "asked",
        OrderState.Taken => "taken",
        OrderState.Running => "running",
        OrderState.Done => "done",
        OrderState.Failed => "failed",
        OrderState.Expired => "expired",
        _ => "calledBack",
    };

    internal static OrderState State(string text) => text switch
    {
        "asked" => OrderState.Asked,
        "taken" => OrderState.Taken,
        "running" => OrderState.Running,
        "done" => OrderState.Done,
        "failed" => OrderState.Failed,
        "expired" => OrderState.Expired,
        "calledBack" => OrderState.CalledBack,
        _ => throw new FormatException($"'{text}' is no state of an order."),
    };

    internal static string Of(RestoreTarget target) => target == RestoreTarget.Original ? "original" : "folder";

    internal static string Of(RestoreConflict conflict) => conflict switch
    {
        RestoreConflict.Replace => "replace",
        RestoreConflict.Skip => "skip",
        _ => "keepBoth",
    };
}

using System.CommandLine;
using Beffroi.Fleet.Orders;
using Beffroi.Identity.Access;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

internal sealed record OrderList(IReadOnlyList<ListedOrder> Orders);

internal sealed record ListedOrder(
    Guid OrderId, string Kind, string State, string AskedBy, DateTimeOffset AskedAt, DateTimeOffset? EndedAt,
    long Files, long FilesTotal, long Bytes, long BytesTotal, long Problems, Guid? RunId, string? Code, string? Message,
    IReadOnlyList<string> Details);

/// <summary>'list-orders': what was asked of a machine, and what came of it.</summary>
internal sealed class ListOrders : AdminVerb<OrderList>
{
    private readonly Option<Guid> _device = new("--device") { Description = "Id of the device.", Required = true };

    internal ListOrders()
        : base("list-orders", "Lists what a machine was asked to do.", AdminJson.Default.OrderList) => Add(_device);

    protected override bool UsesBlobs => false;

    protected override async Task<OrderList> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var orders = await services.GetRequiredService<OrderDesk>().OfDeviceAsync(
            Caller.System(Actor), new DeviceId(parsed.GetValue(_device)), cancellationToken);
        return new OrderList([.. orders.Select(order => new ListedOrder(
            order.Id, order.Kind.ToString(), order.State.ToString(), order.AskedBy, order.AskedAt, order.EndedAt,
            order.Numbers.Files, order.Numbers.FilesTotal, order.Numbers.Bytes, order.Numbers.BytesTotal,
            order.Numbers.Problems, order.Run, order.Code, order.Message, order.Details))]);
    }

    protected override string ToText(OrderList answer) => answer.Orders.Count == 0
        ? "Nothing was asked of this machine."
        : string.Join('\n', answer.Orders.Select(order =>
            $"{order.AskedAt:yyyy-MM-dd HH:mm}  {order.Kind}  {order.State}  {order.OrderId}  {order.Code} "
            + order.Message));
}

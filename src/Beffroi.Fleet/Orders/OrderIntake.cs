using Beffroi.Intake;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Orders;

/// <summary>Hands orders to the devices and takes their progress in (docs/format/protocol.md §7.4).</summary>
internal sealed class OrderIntake(IDbContextFactory<FleetDb> contexts, TimeProvider time)
{
    private const int ListedMax = 10;
    private const int MessageCharactersMax = 2000;

    /// <summary>What waits for a device or runs there, oldest first.</summary>
    internal async Task<IReadOnlyList<OrderMessage>> ListAsync(DeviceId device, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.Orders.AsNoTracking()
            .Where(row => row.DeviceId == device && ((row.State == OrderState.Asked && row.ExpiresAt > now)
                || row.State == OrderState.Taken || row.State == OrderState.Running))
            .OrderBy(row => row.AskedAt).Take(ListedMax).ToListAsync(cancellationToken);
        return [.. rows.Select(ToMessage)];
    }

    /// <summary>Notes progress; what would lead back, or comes after the end, is not noted.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.NotFound"/> or
    /// <see cref="ErrorCode.RequestMalformed"/>.</exception>
    internal async Task<OrderProgressAnswer> NoteAsync(
        KnownDevice device, Guid order, OrderProgress progress, CancellationToken cancellationToken)
    {
        var state = StateOf(progress);
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var own = db.Orders.Where(row => row.Id == order && row.DeviceId == device.Id);
        var changed = await own.Where(AllowedBefore(state, now)).ExecuteUpdateAsync(
            row => row
                .SetProperty(each => each.State, state)
                .SetProperty(each => each.StartedAt, each => state == OrderState.Taken
                    ? each.StartedAt : each.StartedAt ?? now)
                .SetProperty(each => each.EndedAt, state is OrderState.Done or OrderState.Failed ? now : null)
                .SetProperty(each => each.ProgressAt, now)
                .SetProperty(each => each.Files, Math.Max(0, progress.Files))
                .SetProperty(each => each.FilesTotal, Math.Max(0, progress.FilesTotal))
                .SetProperty(each => each.Bytes, Math.Max(0, progress.Bytes))
                .SetProperty(each => each.BytesTotal, Math.Max(0, progress.BytesTotal))
                .SetProperty(each => each.Problems, Math.Max(0, progress.Problems))
                .SetProperty(each => each.RunId, progress.Run)
                .SetProperty(each => each.Code, Bounded(progress.Code, 20))
                .SetProperty(each => each.Message, Bounded(progress.Message, MessageCharactersMax))
                .SetProperty(each => each.Details, DetailsOf(progress)),
            cancellationToken);
        if (changed == 0 && !await own.AnyAsync(cancellationToken)) throw Unknown(order);
        return new OrderProgressAnswer(GoOn: changed == 1);
    }

    private static System.Linq.Expressions.Expression<Func<Order, bool>> AllowedBefore(
        OrderState state, DateTimeOffset now) => state switch
        {
            OrderState.Taken => row =>
                (row.State == OrderState.Asked && row.ExpiresAt > now) || row.State == OrderState.Taken,
            _ => row => (row.State == OrderState.Asked && row.ExpiresAt > now)
                || row.State == OrderState.Taken || row.State == OrderState.Running,
        };

    private static OrderMessage ToMessage(Order order) => new(
        order.Id, OrderText.Of(order.Kind), order.AskedAt, order.ExpiresAt,
        order.Restore is { } json ? ToMessage(OrderJson.Read(json), order.DeviceId) : null);

    private static RestoreMessage ToMessage(RestoreRequest request, DeviceId device) => new(
        request.Snapshot.ToString(), request.Paths, OrderText.Of(request.Target), OrderText.Of(request.Conflict),
        request.Folder, (request.From ?? device).Value);

    private static OrderState StateOf(OrderProgress progress) => progress.State switch
    {
        "taken" => OrderState.Taken,
        "running" => OrderState.Running,
        "done" => OrderState.Done,
        "failed" => OrderState.Failed,
        _ => throw new VaultException(
            ErrorCode.RequestMalformed, retryable: false,
            $"'{progress.State}' is no state that a device gives an order. Update the agent."),
    };

    private static string[] DetailsOf(OrderProgress progress) =>
    [
        .. (progress.Details ?? []).Take(ProtocolConstants.ReportedPathsMax)
            .Select(text => Bounded(text, ProtocolConstants.ReportedCharactersMax)!),
    ];

    private static string? Bounded(string? text, int charactersMax) => text is null
        ? null
        : string.Concat(text.Take(charactersMax).Select(character => char.IsControl(character) ? ' ' : character));

    private static VaultException Unknown(Guid order) => new(
        ErrorCode.NotFound, retryable: false,
        $"This device has no order {order}. The agent forgets it; ask anew in the portal if it is still wanted.");
}

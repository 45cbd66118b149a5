using System.Globalization;
using System.Security.Cryptography;
using Beffroi.Fleet.Consents;
using Beffroi.Fleet.Devices;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Orders;

/// <summary>Where people ask devices to do something now. Any thread.</summary>
public sealed class OrderDesk
{
    private const int WaitingMax = 10; // As many as one check-in answers.
    private const int PathsMax = 200;
    private const int PathCharactersMax = 4096;
    private const int ListedMax = 500;

    // A computer that is switched on after a long week-end still does what was asked for on Friday.
    private static readonly TimeSpan BackupLifetime = TimeSpan.FromDays(4);

    // Who asks for files back and does not get them asks again; nobody wants them to appear a month later.
    private static readonly TimeSpan RestoreLifetime = TimeSpan.FromDays(7);

    private readonly ScopedContexts<FleetDb> _contexts;
    private readonly ReadingConsents _consents;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal OrderDesk(
        ScopedContexts<FleetDb> contexts, ReadingConsents consents, ActJournal journal, TimeProvider time) =>
        (_contexts, _consents, _journal, _time) = (contexts, consents, journal, time);

    /// <summary>Asks a device to back up now.</summary>
    /// <returns>null: no such device.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageBackups"/>.</exception>
    public async Task<OrderOutcome?> AskBackupAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        if (await OwnDevice.FindAsync(db, device, cancellationToken) is not { } own) return null;

        caller.Demand(Permission.ManageBackups, own.Member);
        if (own.IsRevoked) return new OrderOutcome.Invalid(OrderFault.DeviceRevoked);

        var waiting = await WaitingAsync(db, device, cancellationToken);
        if (waiting.Find(row => row.Kind == OrderKind.Backup) is { } before)
            return new OrderOutcome.AskedBefore(before.ToSummary(_time.GetUtcNow()));

        return await AddAsync(
            db, caller, own, restore: null, DateTimeOffset.MaxValue, waiting.Count, cancellationToken);
    }

    /// <summary>Asks a device to bring files of a snapshot back: its own, or another device's of the same member. What
    /// it reads stays on the member's own computers; who is not of the member needs its référent's consent all the
    /// same, but for the server's own administrator.</summary>
    /// <returns>null: no such device.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.RestoreData"/>.</exception>
    public async Task<OrderOutcome?> AskRestoreAsync(
        Caller caller, DeviceId device, RestoreRequest request, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        if (await OwnDevice.FindAsync(db, device, cancellationToken) is not { } own) return null;

        caller.Demand(Permission.RestoreData, own.Member);
        if (own.IsRevoked) return new OrderOutcome.Invalid(OrderFault.DeviceRevoked);
        if (FaultOf(request, own.Platform) is { } fault) return new OrderOutcome.Invalid(fault);
        var until = DateTimeOffset.MaxValue;
        if (caller.Person is not null)
        {
            if (await _consents.FindRightAsync(caller, own.Member, cancellationToken) is not { } right)
                return new OrderOutcome.Invalid(OrderFault.ConsentMissing);

            until = right.Until;
        }

        var taker = await db.Snapshots.Where(row => row.Id == request.Snapshot && row.VaultId == own.Vault)
            .Select(row => (DeviceId?)row.DeviceId).SingleOrDefaultAsync(cancellationToken);
        if (taker is not { } from) return new OrderOutcome.Invalid(OrderFault.SnapshotUnknown);
        if (from != device && request.Target == RestoreTarget.Original)
            return new OrderOutcome.Invalid(OrderFault.PlaceForeign);

        var json = OrderJson.Write(request with { From = from == device ? null : from });
        var waiting = await WaitingAsync(db, device, cancellationToken);
        return waiting.Find(row => row.Restore is { } asked && OrderJson.Write(OrderJson.Read(asked)) == json)
            is { } before
            ? new OrderOutcome.AskedBefore(before.ToSummary(_time.GetUtcNow()))
            : await AddAsync(db, caller, own, json, until, waiting.Count, cancellationToken);
    }

    /// <summary>The orders of one device, newest first; none for an unknown one.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<IReadOnlyList<OrderSummary>> OfDeviceAsync(
        Caller caller, DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var rows = await db.Orders.AsNoTracking().Where(row => row.DeviceId == device)
            .OrderByDescending(row => row.AskedAt).Take(ListedMax).ToListAsync(cancellationToken);
        if (rows.Count > 0) caller.Demand(Permission.SeeBackups, rows[0].MemberId);
        return [.. rows.Select(row => row.ToSummary(_time.GetUtcNow()))];
    }

    /// <summary>One order.</summary>
    /// <returns>null: there is none of that id.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.SeeBackups"/>.</exception>
    public async Task<OrderSummary?> FindAsync(Caller caller, Guid order, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        var row = await db.Orders.AsNoTracking().SingleOrDefaultAsync(each => each.Id == order, cancellationToken);
        if (row is null) return null;

        caller.Demand(Permission.SeeBackups, row.MemberId);
        return row.ToSummary(_time.GetUtcNow());
    }

    /// <summary>Takes an order back. A device that works at it stops within seconds; what is restored stays.</summary>
    /// <returns>The order as it is now, ended another way perhaps; null: there is none of that id.</returns>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManageBackups"/>.</exception>
    public async Task<OrderSummary?> CallBackAsync(Caller caller, Guid order, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.Orders.AsNoTracking().SingleOrDefaultAsync(each => each.Id == order, cancellationToken);
        if (row is null) return null;

        caller.Demand(Permission.ManageBackups, row.MemberId);
        var now = _time.GetUtcNow();
        var changed = await db.Orders
            .Where(each => each.Id == order && (each.State == OrderState.Asked || each.State == OrderState.Taken
                || each.State == OrderState.Running))
            .ExecuteUpdateAsync(
                each => each.SetProperty(at => at.State, OrderState.CalledBack).SetProperty(at => at.EndedAt, now),
                cancellationToken);
        if (changed == 1)
            await _journal.AppendAsync(db, ActOf(caller, "order-called-back", row), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await FindAsync(caller, order, cancellationToken);
    }

    private async Task<List<Order>> WaitingAsync(FleetDb db, DeviceId device, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        return await db.Orders.AsNoTracking()
            .Where(row => row.DeviceId == device && ((row.State == OrderState.Asked && row.ExpiresAt > now)
                || row.State == OrderState.Taken || row.State == OrderState.Running))
            .ToListAsync(cancellationToken);
    }

    private async Task<OrderOutcome> AddAsync(
        FleetDb db, Caller caller, OwnDevice own, string? restore, DateTimeOffset until, int waiting,
        CancellationToken cancellationToken)
    {
        if (waiting >= WaitingMax) return new OrderOutcome.Invalid(OrderFault.TooMany);

        var now = _time.GetUtcNow();
        var end = now + (restore is null ? BackupLifetime : RestoreLifetime);
        var order = new Order
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            DeviceId = own.Id,
            MemberId = own.Member,
            Kind = restore is null ? OrderKind.Backup : OrderKind.Restore,
            Actor = caller.Actor,
            ActorName = caller.Name,
            AskedAt = now,
            ExpiresAt = until < end ? until : end,
            Restore = restore,
        };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Orders.Add(order);
        await _journal.AppendAsync(
            db, ActOf(caller, restore is null ? "backup-asked" : "restore-asked", order), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new OrderOutcome.Asked(order.ToSummary(now));
    }

    private static OrderFault? FaultOf(RestoreRequest request, string platform)
    {
        if (request.Paths.Count > PathsMax || !request.Paths.All(IsSnapshotPath)) return OrderFault.PathInvalid;
        return request.Target == RestoreTarget.Folder && !IsFolder(request.Folder, platform)
            ? OrderFault.FolderInvalid
            : null;
    }

    private static bool IsSnapshotPath(string path) =>
        path.Trim('/').Length is > 0 and <= PathCharactersMax && !path.Any(char.IsControl)
        && !path.Split('/').Any(name => name is "." or "..");

    private static bool IsFolder(string? folder, string platform) =>
        folder is { Length: > 1 and <= PathCharactersMax } && !folder.Any(char.IsControl)
        && (platform == "windows"
            ? folder.Length > 3 && char.IsAsciiLetter(folder[0]) && folder[1] == ':' && folder[2] is '\\' or '/'
            : folder[0] == '/')
        && !folder.Split('/', '\\').Contains("..");

    private static PrivilegedAct ActOf(Caller caller, string act, Order order)
    {
        List<(string, string)> detail = [("order", order.Id.ToString("D")), ("device", order.DeviceId.ToString())];
        if (order.Restore is { } json)
        {
            var restore = OrderJson.Read(json);
            detail.Add(("snapshot", restore.Snapshot.ToString()));
            if (restore.From is { } from) detail.Add(("from", from.ToString()));
            detail.Add(("paths", restore.Paths.Count.ToString(CultureInfo.InvariantCulture)));
            detail.Add(("target", restore.Folder ?? OrderText.Of(restore.Target)));
            detail.Add(("conflict", OrderText.Of(restore.Conflict)));
        }
        return PrivilegedAct.Of(caller, act, order.MemberId, detail);
    }
}

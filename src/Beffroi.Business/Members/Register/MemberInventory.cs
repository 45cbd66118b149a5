using Beffroi.Identity;
using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Business.Members.Register;

/// <summary>A member's sites, and what stands on them. Read with the file (<see cref="MemberRegister"/>).</summary>
public sealed class MemberInventory
{
    private readonly MemberTurns _turns;

    internal MemberInventory(MemberTurns turns) => _turns = turns;

    /// <summary>Adds a site, or replaces the data of the one that is named.</summary>
    /// <param name="seen">Revision of what the form showed; none to replace whatever is there.</param>
    public async Task<SaveResult<SiteId>> SaveSiteAsync(
        Caller caller, MemberId member, SiteId? id, SiteDraft draft, string? seen,
        CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenDetailsAsync(caller, member, cancellationToken);
        if (turn is null) return new SaveResult<SiteId>.NotFound();

        var tidied = draft.Tidied();
        var check = tidied.Check(_turns.Time.Today());
        if (!check.IsRight) return new SaveResult<SiteId>.Invalid(check.Mistakes);

        var site = id is null
            ? turn.Db.Sites.Add(new Site { Id = SiteId.New(), MemberId = member }).Entity
            : await FindSiteAsync(turn, id.Value, cancellationToken);
        if (site is null) return new SaveResult<SiteId>.NotFound();
        if (id is not null && !Revision.IsStill(seen, site.ToDraft())) return new SaveResult<SiteId>.Outdated();

        site.Describe(tidied);
        await turn.EndAsync("site-saved", [("site", tidied.Name)], cancellationToken);
        return new SaveResult<SiteId>.Saved(site.Id);
    }

    /// <summary>Removes a site on which nothing stands any more.</summary>
    public async Task<SaveResult<SiteId>> RemoveSiteAsync(
        Caller caller, MemberId member, SiteId id, CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenDetailsAsync(caller, member, cancellationToken);
        if (turn is null || await FindSiteAsync(turn, id, cancellationToken) is not { } site)
            return new SaveResult<SiteId>.NotFound();
        if (await turn.Db.Inventory.AnyAsync(row => row.SiteId == id, cancellationToken))
            return new SaveResult<SiteId>.Refused(SaveRefusal.SiteInUse);

        turn.Db.Sites.Remove(site);
        await turn.EndAsync("site-removed", [("site", site.Name)], cancellationToken);
        return new SaveResult<SiteId>.Saved(id);
    }

    /// <summary>Adds an entry, or replaces the data of the one that is named.</summary>
    /// <param name="seen">Revision of what the form showed; none to replace whatever is there.</param>
    public async Task<SaveResult<InventoryItemId>> SaveItemAsync(
        Caller caller, MemberId member, InventoryItemId? id, InventoryDraft draft, string? seen,
        CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenDetailsAsync(caller, member, cancellationToken);
        if (turn is null) return new SaveResult<InventoryItemId>.NotFound();

        var tidied = draft.Tidied();
        var hasSite = tidied.SiteId is not { } site || await FindSiteAsync(turn, site, cancellationToken) is not null;
        var check = tidied.Check().Holds(nameof(tidied.SiteId), hasSite);
        if (!check.IsRight) return new SaveResult<InventoryItemId>.Invalid(check.Mistakes);

        var item = id is null
            ? turn.Db.Inventory.Add(new InventoryItem { Id = InventoryItemId.New(), MemberId = member }).Entity
            : await FindItemAsync(turn, id.Value, cancellationToken);
        if (item is null) return new SaveResult<InventoryItemId>.NotFound();
        if (id is not null && !Revision.IsStill(seen, item.ToDraft()))
            return new SaveResult<InventoryItemId>.Outdated();

        item.Describe(tidied);
        return await EndItemAsync(turn, item, cancellationToken);
    }

    /// <summary>Removes an entry; an enrolled device stays enrolled.</summary>
    public async Task<SaveResult<InventoryItemId>> RemoveItemAsync(
        Caller caller, MemberId member, InventoryItemId id, CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenDetailsAsync(caller, member, cancellationToken);
        if (turn is null || await FindItemAsync(turn, id, cancellationToken) is not { } item)
            return new SaveResult<InventoryItemId>.NotFound();

        turn.Db.Inventory.Remove(item);
        await turn.EndAsync("inventory-removed", [("label", item.Label)], cancellationToken);
        return new SaveResult<InventoryItemId>.Saved(id);
    }

    private static async Task<SaveResult<InventoryItemId>> EndItemAsync(
        MemberTurn turn, InventoryItem item, CancellationToken cancellationToken)
    {
        try
        {
            await turn.EndAsync("inventory-saved", [("label", item.Label)], cancellationToken);
            return new SaveResult<InventoryItemId>.Saved(item.Id);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
            ConstraintName: InventoryItemMap.DeviceKey,
        })
        {
            return new SaveResult<InventoryItemId>.Refused(SaveRefusal.DeviceTaken);
        }
    }

    private static Task<Site?> FindSiteAsync(MemberTurn turn, SiteId id, CancellationToken cancellationToken) =>
        turn.Db.Sites.SingleOrDefaultAsync(
            row => row.Id == id && row.MemberId == turn.File.MemberId, cancellationToken);

    private static Task<InventoryItem?> FindItemAsync(
        MemberTurn turn, InventoryItemId id, CancellationToken cancellationToken) =>
        turn.Db.Inventory.SingleOrDefaultAsync(
            row => row.Id == id && row.MemberId == turn.File.MemberId, cancellationToken);
}

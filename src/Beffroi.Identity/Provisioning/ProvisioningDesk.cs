using System.Text;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Keys;
using Beffroi.Identity.Oidc.Parties;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Provisioning;

/// <summary>How an account at a service stands.</summary>
/// <param name="IsAcknowledged">Whether the service has taken it once.</param>
/// <param name="Error">What the service said last, if it did not take it since.</param>
public sealed record ProvisioningState(
    PersonId Person, string Name, bool IsAcknowledged, int Attempts, string? Error);

/// <summary>Which services are told of accounts, and how that goes.</summary>
public sealed class ProvisioningDesk
{
    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly Lazy<IKeyWrap> _wrap;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal ProvisioningDesk(
        IDbContextFactory<IdentityDb> contexts, Lazy<IKeyWrap> wrap, ActJournal journal, TimeProvider time) =>
        (_contexts, _wrap, _journal, _time) = (contexts, wrap, journal, time);

    /// <summary>Tells a service of accounts from now on, and again what it has refused.</summary>
    /// <param name="address">Base address of its SCIM end points: TLS, or this computer itself.</param>
    /// <returns>False if there is no such service, or the address or token cannot be.</returns>
    public async Task<bool> SetAsync(
        Caller caller, Guid service, string address, string token, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        if (!ReturnAddress.IsWebPage(address) || token.Length == 0 || !token.All(char.IsAscii)) return false;
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await db.Parties.AnyAsync(row => row.Id == service, cancellationToken)) return false;

        var target = await db.AccountTargets.SingleOrDefaultAsync(row => row.PartyId == service, cancellationToken);
        if (target is null)
        {
            target = new AccountTarget { PartyId = service, Address = "", SealedToken = [] };
            db.AccountTargets.Add(target);
        }
        (target.Address, target.DisabledAt) = (address, null);
        target.SealedToken = _wrap.Value.Wrap(Encoding.UTF8.GetBytes(token), AccountKeeper.TokenPurpose);
        await db.SaveChangesAsync(cancellationToken);
        var now = _time.GetUtcNow();
        await db.ProvisionedAccounts.Where(row => row.PartyId == service).ExecuteUpdateAsync(
            row => row.SetProperty(each => each.RefusedDigest, (byte[]?)null)
                .SetProperty(each => each.NextAttemptAt, now).SetProperty(each => each.Attempts, 0),
            cancellationToken);
        await NoteAsync(db, caller, Acts.ProvisioningSet, service, address, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Tells a service nothing more; its accounts stay as they are.</summary>
    public async Task<bool> SwitchOffAsync(Caller caller, Guid service, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.AccountTargets.SingleOrDefaultAsync(row => row.PartyId == service, cancellationToken)
            is not { } target) return false;
        target.DisabledAt ??= _time.GetUtcNow();
        await NoteAsync(db, caller, Acts.ProvisioningOff, service, target.Address, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>How the accounts of a service stand, by name.</summary>
    public async Task<IReadOnlyList<ProvisioningState>> ListAsync(
        Caller caller, Guid service, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var rows = await (
            from row in db.ProvisionedAccounts.AsNoTracking()
            join person in db.People on row.PersonId equals person.Id
            where row.PartyId == service
            orderby person.Name, person.Id
            select new { person.Id, person.Name, row.RemoteId, row.Attempts, row.LastError })
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(row => new ProvisioningState(
            new PersonId(row.Id), row.Name, row.RemoteId is not null, row.Attempts, row.LastError));
    }

    private Task NoteAsync(
        IdentityDb db, Caller caller, string act, Guid service, string address, CancellationToken cancellationToken) =>
        _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, act, null, ("service", service.ToString("N")), ("issuer", address)),
            cancellationToken);
}

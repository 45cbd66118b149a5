using System.Text;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Keys;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Provisioning;

/// <summary>How an account at a service stands.</summary>
/// <param name="IsAcknowledged">Whether the service has taken it once.</param>
/// <param name="IsRefused">Whether it waits for somebody to mend it, rather than for the next attempt.</param>
/// <param name="Error">What the service said last, if it did not take it since.</param>
public sealed record ProvisioningState(
    PersonId Person, string Name, bool IsAcknowledged, bool IsRefused, int Attempts, string? Error);

/// <summary>Where a service is told of accounts.</summary>
/// <param name="BindName">The name to sign in with, of a directory.</param>
/// <param name="Secret">Its bearer token, or the password of that name.</param>
public sealed record ProvisioningForm(string Address, string? BindName, string Secret);

/// <summary>Why accounts cannot be told so.</summary>
public enum ProvisioningFault
{
    UnknownService,

    /// <summary>No address of <see cref="AccountPlace"/>.</summary>
    Address,

    /// <summary>A directory wants the distinguished name to sign in with, and SCIM none.</summary>
    BindName,

    /// <summary>None, or a bearer token that no header can carry.</summary>
    Secret,
}

/// <summary>How telling a service of accounts goes.</summary>
/// <param name="WorkedAt">When it last took an account.</param>
public sealed record ProvisioningOverview(
    string Address, string? BindName, bool IsOn, DateTimeOffset? WorkedAt, int There, int Waiting, int Refused);

/// <summary>Which services are told of accounts, and how that goes.</summary>
public sealed class ProvisioningDesk
{
    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly Lazy<IKeyWrap> _wrap;
    private readonly ActJournal _journal;
    private readonly AccountKeeper _keeper;
    private readonly TimeProvider _time;

    internal ProvisioningDesk(
        IDbContextFactory<IdentityDb> contexts, Lazy<IKeyWrap> wrap, ActJournal journal, AccountKeeper keeper,
        TimeProvider time) =>
        (_contexts, _wrap, _journal, _keeper, _time) = (contexts, wrap, journal, keeper, time);

    /// <summary>Tells a service of accounts from now on, and again what it has refused.</summary>
    /// <returns>What is wrong, if something is.</returns>
    public async Task<ProvisioningFault?> SetAsync(
        Caller caller, Guid service, ProvisioningForm form, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        if (FaultOf(form) is { } fault) return fault;
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await db.Parties.AnyAsync(row => row.Id == service, cancellationToken))
            return ProvisioningFault.UnknownService;

        var target = await FindTargetAsync(db, service, cancellationToken);
        if (target is null)
        {
            target = new AccountTarget { PartyId = service, Address = form.Address, SealedToken = [] };
            db.AccountTargets.Add(target);
        }
        if (target.Address != form.Address) await ForgetAnswersAsync(db, service, cancellationToken);
        (target.Address, target.BindName, target.DisabledAt) = (form.Address, form.BindName, null);
        target.SealedToken = _wrap.Value.Wrap(Encoding.UTF8.GetBytes(form.Secret), AccountKeeper.TokenPurpose);
        await db.SaveChangesAsync(cancellationToken);
        await MakeDueAsync(db, service, cancellationToken);
        await NoteAsync(db, caller, Acts.ProvisioningSet, service, form.Address, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Tells a service at once again what it has refused or not taken.</summary>
    public async Task<bool> RetryAsync(Caller caller, Guid service, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindTargetAsync(db, service, cancellationToken) is not { DisabledAt: null } target) return false;
        await MakeDueAsync(db, service, cancellationToken);
        await NoteAsync(db, caller, Acts.ProvisioningRetried, service, target.Address, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Does at once what is done every minute: what is due is told.</summary>
    /// <returns>How many accounts were taken.</returns>
    public Task<int> RunAsync(Caller caller, IAccountTransport transport, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        return _keeper.RunOnceAsync(transport, cancellationToken);
    }

    /// <summary>Tells a service nothing more; its accounts stay as they are.</summary>
    public async Task<bool> SwitchOffAsync(Caller caller, Guid service, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindTargetAsync(db, service, cancellationToken) is not { } target) return false;
        target.DisabledAt ??= _time.GetUtcNow();
        await NoteAsync(db, caller, Acts.ProvisioningOff, service, target.Address, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>How telling a service goes, if it ever was told.</summary>
    public async Task<ProvisioningOverview?> FindAsync(
        Caller caller, Guid service, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var target = await db.AccountTargets.AsNoTracking()
            .SingleOrDefaultAsync(row => row.PartyId == service, cancellationToken);
        if (target is null) return null;
        var accounts = db.ProvisionedAccounts.Where(row => row.PartyId == service);
        var all = await accounts.CountAsync(cancellationToken);
        var refused = await accounts.CountAsync(row => row.RefusedDigest != null, cancellationToken);
        var waiting = await accounts.CountAsync(
            row => row.RefusedDigest == null && (row.SentDigest == null || row.LastError != null), cancellationToken);
        return new ProvisioningOverview(
            target.Address, target.BindName, target.DisabledAt is null, target.WorkedAt, all - refused - waiting,
            waiting, refused);
    }

    /// <summary>How the accounts of a service stand, by name.</summary>
    public Task<IReadOnlyList<ProvisioningState>> ListAsync(
        Caller caller, Guid service, CancellationToken cancellationToken) =>
        ListAsync(caller, db => db.ProvisionedAccounts.Where(row => row.PartyId == service), null, cancellationToken);

    /// <summary>The first accounts by name that a service did not take when it was told last.</summary>
    public Task<IReadOnlyList<ProvisioningState>> ListTroubledAsync(
        Caller caller, Guid service, int max, CancellationToken cancellationToken) =>
        ListAsync(
            caller, db => db.ProvisionedAccounts.Where(row => row.PartyId == service && row.LastError != null), max,
            cancellationToken);

    private async Task<IReadOnlyList<ProvisioningState>> ListAsync(
        Caller caller, Func<IdentityDb, IQueryable<ProvisionedAccount>> choose, int? max,
        CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var rows = await (
            from row in choose(db).AsNoTracking()
            join person in db.People on row.PersonId equals person.Id
            orderby person.Name, person.Id
            select new
            {
                person.Id,
                person.Name,
                row.RemoteId,
                IsRefused = row.RefusedDigest != null,
                row.Attempts,
                row.LastError,
            }).Take(max ?? int.MaxValue).ToListAsync(cancellationToken);
        return rows.ConvertAll(row => new ProvisioningState(
            new PersonId(row.Id), row.Name, row.RemoteId is not null, row.IsRefused, row.Attempts, row.LastError));
    }

    private static ProvisioningFault? FaultOf(ProvisioningForm form)
    {
        if (!AccountPlace.IsAcceptable(form.Address)) return ProvisioningFault.Address;
        var isDirectory = AccountPlace.ProtocolOf(new Uri(form.Address)) == AccountProtocol.Ldap;
        if (isDirectory ? !IsBindName(form.BindName) : form.BindName is not null) return ProvisioningFault.BindName;
        // A directory takes a name without password for nobody, and answers yes (RFC 4513, §5.1.2).
        return form.Secret.Length == 0 || form.Secret.Any(char.IsControl)
            || (!isDirectory && !form.Secret.All(char.IsAscii)) ? ProvisioningFault.Secret : null;
    }

    private static bool IsBindName(string? name) =>
        name is { Length: <= AccountPlace.BindNameCharactersMax } && name.IndexOf('=', StringComparison.Ordinal) > 0
        && !name.Any(char.IsControl);

    private static Task<AccountTarget?> FindTargetAsync(
        IdentityDb db, Guid service, CancellationToken cancellationToken) =>
        db.AccountTargets.SingleOrDefaultAsync(row => row.PartyId == service, cancellationToken);

    /// <summary>At another address nobody has been told of yet.</summary>
    private static Task<int> ForgetAnswersAsync(IdentityDb db, Guid service, CancellationToken cancellationToken) =>
        db.ProvisionedAccounts.Where(row => row.PartyId == service).ExecuteUpdateAsync(
            row => row.SetProperty(each => each.RemoteId, (string?)null)
                .SetProperty(each => each.SentDigest, (byte[]?)null)
                .SetProperty(each => each.LastError, (string?)null),
            cancellationToken);

    private Task<int> MakeDueAsync(IdentityDb db, Guid service, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        return db.ProvisionedAccounts.Where(row => row.PartyId == service).ExecuteUpdateAsync(
            row => row.SetProperty(each => each.RefusedDigest, (byte[]?)null)
                .SetProperty(each => each.NextAttemptAt, now).SetProperty(each => each.Attempts, 0),
            cancellationToken);
    }

    private Task NoteAsync(
        IdentityDb db, Caller caller, string act, Guid service, string address, CancellationToken cancellationToken) =>
        _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, act, null, ("service", service.ToString("N")), ("issuer", address)),
            cancellationToken);
}

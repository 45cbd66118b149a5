using System.Security.Cryptography;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Parties;

/// <summary>The services that sign people in with the portal: who may, for whom, and the tiles.</summary>
public sealed class RelyingPartyDesk
{
    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal RelyingPartyDesk(IDbContextFactory<IdentityDb> contexts, ActJournal journal, TimeProvider time) =>
        (_contexts, _journal, _time) = (contexts, journal, time);

    /// <summary>The services of the caller's members, by name, for the home page.</summary>
    public async Task<IReadOnlyList<Tile>> ListTilesAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.UsePortal);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var parties = await db.Parties.AsNoTracking().Where(row => row.DisabledAt == null)
            .OrderBy(row => row.Name).ToListAsync(cancellationToken);
        var chosen = await ChosenAsync(db, cancellationToken);
        return
        [
            .. parties.Where(party => IsFor(caller, party, chosen))
                .Select(row => new Tile(row.Id, row.Name, row.Description, row.Address, row.Logo is not null)),
        ];
    }

    /// <summary>The logo of a service that the caller may see: one of their tiles, or any of who manages
    /// them.</summary>
    public async Task<byte[]?> FindLogoAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Parties.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
            return null;
        return caller.Can(Permission.ManageServices) || IsFor(caller, row, await ChosenAsync(db, cancellationToken))
            ? row.Logo
            : null;
    }

    /// <summary>All services by name, those that are switched off too.</summary>
    public async Task<IReadOnlyList<RegisteredParty>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.Parties.AsNoTracking().OrderBy(row => row.Name).ToListAsync(cancellationToken);
        var chosen = await ChosenAsync(db, cancellationToken);
        return [.. rows.Select(row => Registered(row, chosen))];
    }

    /// <summary>The members that a service may be chosen for, by name.</summary>
    public async Task<IReadOnlyList<(MemberId Id, string Name)>> ListMembersAsync(
        Caller caller, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.Members.AsNoTracking().OrderBy(row => row.Name).Select(row => new { row.Id, row.Name })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => (row.Id, row.Name))];
    }

    public async Task<RegisteredParty?> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var row = await db.Parties.AsNoTracking().SingleOrDefaultAsync(each => each.Id == id, cancellationToken);
        return row is null ? null : Registered(row, await ChosenAsync(db, cancellationToken));
    }

    /// <summary>Registers a service.</summary>
    /// <param name="logo">A PNG file, if there is one.</param>
    public async Task<SavedParty> AddAsync(
        Caller caller, RelyingPartyForm form, byte[]? logo, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if (await FindFaultsAsync(db, form, logo, cancellationToken) is { Count: > 0 } faults)
            return new SavedParty.Refused(faults);

        var secret = form.Kind == PartyKind.Confidential ? Secret.New("bfs") : ((string Text, byte[] Hash)?)null;
        var row = new RelyingParty
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            Kind = form.Kind,
            SecretHash = secret?.Hash,
            CreatedAt = _time.GetUtcNow(),
            Name = form.Name,
            Address = form.Address,
            RedirectUris = [],
            PostLogoutUris = [],
            Scopes = [],
            RequiresPkce = true,
        };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Parties.Add(row);
        await WriteAsync(db, row, form, logo, cancellationToken);
        await NoteAsync(db, caller, Acts.ServiceRegistered, row, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SavedParty.Done(row.Id, secret?.Text);
    }

    /// <summary>Changes what is said of a service; whether it keeps a secret stays as it is.</summary>
    /// <param name="logo">A new PNG file; without one the old stays.</param>
    /// <returns>None if there is no such service.</returns>
    public async Task<SavedParty?> ChangeAsync(
        Caller caller, Guid id, RelyingPartyForm form, byte[]? logo, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Parties.SingleOrDefaultAsync(each => each.Id == id, cancellationToken) is not { } row) return null;
        form = form with { Kind = row.Kind };
        if (await FindFaultsAsync(db, form, logo, cancellationToken) is { Count: > 0 } faults)
            return new SavedParty.Refused(faults);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await WriteAsync(db, row, form, logo, cancellationToken);
        await NoteAsync(db, caller, Acts.ServiceChanged, row, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SavedParty.Done(row.Id, Secret: null);
    }

    /// <summary>A new secret; the old one is worth nothing from now on.</summary>
    /// <returns>None if there is no such service, or it keeps none.</returns>
    public async Task<string?> RenewSecretAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var (text, hash) = Secret.New("bfs");
        return await ActAsync(caller, id, Acts.ServiceSecretRenewed, Renew, cancellationToken) ? text : null;

        bool Renew(RelyingParty row)
        {
            if (row.Kind == PartyKind.Confidential) row.SecretHash = hash;
            return row.Kind == PartyKind.Confidential;
        }
    }

    /// <summary>Switches a service off, which ends all its tokens, or on again.</summary>
    public Task<bool> SwitchAsync(Caller caller, Guid id, bool isOn, CancellationToken cancellationToken) =>
        ActAsync(
            caller, id, isOn ? Acts.ServiceSwitchedOn : Acts.ServiceSwitchedOff,
            row =>
            {
                row.DisabledAt = isOn ? null : row.DisabledAt ?? _time.GetUtcNow();
                return true;
            },
            cancellationToken);

    private async Task<bool> ActAsync(
        Caller caller, Guid id, string act, Func<RelyingParty, bool> change, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManageServices);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.Parties.SingleOrDefaultAsync(each => each.Id == id, cancellationToken);
        if (row is null || !change(row)) return false;
        await NoteAsync(db, caller, act, row, cancellationToken);
        if (row.DisabledAt is { } since)
        {
            await db.Grants.Where(grant => grant.PartyId == id && grant.RevokedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(grant => grant.RevokedAt, since), cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<List<PartyFault>> FindFaultsAsync(
        IdentityDb db, RelyingPartyForm form, byte[]? logo, CancellationToken cancellationToken)
    {
        var faults = form.FindFaults().ToList();
        if (logo is not null && !PngLogo.IsAcceptable(logo)) faults.Add(new PartyFault(PartyFaultKind.Logo, ""));
        var known = await db.Members.Where(row => form.Members.Contains(row.Id)).Select(row => row.Id)
            .ToListAsync(cancellationToken);
        faults.AddRange(form.Members.Except(known).Select(id => new PartyFault(PartyFaultKind.Member, id.ToString())));
        return faults;
    }

    private static async Task WriteAsync(
        IdentityDb db, RelyingParty row, RelyingPartyForm form, byte[]? logo, CancellationToken cancellationToken)
    {
        row.Name = form.Name.Trim();
        row.Description = form.Description?.Trim() is { Length: > 0 } text ? text : null;
        (row.Address, row.Algorithm) = (form.Address, form.Algorithm);
        (row.RedirectUris, row.PostLogoutUris) = ([.. form.RedirectUris], [.. form.PostLogoutUris]);
        row.LogoutAddress = form.LogoutAddress;
        row.Scopes = [.. OidcScope.All.Where(scope => scope == OidcScope.OpenId || form.Scopes.Contains(scope))];
        row.RequiresPkce = form.RequiresPkce || form.Kind == PartyKind.Public;
        row.MayUseDevices = form.MayUseDevices;
        (row.IsForAllMembers, row.IsForStaff) = (form.IsForAllMembers, form.IsForStaff);
        row.Logo = logo ?? row.Logo;
        await db.SaveChangesAsync(cancellationToken);
        await db.PartyMembers.Where(each => each.PartyId == row.Id).ExecuteDeleteAsync(cancellationToken);
        db.PartyMembers.AddRange(form.Members.Distinct()
            .Select(member => new PartyMember { PartyId = row.Id, MemberId = member }));
        await db.SaveChangesAsync(cancellationToken);
    }

    private Task NoteAsync(
        IdentityDb db, Caller caller, string act, RelyingParty row, CancellationToken cancellationToken) =>
        _journal.AppendAsync(
            db,
            PrivilegedAct.Of(
                caller, act, null, ("service", row.ClientId), ("name", row.Name),
                ("redirects", string.Join(' ', row.RedirectUris))), // Where codes go: what a thief would change.
            cancellationToken);

    private static async Task<ILookup<Guid, MemberId>> ChosenAsync(
        IdentityDb db, CancellationToken cancellationToken) =>
        (await db.PartyMembers.AsNoTracking().ToListAsync(cancellationToken))
            .ToLookup(row => row.PartyId, row => row.MemberId);

    private static bool IsFor(Caller caller, RelyingParty party, ILookup<Guid, MemberId> chosen) =>
        party.DisabledAt is null && caller.Grants.Any(grant =>
            Admission.IsFor(party, chosen[party.Id].ToHashSet(), grant.Role, grant.Member));

    private static RegisteredParty Registered(RelyingParty row, ILookup<Guid, MemberId> chosen) => new(
        row.Id,
        new RelyingPartyForm(
            row.Name, row.Description, row.Kind, row.Address, row.RedirectUris, row.PostLogoutUris, row.Scopes,
            row.RequiresPkce, row.Algorithm, row.MayUseDevices, row.IsForAllMembers, row.IsForStaff,
            [.. chosen[row.Id]])
        {
            LogoutAddress = row.LogoutAddress,
        },
        row.Logo is not null, row.CreatedAt, row.DisabledAt);
}

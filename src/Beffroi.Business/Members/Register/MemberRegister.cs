using System.Globalization;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business.Members.Register;

/// <summary>The register of members: who they are, and where they stand.</summary>
public sealed class MemberRegister
{
    private const int FirstLevel = 1; // Until a diagnosis and an admission say otherwise.

    private readonly MemberTurns _turns;
    private readonly ScopedContexts<BusinessDb> _contexts;
    private readonly ActJournal _journal;

    internal MemberRegister(MemberTurns turns, ScopedContexts<BusinessDb> contexts, ActJournal journal) =>
        (_turns, _contexts, _journal) = (turns, contexts, journal);

    /// <summary>A page of the register, as far as the caller sees it.</summary>
    public async Task<RegisterPage> ListAsync(
        Caller caller, RegisterQuery query, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var pageRows = Math.Clamp(query.PageRows, 1, RegisterQuery.PageRowsMax);
        var matching = RegisterListing.Matching(db, query);
        var total = await matching.CountAsync(cancellationToken);
        var page = Math.Clamp(query.Page, 1, total / pageRows + 1);
        var lines = await RegisterListing.Sorted(matching, query.Sort, query.Descending)
            .Skip((page - 1) * pageRows).Take(pageRows).ToListAsync(cancellationToken);
        return new RegisterPage([.. lines.Select(RowOf)], total);
    }

    /// <summary>How many members of each EPCI stand where, by the EPCI's name.</summary>
    public async Task<IReadOnlyList<EpciCount>> CountByEpciAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var counts = await RegisterListing.All(db)
            .GroupBy(line => new
            {
                line.File!.EpciSiren,
                Standing = line.File == null ? MemberStanding.Known : line.File.Standing,
            })
            .Select(group => new
            {
                group.Key.EpciSiren,
                group.Key.Standing,
                Name = group.Max(line => line.File!.EpciName),
                Count = group.Count(),
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. counts.GroupBy(count => count.EpciSiren)
                .Select(epci => new EpciCount(
                    epci.Key, epci.Max(count => count.Name),
                    epci.ToDictionary(count => count.Standing, count => count.Count)))
                .OrderBy(epci => epci.EpciSiren is null)
                .ThenBy(epci => FoldedText.Of(epci.EpciName ?? ""), StringComparer.Ordinal),
        ];
    }

    /// <summary>A member's whole file; <see langword="null"/> if the caller sees no such member.</summary>
    public async Task<MemberView?> FindAsync(Caller caller, MemberId id, CancellationToken cancellationToken)
    {
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        var line = await RegisterListing.All(db)
            .SingleOrDefaultAsync(each => each.Member.MemberId == id, cancellationToken);
        if (line is null) return null;

        var sites = await db.Sites.AsNoTracking().Where(row => row.MemberId == id).OrderBy(row => row.Name)
            .ToListAsync(cancellationToken);
        var inventory = await db.Inventory.AsNoTracking().Where(row => row.MemberId == id)
            .OrderBy(row => row.Label).ToListAsync(cancellationToken);
        var contacts = await db.Contacts.AsNoTracking().Where(row => row.MemberId == id).Include(row => row.Roles)
            .OrderBy(row => row.Name).ToListAsync(cancellationToken);
        return ViewOf(line, sites, inventory, contacts, _turns.Time.Today());
    }

    /// <summary>Adds a member at level 1.</summary>
    public async Task<SaveResult<MemberId>> AddAsync(
        Caller caller, Siret siret, MemberDraft draft, CancellationToken cancellationToken)
    {
        var scope = MemberAccess.DemandChange(caller);
        var tidied = draft.Tidied();
        var check = tidied.Check(_turns.Time.Today());
        if (!check.IsRight) return new SaveResult<MemberId>.Invalid(check.Mistakes);

        await using var db = await _contexts.OpenAsync(scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = _turns.Time.GetUtcNow();
        var added = await MemberRoll.AddAsync(
            db, [new NewMember(tidied.Name, siret, tidied.Population, FirstLevel)], now, cancellationToken);
        if (!added.TryGetValue(siret, out var id))
            return new SaveResult<MemberId>.Refused(SaveRefusal.SiretTaken);

        var file = new MemberFile { MemberId = id };
        file.Describe(tidied, siret.Value[..9], now);
        db.Files.Add(file);
        await _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, "member-added", id, ("siret", siret.Value), ("name", tidied.Name)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SaveResult<MemberId>.Saved(id);
    }

    /// <summary>Replaces a member's data. The SIRET stays: another one is another body.</summary>
    /// <param name="seen">Revision of what the form showed; none to replace whatever is there.</param>
    public async Task<SaveResult<MemberId>> ChangeAsync(
        Caller caller, MemberId id, MemberDraft draft, string? seen, CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenAsync(caller, id, cancellationToken);
        if (turn is null) return new SaveResult<MemberId>.NotFound();

        var tidied = draft.Tidied();
        var check = tidied.Check(_turns.Time.Today());
        if (!check.IsRight) return new SaveResult<MemberId>.Invalid(check.Mistakes);

        if (!Revision.IsStill(seen, DataOf(turn.Member, turn.File))) return new SaveResult<MemberId>.Outdated();

        turn.File.Describe(tidied, turn.Member.Siret[..9], _turns.Time.GetUtcNow());
        await MemberRoll.ChangeAsync(turn.Db, id, tidied.Name, tidied.Population, cancellationToken);
        await turn.EndAsync("member-changed", [("name", tidied.Name)], cancellationToken);
        return new SaveResult<MemberId>.Saved(id);
    }

    /// <summary>Replaces how to reach a member, which its own people may too.</summary>
    /// <param name="seen">As for <see cref="ChangeAsync"/>: revision of the whole file.</param>
    public async Task<SaveResult<MemberId>> ChangeReachAsync(
        Caller caller, MemberId id, MemberReach reach, string? seen, CancellationToken cancellationToken)
    {
        await using var turn = await _turns.OpenDetailsAsync(caller, id, cancellationToken);
        if (turn is null) return new SaveResult<MemberId>.NotFound();

        var tidied = reach.Tidied();
        var check = tidied.Check();
        if (!check.IsRight) return new SaveResult<MemberId>.Invalid(check.Mistakes);
        if (!Revision.IsStill(seen, DataOf(turn.Member, turn.File))) return new SaveResult<MemberId>.Outdated();

        turn.File.Reach(tidied, _turns.Time.GetUtcNow());
        await turn.EndAsync("member-reach-changed", [], cancellationToken);
        return new SaveResult<MemberId>.Saved(id);
    }

    /// <summary>All lines of the register that the query wants, in its order, for an export; its page does not count.
    /// That they were taken out is an entry in the journal.</summary>
    public async Task<IReadOnlyList<RegisterRow>> ExportAsync(
        Caller caller, RegisterQuery query, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.SeeMembers);
        await using var db = await _turns.ReadAsync(caller, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var lines = await RegisterListing
            .Sorted(RegisterListing.Matching(db, query), query.Sort, query.Descending)
            .ToListAsync(cancellationToken);
        await _journal.AppendAsync(
            db,
            PrivilegedAct.Of(
                caller, "register-exported", null, ("count", lines.Count.ToString(CultureInfo.InvariantCulture))),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return [.. lines.Select(RowOf)];
    }

    private static RegisterRow RowOf(RegisterListing.Line line) => new(
        line.Member.MemberId, line.Member.Name, line.Member.Siret, line.Member.Population, line.Member.Level,
        line.File?.Kind, line.File?.Class, line.File?.Standing ?? MemberStanding.Known, line.File?.CommuneCode,
        line.File?.Departement, line.File?.EpciSiren, line.File?.EpciName);

    private static MemberView ViewOf(
        RegisterListing.Line line, List<Site> sites, List<InventoryItem> inventory, List<Contact> contacts,
        DateOnly today) => new(
        line.Member.MemberId, line.Member.Siret, line.Member.Siret[..9], line.Member.Level,
        line.File?.Standing ?? MemberStanding.Known, DataOf(line.Member, line.File),
        [.. sites.Select(site => new SiteView(site.Id, site.ToDraft()))],
        [.. inventory.Select(item => new InventoryView(item.Id, item.ToDraft()))],
        [.. contacts.Select(contact => ContactOf(contact, today))]);

    private static MemberDraft DataOf(MemberRow member, MemberFile? file) => new()
    {
        Name = member.Name,
        Population = member.Population,
        Kind = file?.Kind,
        Class = file?.Class,
        PopulationYear = file?.PopulationYear,
        CommuneCode = file?.CommuneCode,
        Departement = file?.Departement,
        EpciSiren = file?.EpciSiren,
        EpciName = file?.EpciName,
        Street = file?.Street,
        PostalCode = file?.PostalCode,
        City = file?.City,
        Mail = file?.Mail,
        Phone = file?.Phone,
        Website = file?.Website,
    };

    private static ContactView ContactOf(Contact contact, DateOnly today) => new(
        contact.Id, contact.ToDraft(),
        [
            .. contact.Roles.OrderByDescending(role => role.From)
                .Select(role => new HeldRoleView(role.Role, role.From, role.Until, role.IsHeldOn(today))),
        ]);
}

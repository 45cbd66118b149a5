using Beffroi.Identity.Access;
using Beffroi.Identity.Account;
using Beffroi.Identity.Database;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.People;

/// <summary>The people whom a caller manages. Lives as long as a request.</summary>
public sealed class PeopleDirectory
{
    /// <summary>Rows of a page.</summary>
    public const int PageRows = 50;

    private readonly IdentityDb _db;
    private readonly ScopedContexts<IdentityDb> _scoped;
    private readonly PeopleReach _reach;
    private readonly TimeProvider _time;

    internal PeopleDirectory(
        IdentityDb db, ScopedContexts<IdentityDb> scoped, PeopleReach reach, TimeProvider time) =>
        (_db, _scoped, _reach, _time) = (db, scoped, reach, time);

    /// <summary>The members for which the caller may invite people, by name.</summary>
    public async Task<IReadOnlyList<(MemberId Id, string Name)>> ListMembersAsync(
        Caller caller, CancellationToken cancellationToken)
    {
        await using var seen = await _scoped.OpenAsync(
            caller.ScopeOf(Permission.ManagePeople), cancellationToken);
        var rows = await seen.Members.OrderBy(row => row.Name).Select(row => new { row.Id, row.Name })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => (row.Id, row.Name))];
    }

    /// <summary>The roles that the caller may give for a member, or, without one, for the operator.</summary>
    public static IReadOnlyList<Role> GivableRoles(Caller caller, MemberId? member) =>
        [.. Enum.GetValues<Role>().Where(role => PeopleReach.MayGive(caller, role, member))];

    /// <summary>People by name.</summary>
    /// <exception cref="AccessDeniedException">The caller manages no people.</exception>
    public async Task<PeoplePage> ListAsync(Caller caller, PeopleFilter filter, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePeople);
        await using var seen = await _scoped.OpenAsync(
            caller.ScopeOf(Permission.ManagePeople), cancellationToken);
        var wanted = await WantedAsync(caller, seen, filter, cancellationToken);
        var count = await wanted.CountAsync(cancellationToken);
        var rows = await wanted.OrderBy(row => row.Name).ThenBy(row => row.Id)
            .Skip((Math.Max(1, filter.Page) - 1) * PageRows).Take(PageRows).AsNoTracking()
            .ToListAsync(cancellationToken);
        return new PeoplePage(await SummariesAsync(caller, seen, rows, cancellationToken), count);
    }

    /// <summary>One person; none if there is nobody of that id whom the caller manages.</summary>
    public async Task<PersonSummary?> FindAsync(Caller caller, PersonId id, CancellationToken cancellationToken)
    {
        if (await _reach.FindAsync(caller, id, cancellationToken) is not { } person) return null;

        await using var seen = await _scoped.OpenAsync(
            caller.ScopeOf(Permission.ManagePeople), cancellationToken);
        return (await SummariesAsync(caller, seen, [person], cancellationToken))[0];
    }

    private async Task<IQueryable<Person>> WantedAsync(
        Caller caller, IdentityDb seen, PeopleFilter filter, CancellationToken cancellationToken)
    {
        var wanted = _db.People.AsQueryable();
        if (!caller.ScopeOf(Permission.ManagePeople).IsPlatform || filter.Member is not null || filter.StaffOnly)
        {
            var now = _time.GetUtcNow();
            var roles = seen.HeldRoles.Where(row => row.Until == null || row.Until > now);
            if (filter.Member is { } member) roles = roles.Where(row => row.MemberId == member);
            if (filter.StaffOnly) roles = roles.Where(row => row.MemberId == null);
            var ids = await roles.Select(row => row.PersonId).Distinct().ToListAsync(cancellationToken);
            wanted = wanted.Where(row => ids.Contains(row.Id));
        }
        if (string.IsNullOrWhiteSpace(filter.Text)) return wanted;

        var text = $"%{Escape(filter.Text.Trim())}%";
        return wanted.Where(row =>
            EF.Functions.ILike(row.Name, text, "\\") || EF.Functions.ILike(row.Email!, text, "\\"));
    }

    private async Task<IReadOnlyList<PersonSummary>> SummariesAsync(
        Caller caller, IdentityDb seen, List<Person> people, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var ids = people.ConvertAll(person => person.Id);
        var shown = await seen.HeldRoles
            .Where(row => ids.Contains(row.PersonId) && (row.Until == null || row.Until > now))
            .OrderBy(row => row.From).ToListAsync(cancellationToken);
        var all = await _db.HeldRoles.AsNoTracking()
            .Where(row => ids.Contains(row.PersonId) && (row.Until == null || row.Until > now))
            .ToListAsync(cancellationToken);
        var names = await seen.Members.ToDictionaryAsync(row => row.Id, row => row.Name, cancellationToken);
        var invited = await _db.Set<IdentityUserToken<Guid>>()
            .Where(row => ids.Contains(row.UserId) && row.LoginProvider == AccountNotes.Provider
                && row.Name == AccountNotes.Invited)
            .ToDictionaryAsync(row => row.UserId, row => row.Value, cancellationToken);
        var withPasskey = await _db.Set<IdentityUserPasskey<Guid>>().Where(row => ids.Contains(row.UserId))
            .Select(row => row.UserId).Distinct().ToListAsync(cancellationToken);
        return
        [
            .. people.Select(person =>
            {
                var invitedAt = AccountNotes.Parse(invited.GetValueOrDefault(person.Id));
                return new PersonSummary(
                    person.PersonId, person.Name, person.Email!, StateOf(person, invitedAt, now), invitedAt,
                    person.LastSignInAt, person.TwoFactorEnabled, withPasskey.Contains(person.Id),
                    [.. shown.Where(row => row.PersonId == person.Id).Select(row => SummaryOf(caller, row, names))],
                    PeopleReach.IsWhole(caller, [.. all.Where(row => row.PersonId == person.Id)]));
            }),
        ];
    }

    private static RoleSummary SummaryOf(Caller caller, HeldRole row, Dictionary<MemberId, string> names) => new(
        row.Id, row.Role, row.MemberId, row.MemberId is { } member ? names.GetValueOrDefault(member) : null, row.From,
        row.Until, PeopleReach.MayGive(caller, row.Role, row.MemberId));

    private static AccountState StateOf(Person person, DateTimeOffset? invitedAt, DateTimeOffset now) => person switch
    {
        { DisabledAt: not null } => AccountState.Disabled,
        { IsReported: true } => AccountState.Locked,
        { EmailConfirmed: true } => AccountState.Active,
        _ => invitedAt + OneTimeLinks.InvitationLifetime > now ? AccountState.Invited : AccountState.InvitationExpired,
    };

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}

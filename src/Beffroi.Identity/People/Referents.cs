using Beffroi.Identity.Access;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.People;

/// <summary>Somebody to write to.</summary>
public sealed record Correspondent(string Name, string Email);

/// <summary>Whom to tell what concerns a member. For jobs: asks for no caller.</summary>
public sealed class Referents
{
    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly TimeProvider _time;

    internal Referents(IDbContextFactory<IdentityDb> contexts, TimeProvider time) =>
        (_contexts, _time) = (contexts, time);

    /// <summary>For each of these members the first référent of today with an account in use, by name.</summary>
    public async Task<IReadOnlyDictionary<MemberId, Correspondent>> ListAsync(
        IReadOnlyCollection<MemberId> members, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var now = _time.GetUtcNow();
        var found = await (
            from role in db.HeldRoles
            join person in db.People on role.PersonId equals person.Id
            where role.MemberId != null && members.Contains(role.MemberId.Value) && role.Role == Role.Referent
                && role.From <= now && (role.Until == null || role.Until > now) && person.DisabledAt == null
            select new { Member = role.MemberId!.Value, person.Name, person.Email }).ToListAsync(cancellationToken);
        return found.GroupBy(each => each.Member).ToDictionary(
            group => group.Key, group => group.OrderBy(each => each.Name, StringComparer.Ordinal)
                .Select(each => new Correspondent(each.Name, each.Email!)).First()); // Accounts have an address.
    }

    /// <summary>The operator's people of today who look after the night's watch, by name.</summary>
    public async Task<IReadOnlyList<Correspondent>> ListWatchersAsync(CancellationToken cancellationToken)
    {
        Role[] watching =
            [.. Enum.GetValues<Role>().Where(role => Rights.IsOperators(role) && Rights.Of(role).Contains(
                Permission.Watch))];
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var now = _time.GetUtcNow();
        var found = await (
            from role in db.HeldRoles
            join person in db.People on role.PersonId equals person.Id
            where role.MemberId == null && watching.Contains(role.Role) && role.From <= now
                && (role.Until == null || role.Until > now) && person.DisabledAt == null
            select new { person.Name, person.Email }).Distinct().ToListAsync(cancellationToken);
        return [.. found.OrderBy(each => each.Name, StringComparer.Ordinal)
            .Select(each => new Correspondent(each.Name, each.Email!))];
    }

    /// <summary>The member's référents of today with an account in use, by name.</summary>
    public async Task<IReadOnlyList<Correspondent>> ListAsync(MemberId member, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var now = _time.GetUtcNow();
        var found = await (
            from role in db.HeldRoles
            join person in db.People on role.PersonId equals person.Id
            where role.MemberId == member && role.Role == Role.Referent && role.From <= now
                && (role.Until == null || role.Until > now) && person.DisabledAt == null
            orderby person.Name
            select new { person.Name, person.Email }).Distinct().ToListAsync(cancellationToken);
        return [.. found.OrderBy(each => each.Name).Select(each => new Correspondent(each.Name, each.Email!))];
    }
}

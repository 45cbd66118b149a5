using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.People;

/// <summary>Whom a caller may manage. The accounts' table belongs to no member, so the wall stands at the roles: an
/// account is seen through a role that the caller's own connection to the database sees.</summary>
internal sealed class PeopleReach(IdentityDb db, ScopedContexts<IdentityDb> scoped, TimeProvider time)
{
    /// <summary>The account, or none if the caller manages nobody there; another member's person and nobody are the
    /// same.</summary>
    /// <exception cref="AccessDeniedException">The caller manages no people at all.</exception>
    internal async Task<Person?> FindAsync(Caller caller, PersonId id, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePeople);
        var scope = caller.ScopeOf(Permission.ManagePeople);
        if (!scope.IsPlatform)
        {
            var now = time.GetUtcNow();
            await using var seen = await scoped.OpenAsync(scope, cancellationToken);
            var isSeen = await seen.HeldRoles.AnyAsync(
                row => row.PersonId == id.Value && (row.Until == null || row.Until > now), cancellationToken);
            if (!isSeen) return null;
        }
        return await db.People.SingleOrDefaultAsync(row => row.Id == id.Value, cancellationToken);
    }

    /// <summary>All roles of an account that hold now or later, those of other members too: to decide, never to
    /// show.</summary>
    internal async Task<IReadOnlyList<HeldRole>> RolesAsync(Guid person, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await db.HeldRoles.Where(row => row.PersonId == person && (row.Until == null || row.Until > now))
            .OrderBy(row => row.From).ToListAsync(cancellationToken);
    }

    /// <summary>Whether a caller manages all that an account is for. An account that is for nothing any more is the
    /// operator's.</summary>
    internal static bool IsWhole(Caller caller, IReadOnlyCollection<HeldRole> roles) =>
        roles.Count == 0
            ? caller.ScopeOf(Permission.ManagePeople).IsPlatform
            : roles.All(row => MayGive(caller, row.Role, row.MemberId));

    /// <summary>Whether a caller may give or end a role: nobody gives more than they may do themselves.</summary>
    internal static bool MayGive(Caller caller, Role role, MemberId? member)
    {
        if (member is not { } known) return Rights.IsOperators(role) && caller.Can(Permission.ManageStaff);
        if (Rights.IsOperators(role)) return false;

        var scope = caller.ScopeOf(Permission.ManagePeople);
        return scope.IsPlatform
            || (scope.Contains(known) && Rights.Of(role).All(permission => caller.Can(permission, known)));
    }

    /// <summary>Whether taking this person away leaves a member without a référent who can act. Locks the member until
    /// the transaction ends: of two référents who remove each other, one stays.</summary>
    internal async Task<bool> IsLastReferentAsync(MemberId member, Guid person, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"select 1 from identity.members where id = {member.Value} for update", cancellationToken);
        var now = time.GetUtcNow();
        var able = await (
            from row in db.HeldRoles
            join account in db.People on row.PersonId equals account.Id
            where row.MemberId == member && row.Role == Role.Referent && row.From <= now
                && (row.Until == null || row.Until > now) && account.DisabledAt == null
                && (account.PasswordHash != null || account.LastSignInAt != null)
            select account.Id).Distinct().ToListAsync(cancellationToken);
        return able.Count == 1 && able[0] == person;
    }

    /// <summary>The accounts that act as référent of one of these members now.</summary>
    internal async Task<IReadOnlyList<Person>> ReferentsAsync(
        IReadOnlyCollection<MemberId> members, CancellationToken cancellationToken) =>
        await HoldersAsync(
            row => row.Role == Role.Referent && members.Contains(row.MemberId!.Value), cancellationToken);

    /// <summary>The operator's management.</summary>
    internal Task<IReadOnlyList<Person>> DirectionAsync(CancellationToken cancellationToken) =>
        HoldersAsync(row => row.Role == Role.Direction, cancellationToken);

    private async Task<IReadOnlyList<Person>> HoldersAsync(
        System.Linq.Expressions.Expression<Func<HeldRole, bool>> which, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ids = db.HeldRoles.Where(row => row.From <= now && (row.Until == null || row.Until > now))
            .Where(which).Select(row => row.PersonId);
        return await db.People.Where(row => row.DisabledAt == null && ids.Contains(row.Id))
            .OrderBy(row => row.Name).ToListAsync(cancellationToken);
    }
}

using Beffroi.Identity.Access;

namespace Beffroi.Business.Members;

/// <summary>Who sees a member's file: the operator's people who see the register, and at the member itself those who
/// manage its people. The operator changes it, and the latter what they know best.</summary>
internal static class MemberAccess
{
    /// <summary>The members whose file the caller may read.</summary>
    /// <exception cref="AccessDeniedException">None, whatever the member.</exception>
    internal static AccessScope DemandSight(Caller caller)
    {
        if (caller.Can(Permission.SeeMembers)) return ScopeOf(caller, Permission.SeeMembers);

        if (!caller.Can(Permission.ManagePeople)) throw new AccessDeniedException(Permission.SeeMembers, caller.Actor);
        return ScopeOf(caller, Permission.ManagePeople);
    }

    /// <summary>The members whose file the caller may change.</summary>
    /// <exception cref="AccessDeniedException">None, whatever the member.</exception>
    internal static AccessScope DemandChange(Caller caller)
    {
        caller.Demand(Permission.ManageMembers);
        return ScopeOf(caller, Permission.ManageMembers);
    }

    /// <summary>The members for whom the caller may keep contacts, sites, inventory and the ways to reach them up to
    /// date: the member's own people know these best.</summary>
    /// <exception cref="AccessDeniedException">None, whatever the member.</exception>
    internal static AccessScope DemandDetails(Caller caller)
    {
        if (caller.IsStaff || !caller.Can(Permission.ManagePeople)) return DemandChange(caller);

        return ScopeOf(caller, Permission.ManagePeople);
    }

    /// <summary>Not all that the caller sees: a role at one member gives no right at another.</summary>
    private static AccessScope ScopeOf(Caller caller, Permission permission) => caller.IsStaff
        ? caller.Scope
        : AccessScope.Of(caller.Scope.Members.Where(member => caller.Can(permission, member)));
}

using Beffroi.Identity;
using Beffroi.Identity.Access;

namespace Beffroi.Fleet.Devices;

/// <summary>The part of what a caller sees in which a permission holds: somebody can be référent of one member and
/// mere agent of another, and a list over both must hold the first one's rows only.</summary>
internal static class PermittedScope
{
    /// <param name="member">One member, or all.</param>
    /// <exception cref="AccessDeniedException">The permission holds nowhere, or not there.</exception>
    internal static AccessScope Of(Caller caller, Permission permission, MemberId? member)
    {
        caller.Demand(permission, member);
        if (member is { } one) return caller.Scope.Contains(one) ? AccessScope.Of(one) : AccessScope.Nobody;
        return caller.ScopeOf(permission);
    }
}

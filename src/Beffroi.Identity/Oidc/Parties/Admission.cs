using Beffroi.Identity.Access;

namespace Beffroi.Identity.Oidc.Parties;

/// <summary>A body for which somebody comes to a service: a member, or the operator itself.</summary>
/// <param name="Member">None of the operator.</param>
internal sealed record Organization(MemberId? Member, string Name, Siret? Siret, IReadOnlyList<Role> Roles);

/// <summary>Who may come to a service, and for whom.</summary>
internal static class Admission
{
    /// <summary>The bodies for which the person is admitted, that of the oldest role first; none if the service is not
    /// for them.</summary>
    /// <param name="chosen">The members that the service was chosen for.</param>
    /// <param name="held">The roles held now, the oldest first, with the body each is for.</param>
    internal static IReadOnlyList<Organization> Of(
        RelyingParty party, IReadOnlySet<MemberId> chosen, IEnumerable<(Role Role, Organization Body)> held)
    {
        if (party.DisabledAt is not null) return [];
        return
        [
            .. held.Where(each => IsFor(party, chosen, each.Role, each.Body.Member))
                .GroupBy(each => each.Body.Member)
                .Select(roles => roles.First().Body with { Roles = [.. roles.Select(each => each.Role).Distinct()] }),
        ];
    }

    /// <summary>Whether a role brings the service. A provider helps a member with its backups, and is none of its
    /// people.</summary>
    internal static bool IsFor(RelyingParty party, IReadOnlySet<MemberId> chosen, Role role, MemberId? member) =>
        member is { } of
            ? role != Role.Provider && (party.IsForAllMembers || chosen.Contains(of))
            : party.IsForStaff;
}

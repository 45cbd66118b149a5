namespace Beffroi.Identity.Access;

/// <summary>A role that somebody holds now.</summary>
/// <param name="Member">The member it was given for; none for a role of the operator.</param>
public sealed record RoleGrant(Role Role, MemberId? Member);

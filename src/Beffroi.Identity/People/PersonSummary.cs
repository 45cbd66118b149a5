using Beffroi.Identity.Access;

namespace Beffroi.Identity.People;

/// <summary>How an account stands.</summary>
public enum AccountState
{
    /// <summary>The person can sign in.</summary>
    Active,

    /// <summary>The invitation was mailed and not used yet.</summary>
    Invited,

    /// <summary>The invitation was not used in time.</summary>
    InvitationExpired,

    /// <summary>Shut by who manages people.</summary>
    Disabled,

    /// <summary>Reported as compromised: waits for its owner to choose a new password.</summary>
    Locked,
}

/// <summary>An account as who manages people sees it.</summary>
/// <param name="Roles">Those that the caller sees, held now or later.</param>
/// <param name="IsWhole">Whether the caller manages all that this account is for, and so may shut it.</param>
public sealed record PersonSummary(
    PersonId Id, string Name, string Email, AccountState State, DateTimeOffset? InvitedAt, DateTimeOffset? LastSignInAt,
    bool HasSecondFactor, bool HasPasskey, IReadOnlyList<RoleSummary> Roles, bool IsWhole);

/// <summary>A role that somebody holds, or will.</summary>
/// <param name="Member">None for a role of the operator.</param>
/// <param name="Until">From when on it holds no more.</param>
/// <param name="MayEnd">Whether the caller may end it.</param>
public sealed record RoleSummary(
    Guid Id, Role Role, MemberId? Member, string? MemberName, DateTimeOffset From, DateTimeOffset? Until, bool MayEnd);

/// <summary>Which people are wanted.</summary>
/// <param name="Text">Part of a name or address.</param>
/// <param name="Page">From 1.</param>
public sealed record PeopleFilter(MemberId? Member = null, string? Text = null, bool StaffOnly = false, int Page = 1);

/// <summary>One page of people.</summary>
/// <param name="Count">How many there are on all pages.</param>
public sealed record PeoplePage(IReadOnlyList<PersonSummary> People, int Count);
